package org.espalier.io.onnx;

/** Types of elements, of those of ONNX that are used here. */
enum OnnxType {
  FLOAT(1),
  UINT8(2),
  INT8(3),
  INT64(7),
  BOOL(9),
  FLOAT16(10),
  DOUBLE(11);

  private final int code;

  OnnxType(int code) {
    this.code = code;
  }

  /** Returns the number of {@code TensorProto.DataType}. */
  int code() {
    return code;
  }
}
