package org.espalier.kernel.contract;

/**
 * The loops of a convolution over feature maps that lie as {@link org.espalier.tensor.Nchw16n}
 * says: a pixel is sixteen floats, an image in each. {@code Convolution} cuts the maps into tiles;
 * a channel is named by an index that a leading dimension multiplies, so that the channels of a
 * tile need not be neighbours.
 *
 * <p>Every element of a map is one fma chain over the taps in the order of their list. The sums
 * over images and pixels have sixteen lanes, one for each image of a group, and are merged by the
 * fixed tree of {@link VectorKernels}.
 */
public interface ConvKernels {
  /** Floats of a pixel. */
  int PIXEL = 16;

  /** Channels of a tile of a map. */
  int channels();

  /** Floats of a vector, 4, 8 or 16; a tile is two vectors wide. */
  int lanes();

  /** The most vectors of a run, 2 or 3. */
  int vectors();

  /** Channels of the output in a tile of weight gradients. */
  int gradientOutputs();

  /** Channels of the input in a tile of weight gradients. */
  int gradientInputs();

  /**
   * Computes a tile of a map: of {@code count} channels two vectors, {@code v} = 0 and 1, that lie
   * {@code yd} apart. With {@code q = to + 2·p} the sum of channel {@code i} is the chain {@code Σ
   * panel[po + taps[q + 1] + i]·x[xo + v·xd + taps[q] + lane]} over {@code p} from 0 to {@code
   * steps} − 1. It goes, after {@code bias[bo + i]} is added, clamped to {@code y[yo + rows[ro +
   * i]·ldy + v·yd + lane]}.
   *
   * @param count 1 to {@link #channels()}; the panel has an element for each of these
   * @param taps for each step two numbers: where the pixel lies and where the weights
   * @param resume whether the chains go on from what stands in {@code y} instead of +0
   */
  void tile(
      int count,
      int steps,
      int[] taps,
      int to,
      float[] x,
      int xo,
      int xd,
      float[] panel,
      int po,
      boolean resume,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int[] rows,
      int ro,
      int ldy,
      int yo,
      int yd);

  /**
   * Computes a part of a run of pixels: of {@code count} channels {@code vectors·lanes()} floats
   * that follow each other. The sum of channel {@code i} is the chain {@code Σ panel[po +
   * k·channels() + i]·x[xo + distances[first + k] + j]} over {@code k} from 0 to {@code steps} − 1.
   * It goes, after {@code bias[bo + i]} is added, clamped to {@code y[yo + i·ldy + j]}.
   *
   * @param vectors 1 to {@link #vectors()}
   * @param count 1 to {@link #channels()}; the panel has {@link #channels()} elements for each step
   * @param resume whether the chains go on from what stands in {@code y} instead of +0
   */
  void run(
      int vectors,
      int count,
      int steps,
      float[] x,
      int xo,
      int[] distances,
      int first,
      float[] panel,
      int po,
      boolean resume,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy);

  /**
   * Computes runs of outputs that read one map each: {@code y[yo + c·ldy + i]} is the chain {@code
   * Σ w[wo + c·taps + k]·x[xo + c/outputsPerMap·ldx + distances[k] + i]} over {@code k} from 0 to
   * {@code taps} − 1, started at +0, then {@code bias[bo + c]} added and clamped, for {@code from
   * <= c < to} and {@code i < length}.
   *
   * @param length a multiple of {@link #PIXEL}
   * @param outputsPerMap how many outputs that follow each other read the same map
   */
  void depthwise(
      int from,
      int to,
      int length,
      int outputsPerMap,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int ldx,
      int[] distances,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy);

  /**
   * The same with strides: of {@code maps} every output {@code i} reads {@code x[… + at + lane]},
   * {@code at} being where it reads, and goes to {@code y[yo + c·ldy + r·ldRow + column·lanes +
   * lane]}. What lies between the rows of the output isn't touched. Behind the last float that is
   * read of {@code x} there is another one.
   */
  void depthwise(
      int from,
      int to,
      StridedMaps maps,
      int outputsPerMap,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int ldx,
      int[] distances,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy);

  /**
   * Goes on with a tile of weight gradients at one place of the window: {@code sums[so + (o·inputs
   * + c)·16 + lane]}, with {@code o < count} and {@code c < inputs} = {@link #gradientInputs()}, is
   * continued by the chain {@code Σ dy[dyo + dyRows[oo + o]·ldDy + pixels[q] + lane]·x[xo +
   * xRows[co + c]·ldX + pixels[q + 1] + lane]} over {@code q = po + 2·p}, {@code p} from 0 to
   * {@code steps} − 1.
   *
   * @param count 1 to {@link #gradientOutputs()}; the kernel may read as many rows and write sums
   *     of that many, of which the others mean nothing
   * @param pixels for each step two numbers: where the output's pixel lies and where the input's
   */
  void gradientTile(
      int count,
      int steps,
      int[] pixels,
      int po,
      float[] dy,
      int[] dyRows,
      int oo,
      int ldDy,
      int dyo,
      float[] x,
      int[] xRows,
      int co,
      int ldX,
      int xo,
      float[] sums,
      int so);

  /** Adds pixels: {@code sums[so + lane]} is continued by {@code x[xo + 16·p + lane]}. */
  void addPixels(int pixels, float[] x, int xo, float[] sums, int so);

  /**
   * Merges lanes: {@code y[yo + i]} becomes the sum of the sixteen lanes {@code sums[so + 16·i +
   * lane]} by the fixed tree, for {@code i < n}. A sum that is zero is +0.
   */
  void merge(int n, float[] sums, int so, float[] y, int yo);
}
