package org.espalier.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.espalier.Internal;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;

/**
 * What a node of the graph computes, as plain data; {@code op} knows how to train it, {@code infer}
 * how to run it. Shapes are those of one example, without the batch: vectors {@code [features]} and
 * feature maps {@code [channels, height, width]}.
 */
public sealed interface Operator {
  /** Role of a weight, and of the factors of a normalisation. */
  String WEIGHT = "weight";

  /** Role of what is added to each unit. */
  String BIAS = "bias";

  /** The most rows and columns of a window, and the longest step of one. */
  int LARGEST_WINDOW = 1 << 15;

  /**
   * Returns the shape of the output.
   *
   * @param input shape of the input; of {@link Add}, of both
   * @throws IllegalArgumentException if the operator doesn't fit that input
   */
  Shape outputShape(Shape input);

  /** Returns how many nodes' outputs the operator reads. */
  default int arity() {
    return 1;
  }

  /** Returns the parameters that the operator needs, in the order in which they are stored. */
  default List<ParameterSpec> parameters() {
    return List.of();
  }

  /** Returns the multiply-adds of one example, of layers alone. */
  default long multiplyAdds(Shape input) {
    return 0;
  }

  /**
   * A parameter that an operator needs.
   *
   * @param role last part of the parameter's name
   * @param shape its shape
   * @param kind what it is
   */
  record ParameterSpec(String role, Shape shape, Parameter.Kind kind) {}

  /** An operator with a weight whose rows are units, which can be targeted and pruned. */
  sealed interface Layer extends Operator {
    /** Returns the units. */
    int outputs();

    /** Returns the weights of a unit. */
    int fanIn();

    /** Returns whether each unit adds a number of its own. */
    boolean bias();

    @Override
    default List<ParameterSpec> parameters() {
      List<ParameterSpec> specs = new ArrayList<>();
      specs.add(new ParameterSpec(WEIGHT, Shape.of(outputs(), fanIn()), Parameter.Kind.WEIGHT));
      if (bias()) {
        specs.add(new ParameterSpec(BIAS, Shape.of(outputs()), Parameter.Kind.BIAS));
      }
      return specs;
    }
  }

  /**
   * {@code y = W·x + b}.
   *
   * @param inputs the fan-in, columns of {@code weight [outputs][inputs]}
   * @param outputs the units, rows of the weight
   */
  record Linear(int inputs, int outputs) implements Layer {
    /** Checks the numbers. */
    public Linear {
      if (inputs < 1 || outputs < 1) {
        throw new IllegalArgumentException(
            "a linear layer of " + inputs + " inputs and " + outputs + " outputs");
      }
    }

    @Override
    public int fanIn() {
      return inputs;
    }

    @Override
    public boolean bias() {
      return true;
    }

    @Override
    public Shape outputShape(Shape input) {
      if (input.rank() != 1 || input.dim(0) != inputs) {
        throw new IllegalArgumentException(
            "linear takes a vector of " + inputs + ", got " + input + " (flatten it first?)");
      }
      return Shape.of(outputs);
    }

    @Override
    public long multiplyAdds(Shape input) {
      return (long) inputs * outputs;
    }
  }

  /**
   * A convolution in the sense of the field, that is a correlation. Its weight is {@code
   * [outputs][inputs/groups · kernelHeight · kernelWidth]}: a row is the fan-in of an output
   * channel, in the order channel, row, column.
   *
   * @param inputs channels that it reads
   * @param outputs channels that it writes
   * @param kernelHeight rows of the window
   * @param kernelWidth columns of the window
   * @param stride step of the window, both ways
   * @param padding rows and columns of zeros around the maps
   * @param groups into how many parts the channels fall, each of which sees but itself
   * @param bias whether each output channel adds a number of its own
   */
  record Conv2d(
      int inputs,
      int outputs,
      int kernelHeight,
      int kernelWidth,
      int stride,
      int padding,
      int groups,
      boolean bias)
      implements Layer {
    /** Checks the numbers that don't depend on the maps. */
    public Conv2d {
      if (inputs < 1 || outputs < 1 || kernelHeight < 1 || kernelWidth < 1 || stride < 1) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "conv2d from %d to %d channels, %d x %d, stride %d",
                inputs,
                outputs,
                kernelHeight,
                kernelWidth,
                stride));
      }
      checkWindow("conv2d", Math.max(kernelHeight, kernelWidth), stride);
      if (groups < 1 || inputs % groups != 0 || outputs % groups != 0) {
        throw new IllegalArgumentException(
            groups + " groups don't divide " + inputs + " and " + outputs + " channels");
      }
      if (kernelHeight * kernelWidth > Integer.MAX_VALUE / (inputs / groups)) {
        throw new IllegalArgumentException(
            "conv2d over "
                + inputs / groups
                + " channels, "
                + kernelHeight
                + " x "
                + kernelWidth
                + ", has more than 2^31-1 weights for an output");
      }
    }

    @Override
    public int fanIn() {
      return inputs / groups * kernelHeight * kernelWidth;
    }

    /** Returns the geometry over maps of the given shape. */
    @Internal
    public ConvGeometry geometry(Shape input) {
      Nchw16n maps = maps("conv2d", input, inputs);
      return new ConvGeometry(maps, outputs, kernelHeight, kernelWidth, stride, padding, groups);
    }

    @Override
    public Shape outputShape(Shape input) {
      return geometry(input).output().shape();
    }

    @Override
    public long multiplyAdds(Shape input) {
      return geometry(input).multiplyAdds();
    }
  }

  /**
   * Batch normalisation (Ioffe and Szegedy 2015) of each channel: {@code y = weight·(x − mean) /
   * √(variance + epsilon) + bias}. In training mean and variance are those of the batch and the
   * running ones follow, {@code running = momentum·running + (1 − momentum)·batch}: TensorFlow's
   * convention; PyTorch calls 1 − momentum by that name. The batch's variance divides by the number
   * of values where it normalises, and by one less where it goes into the running one.
   *
   * @param channels channels of the maps
   * @param momentum share of the running statistics that stays, from 0 to below 1
   * @param epsilon added to the variance, above 0
   */
  record BatchNorm(int channels, double momentum, double epsilon) implements Operator {
    /** Role of the running mean. */
    public static final String MEAN = "running_mean";

    /** Role of the running variance. */
    public static final String VARIANCE = "running_var";

    /** Checks the numbers. */
    public BatchNorm {
      if (!(momentum >= 0 && momentum < 1) || !(epsilon > 0) || Double.isInfinite(epsilon)) {
        throw new IllegalArgumentException(
            "batch normalisation with momentum " + momentum + ", epsilon " + epsilon);
      }
    }

    /** Returns 1 / √(variance + epsilon), rounded once. */
    public float inverseDeviation(double variance) {
      return (float) (1 / Math.sqrt(variance + epsilon));
    }

    @Override
    public Shape outputShape(Shape input) {
      return maps("batch normalisation", input, channels).shape();
    }

    @Override
    public List<ParameterSpec> parameters() {
      Shape shape = Shape.of(channels);
      return List.of(
          new ParameterSpec(WEIGHT, shape, Parameter.Kind.SCALE),
          new ParameterSpec(BIAS, shape, Parameter.Kind.BIAS),
          new ParameterSpec(MEAN, shape, Parameter.Kind.MEAN),
          new ParameterSpec(VARIANCE, shape, Parameter.Kind.VARIANCE));
    }
  }

  /** {@code y = max(x, 0)}. */
  record Relu() implements Operator {
    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }

  /** The sum of two outputs of one shape. */
  record Add() implements Operator {
    @Override
    public int arity() {
      return 2;
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }

  /**
   * The parameterless shortcut of residual networks (He et al. 2016, option A): every {@code
   * stride}-th pixel both ways, and channels of zeros behind those that there are.
   *
   * @param outputs channels that it writes, at least those that it reads
   * @param stride step between pixels that stay
   */
  record Shortcut(int outputs, int stride) implements Operator {
    /** Checks the numbers. */
    public Shortcut {
      if (outputs < 1 || stride < 1) {
        throw new IllegalArgumentException(
            "shortcut to " + outputs + " channels with stride " + stride);
      }
      checkWindow("shortcut", 1, stride);
    }

    @Override
    public Shape outputShape(Shape input) {
      Nchw16n maps = Nchw16n.of(input);
      if (maps.channels() > outputs) {
        throw new IllegalArgumentException(
            "shortcut to " + outputs + " channels from " + maps.channels());
      }
      return Shape.of(
          outputs, Math.ceilDiv(maps.height(), stride), Math.ceilDiv(maps.width(), stride));
    }
  }

  /** A window that moves over maps. */
  sealed interface Pool extends Operator {
    /** Returns rows and columns of the window. */
    int kernel();

    /** Returns the step of the window, both ways. */
    int stride();

    /** Returns the rows and columns around the maps. */
    int padding();

    @Override
    default Shape outputShape(Shape input) {
      Nchw16n maps = Nchw16n.of(input);
      if (kernel() < 1 || stride() < 1 || padding() < 0 || 2L * padding() > kernel()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "pooling with window %d, stride %d, padding %d",
                kernel(),
                stride(),
                padding()));
      }
      checkWindow("pooling", kernel(), stride());
      if (Math.min(maps.height(), maps.width()) + 2L * padding() < kernel()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "a window of %d does not fit maps of %d x %d with padding %d",
                kernel(),
                maps.height(),
                maps.width(),
                padding()));
      }
      int height = (maps.height() - kernel() + 2 * padding()) / stride() + 1;
      int width = (maps.width() - kernel() + 2 * padding()) / stride() + 1;
      return new Nchw16n(maps.channels(), height, width).shape();
    }
  }

  /**
   * The largest value of each window; padding never is.
   *
   * @param kernel rows and columns of the window
   * @param stride its step
   * @param padding rows and columns around the maps, at most half a window
   */
  record MaxPool(int kernel, int stride, int padding) implements Pool {}

  /**
   * The mean of each window, zeros of the padding counted.
   *
   * @param kernel rows and columns of the window
   * @param stride its step
   * @param padding rows and columns of zeros around the maps, at most half a window
   */
  record AveragePool(int kernel, int stride, int padding) implements Pool {}

  /** The mean of each map: {@code [channels, 1, 1]}. */
  record GlobalAveragePool() implements Operator {
    @Override
    public Shape outputShape(Shape input) {
      return Shape.of(Nchw16n.of(input).channels(), 1, 1);
    }
  }

  /** The same elements as a vector, in row-major order. */
  record Flatten() implements Operator {
    @Override
    public Shape outputShape(Shape input) {
      return Shape.of(input.size());
    }
  }

  private static void checkWindow(String operator, int kernel, int stride) {
    if (Math.max(kernel, stride) > LARGEST_WINDOW) {
      throw new IllegalArgumentException(
          operator
              + " with a window of "
              + kernel
              + ", stride "
              + stride
              + "; at most "
              + LARGEST_WINDOW);
    }
  }

  private static Nchw16n maps(String operator, Shape input, int channels) {
    if (input.rank() != 3 || input.dim(0) != channels) {
      throw new IllegalArgumentException(
          operator + " takes maps of " + channels + " channels, got " + input);
    }
    return Nchw16n.of(input);
  }
}
