package org.espalier.model;

import org.espalier.Internal;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;

/**
 * Residual networks (He et al. 2016). A block's layers are called {@code conv2_3_1}: stage, block,
 * convolution; a shortcut with weights {@code shortcut2_3}; the first convolution {@code conv1},
 * the last layer {@code logits}. Convolutions have no bias, all parameters are as before training.
 */
@Internal
public final class ResNet {
  /** Of the targeted dropout paper: TensorFlow's convention for both. */
  private static final double PAPER_MOMENTUM = 0.997;

  private static final double PAPER_EPSILON = 1e-3;

  private final Graph.Builder builder;
  private final double momentum;
  private final double epsilon;

  private ResNet(Shape input, double momentum, double epsilon) {
    this.builder = Graph.input(input);
    this.momentum = momentum;
    this.epsilon = epsilon;
  }

  private ResNet(Shape input) {
    this(input, Graph.Builder.MOMENTUM, Graph.Builder.EPSILON);
  }

  /**
   * Returns the network for CIFAR of He et al.: three stages of 16, 32 and 64 channels with blocks
   * of two convolutions and parameterless shortcuts.
   *
   * @param depth layers with weights: 6·n + 2
   */
  public static Graph cifar(Shape input, int depth, int classes) {
    int blocks = blocks(depth, 2);
    ResNet net = new ResNet(input);
    net.builder.conv("conv1", 16, 3, 1);
    net.norm("bn1").relu();
    for (int stage = 0; stage < 3; stage++) {
      for (int block = 0; block < blocks; block++) {
        String name = (stage + 2) + "_" + (block + 1);
        int width = 16 << stage;
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String before = net.builder.last();
        net.convNorm(name + "_1", width, 3, stride).relu();
        net.convNorm(name + "_2", width, 3, 1);
        String branch = net.builder.last();
        net.builder.from(before);
        if (stride > 1) {
          net.builder.add("shortcut" + name, new Operator.Shortcut(width, stride));
        }
        net.sum(branch).relu();
      }
    }
    return net.end(classes);
  }

  /**
   * Returns the network of the targeted dropout paper's code: a first convolution of 7 x 7 to 16
   * channels, stages of 32, 64 and 128, the normalisation and rectifier in front of each
   * convolution, shortcuts with weights where the width changes.
   *
   * @param depth layers with weights: 6·n + 2
   */
  public static Graph paper(Shape input, int depth, int classes) {
    ResNet net = new ResNet(input, PAPER_MOMENTUM, PAPER_EPSILON);
    net.builder.conv("conv1", 16, 7, 1);
    return net.preActivated(blocks(depth, 2), 32, classes);
  }

  /**
   * Returns a wide residual network (Zagoruyko and Komodakis 2016).
   *
   * @param depth layers with weights: 6·n + 4
   * @param widen by what the widths 16, 32, 64 of the stages are multiplied
   */
  public static Graph wide(Shape input, int depth, int widen, int classes) {
    ResNet net = new ResNet(input);
    net.builder.conv("conv1", 16, 3, 1);
    return net.preActivated(blocks(depth, 4), 16 * widen, classes);
  }

  /**
   * Returns a network of blocks of two convolutions, for ImageNet: 18 layers with blocks 2, 2, 2,
   * 2; 34 layers with 3, 4, 6, 3. Images below 64 pixels begin with a convolution of 3 x 3 and no
   * pooling.
   */
  public static Graph basic(Shape input, int classes, int... blocks) {
    return new ResNet(input).imageNet(false, blocks, classes);
  }

  /**
   * Returns a network of blocks of three convolutions, the one of 3 x 3 between two of 1 x 1 and
   * with the block's stride: 50 layers with blocks 3, 4, 6, 3; 101 layers with 3, 4, 23, 3; 152
   * layers with 3, 8, 36, 3.
   */
  public static Graph deep(Shape input, int classes, int... blocks) {
    return new ResNet(input).imageNet(true, blocks, classes);
  }

  private static int blocks(int depth, int others) {
    if (depth <= others || (depth - others) % 6 != 0) {
      throw new IllegalArgumentException("depth is 6n + " + others + ", not " + depth);
    }
    return (depth - others) / 6;
  }

  private Graph imageNet(boolean bottleneck, int[] blocks, int classes) {
    if (builder.shape().dim(1) >= 64) {
      builder.conv("conv1", 64, 7, 2);
      norm("bn1").relu().maxPool(3, 2, 1);
    } else {
      builder.conv("conv1", 64, 3, 1);
      norm("bn1").relu();
    }
    for (int stage = 0; stage < blocks.length; stage++) {
      for (int block = 0; block < blocks[stage]; block++) {
        String name = (stage + 2) + "_" + (block + 1);
        int width = 64 << stage;
        int outputs = bottleneck ? 4 * width : width;
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String before = builder.last();
        if (bottleneck) {
          convNorm(name + "_1", width, 1, 1).relu();
          convNorm(name + "_2", width, 3, stride).relu();
          convNorm(name + "_3", outputs, 1, 1);
        } else {
          convNorm(name + "_1", width, 3, stride).relu();
          convNorm(name + "_2", outputs, 3, 1);
        }
        String branch = builder.last();
        builder.from(before);
        if (stride > 1 || Nchw16n.of(builder.shape()).channels() != outputs) {
          builder.conv("shortcut" + name, outputs, 1, stride);
          norm("bnshortcut" + name);
        }
        sum(branch).relu();
      }
    }
    return end(classes);
  }

  private Graph preActivated(int blocks, int firstWidth, int classes) {
    for (int stage = 0; stage < 3; stage++) {
      for (int block = 0; block < blocks; block++) {
        String name = (stage + 2) + "_" + (block + 1);
        int width = firstWidth << stage;
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String before = builder.last();
        boolean changes = stride > 1 || Nchw16n.of(builder.shape()).channels() != width;
        norm("bn" + name + "_1").relu();
        String shortcut = before;
        if (changes) {
          String activated = builder.last();
          builder.conv("shortcut" + name, width, 1, stride);
          shortcut = builder.last();
          builder.from(activated);
        }
        builder.conv("conv" + name + "_1", width, 3, stride);
        norm("bn" + name + "_2").relu().conv("conv" + name + "_2", width, 3, 1);
        builder.plus(shortcut);
      }
    }
    norm("bnlast").relu();
    return end(classes);
  }

  private Graph end(int classes) {
    return builder.globalAveragePool().flatten().linear("logits", classes).build();
  }

  private Graph.Builder convNorm(String name, int width, int kernel, int stride) {
    builder.conv("conv" + name, width, kernel, stride);
    return norm("bn" + name);
  }

  private Graph.Builder norm(String name) {
    return builder.batchNorm(name, momentum, epsilon);
  }

  /** Adds what stands last to a branch. */
  private Graph.Builder sum(String branch) {
    String shortcut = builder.last();
    return builder.from(branch).plus(shortcut);
  }
}
