package org.espalier.io.onnx.translate;

import org.espalier.io.onnx.read.ElementType;

/**
 * The whole numbers of a type.
 *
 * @param least the smallest
 * @param most the largest
 */
record NumberRange(int least, int most) {
  /**
   * Returns the numbers of a type to which real ones are quantised.
   *
   * @throws Unsupported if it isn't one of those
   */
  static NumberRange of(ElementType type) throws Unsupported {
    return switch (type) {
      case UINT8 -> new NumberRange(0, 0xff);
      case INT8 -> new NumberRange(Byte.MIN_VALUE, Byte.MAX_VALUE);
      case UINT16 -> new NumberRange(0, 0xffff);
      case INT16 -> new NumberRange(Short.MIN_VALUE, Short.MAX_VALUE);
      case UINT4 -> new NumberRange(0, 0xf);
      case INT4 -> new NumberRange(-8, 7);
      case UNDEFINED,
          FLOAT,
          INT32,
          INT64,
          STRING,
          BOOL,
          FLOAT16,
          DOUBLE,
          UINT32,
          UINT64,
          COMPLEX64,
          COMPLEX128,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT4E2M1,
          FLOAT8E8M0,
          UINT2,
          INT2 ->
          throw new Unsupported("quantises to " + type);
    };
  }

  /** Returns the nearest of these numbers. */
  long clamp(double value) {
    return Math.clamp((long) value, least, most);
  }
}
