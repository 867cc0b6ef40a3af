package org.espalier.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.espalier.Internal;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;

/**
 * What a node of the graph computes, as plain data; {@code op} knows how to train it, {@code infer}
 * how to run it. Shapes are those of one example, without the batch: vectors {@code [features]},
 * feature maps {@code [channels, height, width]}, or any other. The operators here can be trained;
 * those of {@link Elementwise}, {@link Movement}, {@link Reduction} and {@link Resampling} come
 * with networks that were trained elsewhere.
 */
public sealed interface Operator
    permits Operator.Layer,
        Operator.BatchNorm,
        Operator.Relu,
        Operator.Add,
        Operator.Shortcut,
        Operator.Pool,
        Operator.GlobalAveragePool,
        Operator.Flatten,
        Elementwise,
        Movement,
        Reduction,
        Resampling {
  /** Role of a weight, and of the factors of a normalisation. */
  String WEIGHT = "weight";

  /** Role of what is added to each unit. */
  String BIAS = "bias";

  /**
   * Returns the shape of the output.
   *
   * @param inputs shapes of the inputs, as many as {@link #arity}
   * @throws IllegalArgumentException if the operator doesn't fit them
   */
  Shape outputShape(List<Shape> inputs);

  /** Returns the shape of the output for inputs of the given shapes. */
  default Shape outputShape(Shape... inputs) {
    return outputShape(List.of(inputs));
  }

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

    /** Returns the same layer, each of its units adding a number of its own. */
    default Layer withBias() {
      return switch (this) {
        case Linear linear -> new Linear(linear.inputs, linear.outputs, true);
        case Conv2d conv -> new Conv2d(conv.inputs, conv.outputs, conv.window, conv.groups, true);
      };
    }

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
   * {@code y = W·x + b} of each row of the last axis.
   *
   * @param inputs the fan-in, columns of {@code weight [outputs][inputs]}
   * @param outputs the units, rows of the weight
   * @param bias whether each unit adds a number of its own
   */
  record Linear(int inputs, int outputs, boolean bias) implements Layer {
    /** A layer with bias. */
    public Linear(int inputs, int outputs) {
      this(inputs, outputs, true);
    }

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
    public Shape outputShape(List<Shape> shapes) {
      Shape input = shapes.getFirst();
      int last = input.rank() - 1;
      if (last < 0 || input.dim(last) != inputs) {
        throw new IllegalArgumentException(
            "linear takes a vector of " + inputs + ", got " + input + " (flatten it first?)");
      }
      int[] dims = input.dims();
      dims[last] = outputs;
      return Shape.of(dims);
    }

    @Override
    public long multiplyAdds(Shape input) {
      return (long) input.size() * outputs;
    }
  }

  /**
   * A convolution in the sense of the field, that is a correlation. Its weight is {@code
   * [outputs][inputs/groups · kernelHeight · kernelWidth]}: a row is the fan-in of an output
   * channel, in the order channel, row, column.
   *
   * @param inputs channels that it reads
   * @param outputs channels that it writes
   * @param window what it reads of each map
   * @param groups into how many parts the channels fall, each of which sees but itself
   * @param bias whether each output channel adds a number of its own
   */
  record Conv2d(int inputs, int outputs, Window window, int groups, boolean bias) implements Layer {
    /** A convolution whose step and padding are the same both ways. */
    public Conv2d(
        int inputs,
        int outputs,
        int kernelHeight,
        int kernelWidth,
        int stride,
        int padding,
        int groups,
        boolean bias) {
      this(inputs, outputs, Window.of(kernelHeight, kernelWidth, stride, padding), groups, bias);
    }

    /** Checks the numbers that don't depend on the maps. */
    public Conv2d {
      if (inputs < 1 || outputs < 1) {
        throw new IllegalArgumentException(
            "conv2d from " + inputs + " to " + outputs + " channels");
      }
      if (groups < 1 || inputs % groups != 0 || outputs % groups != 0) {
        throw new IllegalArgumentException(
            groups + " groups don't divide " + inputs + " and " + outputs + " channels");
      }
      if (window.size() > Integer.MAX_VALUE / (inputs / groups)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "conv2d over %d channels, %d x %d, has more than 2^31-1 weights for an output",
                inputs / groups,
                window.height(),
                window.width()));
      }
    }

    /** Returns whether each output reads one channel of several. */
    public boolean isDepthwise() {
      return groups > 1 && groups == inputs;
    }

    @Override
    public int fanIn() {
      return inputs / groups * window.size();
    }

    /**
     * Returns the geometry over maps of the given shape, as training takes it.
     *
     * @throws IllegalArgumentException if the window isn't regular, or doesn't fit
     */
    @Internal
    public ConvGeometry geometry(Shape input) {
      if (!window.isRegular()) {
        throw new IllegalArgumentException("only regular windows can be trained, not " + window);
      }
      Nchw16n maps = maps("conv2d", input, inputs);
      return new ConvGeometry(
          maps, outputs, window.height(), window.width(), window.strideY(), window.top(), groups);
    }

    @Override
    public Shape outputShape(List<Shape> shapes) {
      Nchw16n maps = maps("conv2d", shapes.getFirst(), inputs);
      int height = window.outputRows(maps.height(), false);
      int width = window.outputColumns(maps.width(), false);
      return new Nchw16n(outputs, height, width).shape();
    }

    @Override
    public long multiplyAdds(Shape input) {
      return Footprint.product(outputShape(input).size(), fanIn());
    }
  }

  /**
   * Batch normalisation (Ioffe and Szegedy 2015) of each channel: {@code y = weight·(x − mean) /
   * √(variance + epsilon) + bias}. In training mean and variance are those of the batch and the
   * running ones follow, {@code running = momentum·running + (1 − momentum)·batch}: TensorFlow's
   * convention; PyTorch calls 1 − momentum by that name. The batch's variance divides by the number
   * of values where it normalises, and by one less where it goes into the running one.
   *
   * @param channels the first extent of the input, which has any rank above 0
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
    public Shape outputShape(List<Shape> inputs) {
      Shape input = inputs.getFirst();
      if (input.rank() == 0 || input.dim(0) != channels) {
        throw new IllegalArgumentException(
            "batch normalisation takes " + channels + " channels, got " + input);
      }
      return input;
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
    public Shape outputShape(List<Shape> inputs) {
      return inputs.getFirst();
    }
  }

  /** The sum of two outputs of one shape. */
  record Add() implements Operator {
    @Override
    public int arity() {
      return 2;
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      if (!inputs.getFirst().equals(inputs.getLast())) {
        throw new IllegalArgumentException(
            "a sum takes inputs of one shape, not "
                + inputs.getFirst()
                + " and "
                + inputs.getLast());
      }
      return inputs.getFirst();
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
      if (stride > Window.LARGEST) {
        throw new IllegalArgumentException(
            "shortcut with a stride of " + stride + "; at most " + Window.LARGEST);
      }
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      Nchw16n maps = Nchw16n.of(inputs.getFirst());
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
    /** Returns what it reads of each map. */
    Window window();

    /** Returns whether a last window counts that lies behind the padding in part. */
    boolean ceil();

    @Override
    default Shape outputShape(List<Shape> inputs) {
      Nchw16n maps = Nchw16n.of(inputs.getFirst());
      Window w = window();
      if (w.top() >= w.rows()
          || w.bottom() >= w.rows()
          || w.left() >= w.columns()
          || w.right() >= w.columns()) {
        throw new IllegalArgumentException("pooling of padding alone: " + w);
      }
      int height = w.outputRows(maps.height(), ceil());
      int width = w.outputColumns(maps.width(), ceil());
      return new Nchw16n(maps.channels(), height, width).shape();
    }
  }

  /**
   * The largest value of each window; padding never is.
   *
   * @param window what it reads of each map
   * @param ceil whether a last window counts that lies behind the padding in part
   */
  record MaxPool(Window window, boolean ceil) implements Pool {
    /** Windows that are square, their steps and padding the same both ways. */
    public MaxPool(int kernel, int stride, int padding) {
      this(Window.of(kernel, kernel, stride, padding), false);
    }
  }

  /**
   * The mean of each window.
   *
   * @param window what it reads of each map
   * @param ceil whether a last window counts that lies behind the padding in part; what is behind
   *     the padding is never counted
   * @param countPadding whether zeros of the padding are counted
   */
  record AveragePool(Window window, boolean ceil, boolean countPadding) implements Pool {
    /** Windows that are square, their steps and padding the same both ways, zeros counted. */
    public AveragePool(int kernel, int stride, int padding) {
      this(Window.of(kernel, kernel, stride, padding), false, true);
    }
  }

  /** The mean of each map: {@code [channels, 1, 1]}. */
  record GlobalAveragePool() implements Operator {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      return Shape.of(Nchw16n.of(inputs.getFirst()).channels(), 1, 1);
    }
  }

  /** The same elements as a vector, in row-major order. */
  record Flatten() implements Operator {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      return Shape.of(inputs.getFirst().size());
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
