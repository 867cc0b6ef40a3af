package org.espalier.io.onnx.read;

import java.nio.ByteBuffer;
import org.espalier.InputException;

/** Turns elements in the form of {@code raw_data} into numbers of Java. */
final class TensorValues {
  private TensorValues() {}

  static float[] floats(ElementType type, ByteBuffer bytes, int size) {
    float[] values = new float[size];
    if (type == ElementType.FLOAT) {
      bytes.asFloatBuffer().get(values);
      return values;
    }
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (type) {
            case DOUBLE -> (float) bytes.getDouble(Double.BYTES * i);
            case FLOAT16 -> Float.float16ToFloat(bytes.getShort(Short.BYTES * i));
            case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(Short.BYTES * i) << Short.SIZE);
            case UINT64 -> unsigned(bytes.getLong(Long.BYTES * i));
            default -> whole(type, bytes, i);
          };
    }
    return values;
  }

  /** Returns a number without sign; the bit that is cut off, if set, keeps it above a middle. */
  private static float unsigned(long value) {
    return value >= 0 ? value : 2f * ((value >>> 1) | (value & 1));
  }

  static long[] integers(OnnxTensor tensor, ByteBuffer bytes, int size) {
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] = whole(tensor.type(), bytes, i);
      if (tensor.type() == ElementType.UINT64 && values[i] < 0) {
        throw InputException.expected(
            tensor.where(), "elements below 2^63", Long.toUnsignedString(values[i]));
      }
    }
    return values;
  }

  /** Returns a whole number; one of 64 bits without sign may come out negative. */
  private static long whole(ElementType type, ByteBuffer bytes, int i) {
    return switch (type) {
      case BOOL -> bytes.get(i) == 0 ? 0 : 1;
      case INT8 -> bytes.get(i);
      case UINT8 -> bytes.get(i) & 0xff;
      case INT16 -> bytes.getShort(Short.BYTES * i);
      case UINT16 -> bytes.getShort(Short.BYTES * i) & 0xffff;
      case INT32 -> bytes.getInt(Integer.BYTES * i);
      case UINT32 -> bytes.getInt(Integer.BYTES * i) & 0xffff_ffffL;
      case INT64, UINT64 -> bytes.getLong(Long.BYTES * i);
      case INT4 -> nibble(bytes, i) << 28 >> 28;
      case UINT4 -> nibble(bytes, i);
      default -> throw new IllegalArgumentException("whole numbers of type " + type);
    };
  }

  /** Returns the element of 4 bits; of two in a byte the first is at the low end. */
  private static int nibble(ByteBuffer bytes, int i) {
    return bytes.get(i >> 1) >> (i % 2 * 4) & 0xf;
  }
}
