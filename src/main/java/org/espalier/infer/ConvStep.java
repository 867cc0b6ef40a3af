package org.espalier.infer;

import java.util.List;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.conv.PackedConvWeight;
import org.espalier.model.Elementwise;
import org.espalier.model.Operator;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.tensor.PaddedNchw;
import org.espalier.tensor.Tensor;

/** What a plan computes on feature maps, in one pass over them; immutable. */
sealed interface ConvStep {
  /** Returns by which name others read what it computes. */
  String name();

  /** Returns the names of what it reads; of a convolution or normalisation, a second is added. */
  List<String> inputs();

  /** Returns the layout of what it computes, for one image. */
  PaddedNchw output();

  /** Where the network's input becomes maps. */
  record Source(String name, PaddedNchw output) implements ConvStep {
    @Override
    public List<String> inputs() {
      return List.of();
    }
  }

  /**
   * A change of layout: of every {@code strideY} by {@code strideX} block of pixels some become
   * maps of their own, so that a window of these strides moves over neighbouring pixels; or, with
   * strides of 1, only the distance between rows or the border changes.
   *
   * @param phases which pixels of a block, in row-major order
   */
  record Repacking(
      String name,
      List<String> inputs,
      PaddedNchw output,
      int strideY,
      int strideX,
      List<Integer> phases)
      implements ConvStep {}

  /**
   * A convolution, with what is added behind it and the bounds of the result.
   *
   * @param operator whose strides are those by which the maps that it reads have been repacked
   * @param phases which pixels of a block of its strides are maps of their own
   * @param one the weight for a single image
   * @param many the weight for sixteen side by side; the same where one kernel serves both
   */
  record Convolution(
      String name,
      List<String> inputs,
      PaddedNchw output,
      Operator.Conv2d operator,
      List<Integer> phases,
      MapWeight one,
      MapWeight many,
      Clamp clamp)
      implements ConvStep {}

  /**
   * A normalisation that couldn't be folded, with what is added behind it and the bounds of the
   * result.
   */
  record Normalization(
      String name,
      List<String> inputs,
      PaddedNchw output,
      Tensor factors,
      Tensor added,
      Clamp clamp)
      implements ConvStep {}

  /**
   * A convolution with strides whose outputs read one map each, where it lies.
   *
   * @param weight rows of a window each
   */
  record StridedDepthwise(
      String name,
      List<String> inputs,
      PaddedNchw output,
      Operator.Conv2d operator,
      Tensor weight,
      Tensor bias,
      Clamp clamp)
      implements ConvStep {}

  /** An addition, a rectifier, a pooling or a parameterless shortcut. */
  record Plain(String name, List<String> inputs, PaddedNchw output, Operator operator)
      implements ConvStep {}

  /**
   * A function of each pixel.
   *
   * @param operands in the order of the function
   */
  record Pointwise(
      String name,
      List<String> inputs,
      PaddedNchw output,
      Elementwise operator,
      List<Operand> operands)
      implements ConvStep {
    /** Copies the list. */
    public Pointwise {
      operands = List.copyOf(operands);
    }
  }

  /** What a function of each pixel reads. */
  sealed interface Operand {
    /**
     * Maps.
     *
     * @param input which of the inputs
     * @param pixel whether they have one pixel, which is repeated
     */
    record Maps(int input, boolean pixel) implements Operand {}

    /** The same value in all pixels of a channel. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
    record Channels(float... values) implements Operand {}
  }

  /**
   * Channels of one or more inputs, one behind the other.
   *
   * @param channels for each channel of the output the number of an input, and its channel there
   */
  record Channels(String name, List<String> inputs, PaddedNchw output, List<ChannelOf> channels)
      implements ConvStep {
    /** Copies the list. */
    public Channels {
      channels = List.copyOf(channels);
    }
  }

  /** A channel of one of the inputs. */
  record ChannelOf(int input, int channel) {}

  /** The weight of a convolution. */
  sealed interface MapWeight {
    /** Returns the memory that weights, indices and biases take. */
    long bytes();

    /** Returns into how many parts the output channels can be divided. */
    int parts();
  }

  /** Every weight. */
  record DenseWeight(PackedConvWeight packed) implements MapWeight {
    @Override
    public long bytes() {
      return packed.bytes();
    }

    @Override
    public int parts() {
      return packed.tiles();
    }
  }

  /**
   * Every weight of a convolution whose outputs read one map each.
   *
   * @param weight rows of a window each, without gaps
   */
  record DepthwiseWeight(Tensor weight, Tensor bias) implements MapWeight {
    @Override
    public long bytes() {
      return Float.BYTES * ((long) weight.size() + bias.size());
    }

    @Override
    public int parts() {
      return weight.rows();
    }
  }

  /** The weights that are not zero. */
  record SparseWeight(DeltaCsrMatrix matrix, Tensor bias) implements MapWeight {
    @Override
    public long bytes() {
      return matrix.bytes() + (long) Float.BYTES * bias.size();
    }

    @Override
    public int parts() {
      return matrix.rows();
    }
  }

  /** The blocks in which a weight is not zero; of a convolution without groups. */
  record BlockWeight(BsrMatrix matrix, Tensor bias) implements MapWeight {
    @Override
    public long bytes() {
      return matrix.bytes() + (long) Float.BYTES * bias.size();
    }

    @Override
    public int parts() {
      return matrix.quads();
    }
  }
}
