package org.espalier.kernel;

/**
 * Loops over one row of floats. Rows are given as array and index of the first element; {@code n}
 * elements are read or written and no other. Unless said otherwise an output may be the same row as
 * an input but must not overlap it in another way.
 *
 * <p>Sums go over 16 lanes, element {@code i} into lane {@code i mod 16} in ascending order, and
 * the lanes are merged by the fixed tree {@code (i, i+8)}, {@code (i, i+4)}, {@code (i, i+2)},
 * {@code (0, 1)}; so they do not depend on the width.
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

  /** {@code y[i] = x[i] <= 0 ? +0 : x[i]}; NaN stays NaN. */
  void relu(int n, float[] x, int xo, float[] y, int yo);

  /**
   * {@code dx[i] = y[i] > 0 ? dy[i] : +0}, where {@code y} is what {@link #relu} gave; NaN in
   * {@code y} gives +0.
   */
  void reluBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo);

  /** Returns Σ x[i] by the 16-lane rule. */
  float sum(int n, float[] x, int xo);

  /** Returns Σ x[i]·y[i], each lane an fma chain, by the 16-lane rule. */
  float dot(int n, float[] x, int xo, float[] y, int yo);

  /** Returns Σ x[i]², each lane an fma chain, by the 16-lane rule. */
  float squaredNorm(int n, float[] x, int xo);

  /** Returns max |x[i]|, 0 if {@code n} is 0, NaN if any is NaN. */
  float maxAbs(int n, float[] x, int xo);

  /** Returns whether no element is NaN or infinite. */
  boolean isFinite(int n, float[] x, int xo);

  /** {@code y[i] = exp(x[i])}. */
  void exp(int n, float[] x, int xo, float[] y, int yo);

  /** {@code y[i] = log(x[i])}. */
  void log(int n, float[] x, int xo, float[] y, int yo);
}
