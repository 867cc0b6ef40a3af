package org.espalier.kernel.contract;

/**
 * Functions of single elements, {@code n} of a row. Rows are given as array and index of the first
 * element. An output may be the same row as an input but must not overlap it in another way.
 *
 * <p>Where a function has two operands each of them may repeat: with {@code period} 1 its first
 * element stands for all, with 16 its first sixteen, one for each image of a group, follow each
 * other again and again; with 0 it has an element for each.
 */
public interface PointwiseKernels {
  /** {@code y[i] = x[i] < 0 ? a·x[i] : x[i]}. */
  void leakyRelu(int n, float a, float[] x, int xo, float[] y, int yo);

  /** {@code y[i]} is {@code fma(a, x[i], b)} between the bounds 0 and 1. */
  void hardSigmoid(int n, float a, float b, float[] x, int xo, float[] y, int yo);

  /** {@code y[i] = x[i]·h}, {@code h} being {@link #hardSigmoid} of 1/6 and 1/2. */
  void hardSwish(int n, float[] x, int xo, float[] y, int yo);

  /** {@code y[i] = 1 / (1 + exp(-x[i]))}, by the exponential of {@link VectorKernels#exp}. */
  void sigmoid(int n, float[] x, int xo, float[] y, int yo);

  /**
   * {@code y[i] = x[i]·(1 / (1 + exp(-(a·x[i]))))}, by the exponential of {@link
   * VectorKernels#exp}. {@code y} must not be {@code x}.
   */
  void swish(int n, float a, float[] x, int xo, float[] y, int yo);

  /** {@code z[i] = x[i] + y[i]}. */
  void add(int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo);

  /** {@code z[i] = x[i] - y[i]}. */
  void subtract(int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo);

  /** {@code z[i] = x[i]·y[i]}. */
  void multiply(int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo);

  /** {@code z[i] = x[i] / y[i]}. */
  void divide(int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo);

  /** {@code z[i] = x[i] < 0 ? y[i]·x[i] : x[i]}. */
  void prelu(int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo);
}
