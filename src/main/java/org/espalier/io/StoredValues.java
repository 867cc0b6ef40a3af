package org.espalier.io;

import java.util.List;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a parameter as a file holds them, in one of the precisions.
 *
 * @param raw the elements: F32, F16, or I8, to be multiplied with the scale of their row
 * @param scales of the rows, F32, for I8
 */
record StoredValues(RawTensor raw, @Nullable RawTensor scales) {
  /** What the name of the scales has behind the parameter's. */
  static final String SCALES = ".scales";

  /**
   * Returns room for elements.
   *
   * @param suffix what the name of the elements has behind the parameter's
   * @param shape how the elements lie in the file
   * @param t the parameter, rounded to the precision
   */
  static StoredValues room(String name, String suffix, Shape shape, Precision precision, Tensor t) {
    RawTensor raw = RawTensor.zeros(name + suffix, type(precision), shape);
    if (precision != Precision.INT8) {
      return new StoredValues(raw, null);
    }
    RawTensor scales = RawTensor.zeros(name + SCALES, DType.F32, Shape.of(t.rows()));
    for (int r = 0; r < t.rows(); r++) {
      scales.setFloat(r, precision.scale(t, r));
    }
    return new StoredValues(raw, scales);
  }

  private static DType type(Precision precision) {
    return switch (precision) {
      case FP32 -> DType.F32;
      case FP16 -> DType.F16;
      case INT8 -> DType.I8;
    };
  }

  /** Returns the precision. */
  Precision precision() {
    return switch (raw.type()) {
      case I8 -> Precision.INT8;
      case F16 -> Precision.FP16;
      default -> Precision.FP32;
    };
  }

  /** Returns the tensors of the file. */
  List<RawTensor> tensors() {
    return scales == null ? List.of(raw) : List.of(raw, scales);
  }

  /** Sets element {@code i}, which belongs to row {@code row} of the parameter. */
  void set(int i, int row, float value) {
    if (scales != null) {
      raw.bytes()[i] = Precision.toInt8(value, scales.getFloat(row));
    } else if (raw.type() == DType.F16) {
      raw.buffer().putShort(Short.BYTES * i, Float.floatToFloat16(value));
    } else {
      raw.setFloat(i, value);
    }
  }

  /** Returns element {@code i}, which belongs to row {@code row} of the parameter. */
  float get(int i, int row) {
    if (scales != null) {
      return raw.bytes()[i] * scales.getFloat(row);
    }
    return raw.type() == DType.F16
        ? Float.float16ToFloat(raw.buffer().getShort(Short.BYTES * i))
        : raw.getFloat(i);
  }
}
