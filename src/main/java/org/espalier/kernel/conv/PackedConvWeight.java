package org.espalier.kernel.conv;

import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.parallel.Ranges;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Tensor;

/**
 * The dense weight of a convolution, packed once for maps that lie as {@link
 * org.espalier.tensor.PaddedNchw} says, and with it the bias. Every pixel is one fma chain from +0
 * over channel, row and column of the window ascending, the bias added last. Immutable.
 */
public final class PackedConvWeight {
  /** Columns of the weight whose pixels, sixteen images each, stay in the nearest cache. */
  private static final int COLUMNS_AT_ONCE = 576;

  /**
   * Floats of weights, half a mebibyte, that stay in a near cache while an image's pixels pass;
   * beyond it the pixels stay, while the tiles pass.
   */
  private static final long WEIGHTS_AT_ONCE = 1 << 17;

  /** −0 for each channel of a tile: see {@link org.espalier.kernel.contract}. */
  static final float[] NO_BIASES = new float[16];

  static {
    Arrays.fill(NO_BIASES, -0f);
  }

  private final ConvKernels kernels;
  private final int groups;
  private final int outputsPerGroup;
  private final int fanIn;
  private final int width;
  private final int tilesPerGroup;
  private final float[] panels;
  private final float[] biases;

  /**
   * Packs a weight.
   *
   * @param weight {@code [outputs][fanIn]}
   * @param bias one row of a value for each output, none of them −0
   * @param groups into how many parts the channels fall
   */
  public PackedConvWeight(Tensor weight, Tensor bias, int groups) {
    this(weight, bias, groups, Kernels.conv());
  }

  /** The same, with kernels that need not be the chosen ones. */
  public PackedConvWeight(Tensor weight, Tensor bias, int groups, ConvKernels kernels) {
    this.kernels = kernels;
    this.groups = groups;
    this.outputsPerGroup = weight.rows() / groups;
    this.fanIn = weight.cols();
    this.width = kernels.channels();
    this.tilesPerGroup = Math.ceilDiv(outputsPerGroup, width);
    int panel = Math.multiplyExact(fanIn, width);
    this.panels =
        new float[Math.addExact(Math.multiplyExact(tiles(), panel), Tensor.ALIGNED_START)];
    this.biases = new float[tiles() * width];
    for (int tile = 0; tile < tiles(); tile++) {
      for (int i = 0; i < count(tile); i++) {
        int row = first(tile) + i;
        biases[tile * width + i] = bias.get(0, row);
        int at = start(tile) + i;
        for (int k = 0; k < fanIn; k++) {
          panels[at + k * width] = weight.get(row, k);
        }
      }
    }
  }

  /** Returns into how many tiles of output channels the work falls. */
  public int tiles() {
    return groups * tilesPerGroup;
  }

  /** Returns the memory of weights and biases. */
  public long bytes() {
    return (long) Float.BYTES * (panels.length + biases.length);
  }

  /** Returns the first output channel of a tile; of that behind the last, the number of outputs. */
  public int first(int tile) {
    return tile / tilesPerGroup * outputsPerGroup + tile % tilesPerGroup * width;
  }

  private int count(int tile) {
    return Math.min(width, outputsPerGroup - tile % tilesPerGroup * width);
  }

  private int start(int tile) {
    return Tensor.ALIGNED_START + tile * fanIn * width;
  }

  /** Returns how many of the vectors that are left come next, so that no single one remains. */
  private int vectors(int left) {
    int most = kernels.vectors();
    return left <= most ? left : left == most + 1 ? Math.ceilDiv(left, 2) : most;
  }

  /**
   * Computes the runs of some tiles' output channels.
   *
   * @param from first tile
   * @param to behind the last tile
   * @param length floats of a run, a multiple of 16
   * @param lanes images side by side
   * @param groupStep floats between the first channels of two groups of inputs
   * @param distances for each column of the weight how far the pixel that it meets lies from the
   *     output's place
   * @param y receives output channel {@code r} at {@code yo + r·ldy}
   */
  public void forward(
      int from,
      int to,
      int length,
      int lanes,
      float[] x,
      int xo,
      int groupStep,
      int[] distances,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    if (lanes == Nchw16n.LANES) {
      int parts = Math.ceilDiv(fanIn, COLUMNS_AT_ONCE);
      for (int part = 0; part < parts; part++) {
        int first = Ranges.begin(fanIn, part, parts);
        int end = Ranges.begin(fanIn, part + 1, parts);
        columns(first, end, from, to, length, x, xo, groupStep, distances, clamp, y, yo, ldy);
      }
    } else if ((to - from) * (long) fanIn * width <= WEIGHTS_AT_ONCE) {
      columns(0, fanIn, from, to, length, x, xo, groupStep, distances, clamp, y, yo, ldy);
    } else {
      for (int tile = from; tile < to; tile++) {
        columns(0, fanIn, tile, tile + 1, length, x, xo, groupStep, distances, clamp, y, yo, ldy);
      }
    }
  }

  /** Computes what some columns of the weight add to the sums, all tiles for the same pixels. */
  private void columns(
      int firstColumn,
      int endColumn,
      int from,
      int to,
      int length,
      float[] x,
      int xo,
      int groupStep,
      int[] distances,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    int vector = kernels.lanes();
    boolean last = endColumn == fanIn;
    for (int j = 0; j < length; ) {
      int vectors = vectors((length - j) / vector);
      for (int tile = from; tile < to; tile++) {
        kernels.run(
            vectors,
            count(tile),
            endColumn - firstColumn,
            x,
            xo + tile / tilesPerGroup * groupStep + j,
            distances,
            firstColumn,
            panels,
            start(tile) + firstColumn * width,
            firstColumn > 0,
            last ? biases : NO_BIASES,
            last ? tile * width : 0,
            last ? clamp : Clamp.NONE,
            y,
            yo + first(tile) * ldy + j,
            ldy);
      }
      j += vectors * vector;
    }
  }
}
