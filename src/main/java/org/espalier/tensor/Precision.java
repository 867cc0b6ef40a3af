package org.espalier.tensor;

import org.espalier.InputException;

/**
 * How the elements of a weight are stored. They are always computed with as floats: what is stored
 * narrower is widened when it is read. Rounding what is already rounded changes nothing, so a
 * weight may be stored, read and stored again without further loss.
 */
public enum Precision {
  /** As they are: 4 bytes. */
  FP32(Float.BYTES),

  /** As halves of IEEE 754, rounded to even: 2 bytes. */
  FP16(Short.BYTES),

  /**
   * As whole numbers from −127 to 127, a byte each, times a scale for each row. The scale is {@code
   * max|w| / 127} of the row, cut to 17 significant bits: then the product is exact, and the row
   * has the same scale again. It is 0 where it would be subnormal. A row whose {@linkplain
   * Tensor#steps step} is known and divides all of its elements that often keeps it as its scale.
   */
  INT8(Byte.BYTES);

  /** The largest whole number of {@link #INT8}. */
  public static final int MAX_INT8 = 127;

  /** Bits of a float's significand that the scale of a row leaves 0: a product with 7 bits fits. */
  private static final int FREE_BITS = 0x7f;

  /** The largest exponent of a half. */
  private static final int HALF_EXPONENT = 15;

  /** What a number is multiplied with to have the exponent that it may have as a half. */
  private static final double ROUNDING_UP = 1 + 0x3p-13;

  /** The least exponent of a power of two times which every half is a float. */
  private static final int LEAST_EXPONENT = -125;

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns how narrow a weight can be without further loss: {@link #INT8} instead of {@link #FP32}
   * if each of its rows is as many of its {@linkplain Tensor#steps step} as a byte holds.
   */
  public Precision of(Tensor weight) {
    float[] steps = weight.steps();
    if (this != FP32 || steps == null) {
      return this;
    }
    for (int r = 0; r < weight.rows(); r++) {
      int from = weight.row(r);
      if (!isMultiple(weight.data(), from, from + weight.cols(), steps[r])) {
        return FP32;
      }
    }
    return INT8;
  }

  /** Returns whether elements are bytes times a step, bit for bit. */
  private static boolean isMultiple(float[] row, int from, int to, float step) {
    boolean all = step > 0 && step <= Float.MAX_VALUE / MAX_INT8;
    for (int i = from; i < to && all; i++) {
      double times = Math.rint((double) row[i] / step);
      all =
          Math.abs(times) <= MAX_INT8
              && Float.floatToRawIntBits(((int) times) * step) == Float.floatToRawIntBits(row[i]);
    }
    return all;
  }

  /** Returns the bytes of an element; scales are not counted. */
  public int bytes() {
    return bytes;
  }

  /** Returns how many elements an int holds. */
  public int perInt() {
    return Integer.BYTES / bytes;
  }

  /**
   * Returns an element of those that an int holds, before a scale is applied.
   *
   * @param index 0 for the one at the low end
   */
  public float element(int code, int index) {
    int shifted = code >>> (index * bytes * Byte.SIZE);
    return switch (this) {
      case FP32 -> Float.intBitsToFloat(shifted);
      case FP16 -> Float.float16ToFloat((short) shifted);
      case INT8 -> (byte) shifted;
    };
  }

  /**
   * Returns the bits of the element nearest to {@code value / scale}, at the low end of an int, as
   * {@link #element} reads them.
   */
  public int code(float value, float scale) {
    return switch (this) {
      case FP32 -> Float.floatToRawIntBits(value / scale);
      case FP16 -> toHalf(value, scale) & 0xffff;
      case INT8 -> toInt8(value, scale) & 0xff;
    };
  }

  /**
   * Returns a matrix with each element as it is read back; what is rounded to zero is +0. For
   * {@link #FP32} that is the matrix itself, otherwise a new one.
   *
   * @param where the matrix's name, for the message
   * @throws InputException if an element of a narrower precision is NaN, infinite or too large
   */
  public Tensor round(Object where, Tensor t) {
    if (this == FP32) {
      return t;
    }
    Tensor rounded = Tensor.zeros(t.shape());
    for (int r = 0; r < t.rows(); r++) {
      float scale = scale(t, r);
      for (int c = 0; c < t.cols(); c++) {
        float w = t.get(r, c);
        float value =
            this == INT8 ? toInt8(w, scale) * scale : Float.float16ToFloat(Float.floatToFloat16(w));
        if (!Float.isFinite(w) || !Float.isFinite(value)) {
          throw InputException.expected(where, "finite weights that fit into " + this, w);
        }
        rounded.set(r, c, value == 0 ? 0 : value);
      }
    }
    rounded.setSteps(t.steps());
    return rounded;
  }

  /**
   * Returns a matrix with each element rounded relative to its row: to bytes or halves times {@link
   * #scale}. What {@link #round} gives stays as it is; and so do the whole numbers of {@link #INT8}
   * where a row was multiplied with any number since.
   *
   * @param where the matrix's name, for the message
   * @throws InputException if an element of a narrower precision is NaN or infinite
   */
  public Tensor roundRows(Object where, Tensor t) {
    if (this == FP32) {
      return t;
    }
    Tensor rounded = Tensor.zeros(t.shape());
    for (int r = 0; r < t.rows(); r++) {
      float scale = scale(t, r);
      for (int c = 0; c < t.cols(); c++) {
        float w = t.get(r, c);
        if (!Float.isFinite(w)) {
          throw InputException.expected(where, "finite weights, stored as " + this, w);
        }
        float value =
            this == INT8
                ? toInt8(w, scale) * scale
                : Float.float16ToFloat(toHalf(w, scale)) * scale;
        rounded.set(r, c, value == 0 ? 0 : value);
      }
    }
    rounded.setSteps(t.steps());
    return rounded;
  }

  /**
   * Returns the scale of a row: that of {@link #INT8}; for {@link #FP16} the power of two that
   * gives the largest element the largest exponent, at least 2⁻¹²⁵; otherwise 1. Elements that
   * aren't finite don't count.
   */
  public float scale(Tensor t, int row) {
    float[] steps = t.steps();
    return scale(t.data(), t.row(row), t.row(row) + t.cols(), steps == null ? 0 : steps[row]);
  }

  /**
   * Returns the scale of a row whose elements, zeros perhaps left out, lie in an array.
   *
   * @param from index of the first
   * @param to index behind the last
   * @param step of which the elements may be multiples; 0 if none is known
   */
  public float scale(float[] row, int from, int to, float step) {
    if (this == INT8 && isMultiple(row, from, to, step)) {
      return step;
    }
    float largest = 0;
    for (int i = from; i < to; i++) {
      float magnitude = Math.abs(row[i]);
      if (magnitude > largest && magnitude <= Float.MAX_VALUE) {
        largest = magnitude;
      }
    }
    return switch (this) {
      case FP32 -> 1;
      case FP16 ->
          Math.scalb(
              1f,
              Math.max(Math.getExponent(largest * ROUNDING_UP) - HALF_EXPONENT, LEAST_EXPONENT));
      case INT8 -> {
        int bits = Float.floatToRawIntBits(largest / MAX_INT8) & ~FREE_BITS;
        yield Float.intBitsToFloat(bits) < Float.MIN_NORMAL ? 0 : Float.intBitsToFloat(bits);
      }
    };
  }

  /** Returns the whole number nearest to {@code value / scale}, of two the even one. */
  public static byte toInt8(float value, float scale) {
    return scale == 0 ? 0 : (byte) Math.rint((double) value / scale);
  }

  /** Returns the half nearest to {@code value / scale}, of two the even one. */
  public static short toHalf(float value, float scale) {
    return Float.floatToFloat16(value / scale);
  }
}
