package org.espalier.sparse;

import java.util.Arrays;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;

/**
 * The values of a sparse matrix in the order in which a kernel meets them: floats; or halves of
 * IEEE 754 times a power of two for each row; or bytes times a scale for each row. The products are
 * exact.
 */
final class PackedValues {
  /** What a slot without an entry multiplies with: it leaves sums alone. */
  static final float PADDING = -0f;

  private final Precision precision;

  /** All values, if they are floats; else none. */
  private final float[] floats;

  /** All values, if they are halves; else none. */
  private final short[] halves;

  /** All values, if they are bytes; else none. */
  private final byte[] bytes;

  /** What the values of each row are to be multiplied with; none for floats. */
  private final float[] scales;

  /**
   * Makes room for values, all {@link #PADDING}.
   *
   * @param matrix whose rows' scales are those of the values
   */
  PackedValues(Precision precision, int size, CsrMatrix matrix) {
    this(precision, size, matrix.rows(), row -> matrix.scale(precision, row));
  }

  /** The same for the values of a matrix that isn't sparse. */
  PackedValues(Precision precision, int size, Tensor matrix) {
    this(precision, size, matrix.rows(), row -> precision.scale(matrix, row));
  }

  private PackedValues(Precision precision, int size, int rows, RowScale rowScale) {
    this.precision = precision;
    this.floats = new float[precision == Precision.FP32 ? size : 0];
    this.halves = new short[precision == Precision.FP16 ? size : 0];
    this.bytes = new byte[precision == Precision.INT8 ? size : 0];
    this.scales = new float[precision == Precision.FP32 ? 0 : rows];
    for (int r = 0; r < scales.length; r++) {
      float scale = rowScale.of(r);
      // A byte has no -0, but 0 times a number below 0 is.
      scales[r] = precision == Precision.INT8 ? -scale : scale;
    }
    Arrays.fill(floats, PADDING);
    Arrays.fill(halves, Float.floatToFloat16(PADDING));
  }

  /** Says by what the values of a row are multiplied. */
  @FunctionalInterface
  private interface RowScale {
    float of(int row);
  }

  /** Sets a value, which has been rounded to the precision. */
  void set(int i, int row, float value) {
    switch (precision) {
      case FP32 -> floats[i] = value;
      case FP16 -> halves[i] = Precision.toHalf(value, scales[row]);
      case INT8 -> bytes[i] = Precision.toInt8(value, scales[row]);
    }
  }

  /** Returns the scale of a row. */
  float scale(int row) {
    return precision == Precision.FP32 ? 1 : scales[row];
  }

  /**
   * Returns a value.
   *
   * @param scale that of its row
   */
  float get(int i, float scale) {
    return switch (precision) {
      case FP32 -> floats[i];
      case FP16 -> Float.float16ToFloat(halves[i]) * scale;
      case INT8 -> bytes[i] * scale;
    };
  }

  /** Returns the bytes that the arrays take. */
  long bytes() {
    return (long) Float.BYTES * (floats.length + scales.length)
        + (long) Short.BYTES * halves.length
        + bytes.length;
  }
}
