package org.espalier.kernel.contract;

/**
 * Loops of batch normalisation over feature maps. A map is one channel of one group of sixteen
 * images, {@code pixels·16} floats that lie together; {@link org.espalier.tensor.Nchw16n} has the
 * layout.
 *
 * <p>Sums go over 16 lanes, each started at +0, pixels ascending; of lanes that belong to no image
 * of the batch nothing counts. The lanes are merged by the fixed tree of {@link VectorKernels}, in
 * which those count as +0.
 */
public interface NormKernels {
  /**
   * Computes mean and sum of squared deviations of a map, over the lanes that belong to images. A
   * lane's mean is the sum of its pixels divided by their number; its deviations from that mean are
   * squared and added in an fma chain. The mean of all is the merged lane means divided by {@code
   * lanes}; the deviations of all are the merged deviations of the lanes plus {@code pixels} times
   * the merged squares of (lane mean − mean).
   *
   * @param lanes how many lanes belong to images, 1 to 16
   * @param out receives the mean in {@code out[oo]} and the deviations in {@code out[oo + 1]}
   */
  void moments(int pixels, int lanes, float[] x, int xo, float[] out, int oo);

  /**
   * {@code y[i] = fma(x[i], scale, shift)} for {@code i < n}; between the bounds of a clamp. {@code
   * y} may be {@code x}.
   *
   * @param n a multiple of 16
   */
  void normalize(
      int n, float[] x, int xo, float scale, float shift, Clamp clamp, float[] y, int yo);

  /** {@code y[i] = fma(x[i], scale, shift) + r[i]}, and the rest as {@link #normalize}. */
  void normalizeAdd(
      int n,
      float[] x,
      int xo,
      float scale,
      float shift,
      float[] r,
      int ro,
      Clamp clamp,
      float[] y,
      int yo);

  /**
   * Computes the two sums that backward needs. With {@code relu} the gradient first goes back
   * through the rectifier, in place: {@code dy = y > 0 ? dy : +0}; without it {@code y} isn't read.
   *
   * @param mean the channel's mean
   * @param out receives Σ dy in {@code out[oo]} and Σ dy·(x − mean), an fma chain in each lane, in
   *     {@code out[oo + 1]}
   */
  void backwardSums(
      int pixels,
      int lanes,
      boolean relu,
      float[] x,
      int xo,
      float mean,
      float[] y,
      int yo,
      float[] dy,
      int dyo,
      float[] out,
      int oo);

  /**
   * {@code dx[i] = fma(a, dy[i], fma(b, x[i], c))} for {@code i < n}, or with {@code adds} that
   * much more than before. {@code dx} may be {@code dy}.
   *
   * @param n a multiple of 16
   */
  void backward(
      int n,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float a,
      float b,
      float c,
      boolean adds,
      float[] dx,
      int dxo);
}
