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

  /** Every output channel, for kernels that look rows up. */
  private final int[] rows;

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

  PackedConvWeight(Tensor weight, Tensor bias, int groups, ConvKernels kernels) {
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
    this.rows = new int[weight.rows()];
    Arrays.setAll(rows, r -> r);
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

  /**
   * Returns what {@link #forward} reads through: two numbers for each column of the weight.
   *
   * @param distances how far the pixel that a column meets lies from the output's place
   */
  public int[] taps(int[] distances) {
    int[] taps = new int[2 * fanIn];
    for (int k = 0; k < fanIn; k++) {
      taps[2 * k] = distances[k];
      taps[2 * k + 1] = k * width;
    }
    return taps;
  }

  /**
   * Computes the runs of some tiles' output channels.
   *
   * @param from first tile
   * @param to behind the last tile
   * @param length floats of a run, a multiple of 16
   * @param lanes images side by side
   * @param groupStep floats between the first channels of two groups of inputs
   * @param taps what {@link #taps} gave for the layout of {@code x}
   * @param relu whether a sum {@code s <= 0} becomes +0
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
      int[] taps,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    int parts = lanes == Nchw16n.LANES ? Math.ceilDiv(fanIn, COLUMNS_AT_ONCE) : 1;
    int vector = kernels.lanes();
    for (int part = 0; part < parts; part++) {
      int firstColumn = Ranges.begin(fanIn, part, parts);
      int endColumn = Ranges.begin(fanIn, part + 1, parts);
      boolean last = part == parts - 1;
      for (int j = 0; j < length; j += 2 * vector) {
        int second = j + vector < length ? vector : 0; // a last one by itself is computed twice
        for (int tile = from; tile < to; tile++) {
          kernels.tile(
              count(tile),
              endColumn - firstColumn,
              taps,
              2 * firstColumn,
              x,
              xo + tile / tilesPerGroup * groupStep + j,
              second,
              panels,
              start(tile),
              part > 0,
              last ? biases : NO_BIASES,
              last ? tile * width : 0,
              last ? clamp : Clamp.NONE,
              y,
              rows,
              first(tile),
              ldy,
              yo + j,
              second);
        }
      }
    }
  }
}
