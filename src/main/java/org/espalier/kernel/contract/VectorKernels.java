package org.espalier.kernel.contract;

/**
 * Loops over one row of floats. Rows are given as array and index of the first element; {@code n}
 * elements are read or written and no other. Unless said otherwise an output may be the same row as
 * an input but must not overlap it in another way.
 *
 * <p>Sums go over 16 lanes, each started at +0, element {@code i} into lane {@code i mod 16} in
 * ascending order, and the lanes are merged by the fixed tree {@code (i, i+8)}, {@code (i, i+4)},
 * {@code (i, i+2)}, {@code (0, 1)}; so they do not depend on the width. A sum that is zero is +0.
 */
public interface VectorKernels {
  /** {@code y[i] = fma(a, x[i], y[i])}. */
  void axpy(int n, float a, float[] x, int xo, float[] y, int yo);

  /** {@code y[i] = y[i] + x[i]}. */
  void add(int n, float[] x, int xo, float[] y, int yo);

  /** {@code x[i] = a·x[i]}. */
  void scale(int n, float a, float[] x, int xo);

  /** {@code z[i] = x[i]·y[i]}. */
  void multiply(int n, float[] x, int xo, float[] y, int yo, float[] z, int zo);

  /**
   * Closes up: the elements of {@code x} whose bits are set, in order, become {@code y[0]} to
   * {@code y[count - 1]}. The rows must not overlap.
   *
   * @param bits row of bits; bit i is bit {@code i & 63} of {@code bits[bo + (i >>> 6)]}
   * @param count how many of the first {@code n} bits are set
   */
  void compress(int n, float[] x, int xo, long[] bits, int bo, int count, float[] y, int yo);

  /**
   * The reverse of {@link #compress}: {@code y[i] = bit i ? the next of x : +0} for {@code i < n}.
   */
  void expand(int n, float[] x, int xo, long[] bits, int bo, int count, float[] y, int yo);

  /**
   * {@code x[i] = bit i ? a·x[i] : +0}; a clear bit hides NaN too. Dropout, forward and backward.
   *
   * @param bits row of bits; bit i is bit {@code i & 63} of {@code bits[bo + (i >>> 6)]}
   * @param bo index of the row's first word
   */
  void keep(int n, float[] x, int xo, long[] bits, int bo, float a);

  /**
   * {@code y[i] = x[i] > 0 ? y[i] + a : x[i] < 0 ? y[i] - a : y[i]}: adds {@code a} times the
   * subgradient of Σ|x|, which is 0 at 0; NaN in {@code x} leaves {@code y} alone.
   */
  void addSigns(int n, float a, float[] x, int xo, float[] y, int yo);

  /** {@code y[i]} is {@code x[i]} between the bounds of a clamp. */
  void clamp(int n, Clamp clamp, float[] x, int xo, float[] y, int yo);

  /**
   * {@code dx[i] = y[i] > 0 ? dy[i] : +0}, where {@code y} is what {@link Clamp#RELU} gave; NaN in
   * {@code y} gives +0.
   */
  void reluBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo);

  /**
   * {@link #reluBackward} in place and the sums of the columns that it leaves, row by row: {@code
   * dy[i][j] = y[i][j] > 0 ? dy[i][j] : +0}, and {@code sums[j]} is one chain of additions, started
   * at +0, rows ascending.
   *
   * @param ldy distance between the starts of consecutive rows of {@code y}
   * @param lddy the same of {@code dy}
   * @param resume whether the chains go on from what stands in {@code sums}
   */
  void reluBackwardSums(
      int rows,
      int n,
      float[] y,
      int yo,
      int ldy,
      float[] dy,
      int dyo,
      int lddy,
      boolean resume,
      float[] sums,
      int so);

  /** Returns Σ x[i] by the 16-lane rule. */
  float sum(int n, float[] x, int xo);

  /** Returns Σ |x[i]| by the 16-lane rule. */
  float sumAbs(int n, float[] x, int xo);

  /** Returns Σ x[i]·y[i], each lane an fma chain, by the 16-lane rule. */
  float dot(int n, float[] x, int xo, float[] y, int yo);

  /** Returns Σ x[i]², each lane an fma chain, by the 16-lane rule. */
  float squaredNorm(int n, float[] x, int xo);

  /** Returns max |x[i]|, 0 if {@code n} is 0, NaN if any is NaN. */
  float maxAbs(int n, float[] x, int xo);

  /** Returns whether no element is NaN or infinite. */
  boolean isFinite(int n, float[] x, int xo);

  /**
   * {@code y[j] = x[0][j] + x[1][j] + …}: one chain of additions for each column, started at +0,
   * rows ascending. With no rows all sums are +0.
   *
   * @param n number of columns
   * @param x matrix [rows][n]
   * @param ld distance between the starts of consecutive rows of {@code x}
   * @param resume whether the chains go on from what stands in {@code y} instead of +0
   * @param y receives the sums; must not overlap {@code x}
   */
  void columnSums(int rows, int n, float[] x, int xo, int ld, boolean resume, float[] y, int yo);

  /**
   * {@code y[j] = x[0][j]² + x[1][j]² + …}: one fma chain for each column, started at +0, rows
   * ascending. With no rows all sums are +0.
   *
   * @param n number of columns
   * @param x matrix [rows][n]
   * @param ld distance between the starts of consecutive rows of {@code x}
   * @param y receives the sums; must not overlap {@code x}
   */
  void columnSquares(int rows, int n, float[] x, int xo, int ld, float[] y, int yo);

  /** {@code y[i] = fma(x[i], scale, shift)}, the bytes taken as unsigned: pixels become input. */
  void fromBytes(int n, byte[] x, int xo, float scale, float shift, float[] y, int yo);

  /**
   * {@code y[i] = exp(x[i])}, off by at most 1.01 ulp. Overflow gives +∞; what lies below the
   * smallest normal float, 2<sup>-126</sup>, is flushed to +0; NaN stays NaN.
   */
  void exp(int n, float[] x, int xo, float[] y, int yo);

  /**
   * {@code y[i] = log(x[i])}, off by at most 0.95 ulp, subnormals included. ±0 gives −∞, anything
   * below 0 NaN, +∞ stays +∞ and NaN stays NaN.
   */
  void log(int n, float[] x, int xo, float[] y, int yo);
}
