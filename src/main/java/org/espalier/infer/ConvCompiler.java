package org.espalier.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.espalier.infer.KernelSelector.Choice;
import org.espalier.kernel.conv.PackedConvWeight;
import org.espalier.model.BatchNormAffine;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Step;
import org.espalier.model.Window;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.PaddedNchw;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Makes {@link ConvPlan} of steps that work on feature maps. */
final class ConvCompiler {
  private static final int ONE_IMAGE = 1;

  /** Of a row so short the pixels are computed one by one. */
  private static final int FEW_PIXELS = 4;

  private final Graph graph;
  private final PlanOptions options;
  private final KernelSelector selector;
  private final List<ConvStep> layers = new ArrayList<>();
  private final List<LayerSummary> summaries;
  private final MapBorders borders;

  /** By name, values that are the same for all images. */
  private final Map<String, float[]> constants;

  /** By the name of a step or a source, the layer whose output is also its. */
  private final Map<String, ConvStep> outputs = new HashMap<>();

  /** Maps in another layout, which several may read. */
  private record Repacked(
      String maps, int strideY, int strideX, List<Integer> phases, int border, int pitch) {}

  private final Map<Repacked, ConvStep> repacked = new HashMap<>();

  /** How many names have been made for them. */
  private int names;

  private ConvCompiler(
      Graph graph,
      Map<String, float[]> constants,
      MapBorders borders,
      PlanOptions options,
      @Nullable KernelMeter meter,
      List<LayerSummary> summaries) {
    this.graph = graph;
    this.constants = constants;
    this.borders = borders;
    this.options = options;
    this.summaries = summaries;
    selector = new KernelSelector(options, meter);
  }

  /**
   * Returns what computes some steps.
   *
   * @param steps each behind those that it reads
   * @param constants by name, values that are the same for all images
   * @param sources by name, the shapes of the maps that they read of others
   * @param given names of the steps whose maps others read
   * @param summaries to which those of convolutions are added
   */
  static ConvPlan compile(
      Graph graph,
      List<Step> steps,
      Map<String, float[]> constants,
      Map<String, Shape> sources,
      List<String> given,
      PlanOptions options,
      @Nullable KernelMeter meter,
      List<LayerSummary> summaries) {
    MapBorders borders = new MapBorders(steps, sources, step -> readsInPlace(step, options));
    ConvCompiler compiler = new ConvCompiler(graph, constants, borders, options, meter, summaries);
    sources.forEach(
        (name, shape) ->
            compiler.add(name, new ConvStep.Source(name, compiler.natural(name, shape))));
    steps.forEach(compiler::place);
    return new ConvPlan(compiler.layers, sources.size(), given);
  }

  /**
   * Returns whether a step can be computed on maps, of which it reads some.
   *
   * @param constants names of values that are the same for all images
   */
  static boolean takes(Graph graph, Step step, Set<String> constants) {
    if (step.output().rank() != 3 || step.output().size() == 0) {
      return false;
    }
    return switch (step.operator()) {
      case Operator.Conv2d _,
          Operator.BatchNorm _,
          Operator.Relu _,
          Operator.Add _,
          Operator.Shortcut _,
          Operator.Pool _,
          Operator.GlobalAveragePool _,
          Elementwise.Activation _ ->
          true;
      case Elementwise.Binary _ ->
          step.inputs().stream()
              .allMatch(i -> isOperand(graph.shapeOf(i), step.output(), constants.contains(i)));
      case Movement.Concat concat -> concat.axis() == 0;
      case Movement.Slice slice -> slice.axis() == 0;
      case Operator.Linear _,
          Operator.Flatten _,
          Elementwise.Where _,
          Movement.Gather _,
          Movement.Pad _,
          Movement.Transpose _,
          Movement.Reshape _,
          Movement.Expand _,
          Movement.Constant _,
          Reduction _,
          Resampling _ ->
          false;
      case null -> false;
    };
  }

  /** Whether what a function of each pixel reads has its pixels, or one for all. */
  private static boolean isOperand(Shape shape, Shape output, boolean constant) {
    return isPerChannel(shape, output) || (constant ? shape.size() == 1 : shape.equals(output));
  }

  private static boolean isPerChannel(Shape shape, Shape maps) {
    return shape.rank() == 3
        && shape.dim(0) == maps.dim(0)
        && shape.dim(1) == 1
        && shape.dim(2) == 1;
  }

  private void place(Step step) {
    switch (step.operator()) {
      case Operator.Conv2d conv -> convolution(step, conv);
      case Operator.BatchNorm norm -> normalization(step, norm);
      case Operator.Add add -> {
        int pitch = pitch(step);
        String first = inPitch(input(step, 0), pitch).name();
        String second = inPitch(input(step, 1), pitch).name();
        PaddedNchw out = planes(step.name(), step.output(), pitch);
        add(step.name(), new ConvStep.Plain(step.name(), List.of(first, second), out, add));
      }
      case Operator.Relu relu -> {
        int pitch = pitch(step);
        ConvStep x = inPitch(input(step, 0), pitch);
        PaddedNchw out = planes(step.name(), step.output(), pitch);
        add(step.name(), new ConvStep.Plain(step.name(), List.of(x.name()), out, relu));
      }
      case Operator.Shortcut shortcut -> plain(step, shortcut);
      case Operator.Pool pool -> plain(step, pool);
      case Operator.GlobalAveragePool pool -> plain(step, pool);
      case Elementwise.Activation function -> pointwise(step, function);
      case Elementwise.Binary function -> pointwise(step, function);
      case Movement.Concat _ -> {
        List<ConvStep.ChannelOf> channels = new ArrayList<>();
        for (int i = 0; i < step.inputs().size(); i++) {
          for (int c = 0; c < input(step, i).output().channels(); c++) {
            channels.add(new ConvStep.ChannelOf(i, c));
          }
        }
        channels(step, channels);
      }
      case Movement.Slice slice -> {
        List<ConvStep.ChannelOf> channels = new ArrayList<>();
        for (int c = 0; c < slice.size(); c++) {
          channels.add(new ConvStep.ChannelOf(0, slice.start() + c * slice.step()));
        }
        channels(step, channels);
      }
      case Operator.Linear _,
          Operator.Flatten _,
          Elementwise.Where _,
          Movement.Gather _,
          Movement.Pad _,
          Movement.Transpose _,
          Movement.Reshape _,
          Movement.Expand _,
          Movement.Constant _,
          Reduction _,
          Resampling _ ->
          throw new IllegalStateException(step.name() + " isn't computed on maps");
      case null -> throw new IllegalStateException(step.name() + " isn't computed on maps");
    }
  }

  /** Returns the pixels from row to row for a step that works pixel by pixel. */
  private int pitch(Step step) {
    int pitch = step.output().dim(2) + borders.of(step.name());
    for (String name : step.inputs()) {
      ConvStep maps = outputs.get(name);
      if (maps != null && maps.output().width() == step.output().dim(2)) {
        return Math.max(pitch, maps.output().pitch());
      }
    }
    return pitch;
  }

  private void plain(Step step, Operator operator) {
    PaddedNchw out = natural(step.name(), step.output());
    List<String> inputs = List.of(input(step, 0).name());
    add(step.name(), new ConvStep.Plain(step.name(), inputs, out, operator));
  }

  private void channels(Step step, List<ConvStep.ChannelOf> channels) {
    int pitch = pitch(step);
    List<String> inputs = new ArrayList<>();
    for (int i = 0; i < step.inputs().size(); i++) {
      inputs.add(inPitch(input(step, i), pitch).name());
    }
    PaddedNchw out = planes(step.name(), step.output(), pitch);
    add(step.name(), new ConvStep.Channels(step.name(), inputs, out, channels));
  }

  /** All maps that it reads pixel by pixel lie in rows as long as those of the first. */
  private void pointwise(Step step, Elementwise function) {
    List<ConvStep.Operand> operands = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    int pitch = pitch(step);
    for (String name : step.inputs()) {
      ConvStep maps = outputs.get(name);
      if (maps == null) {
        float[] all = Objects.requireNonNull(constants.get(name), name);
        float[] channels = new float[step.output().dim(0)];
        for (int c = 0; c < channels.length; c++) {
          channels[c] = all[all.length == 1 ? 0 : c];
        }
        operands.add(new ConvStep.Operand.Channels(channels));
      } else if (isPixel(maps.output()) && step.output().size() > step.output().dim(0)) {
        operands.add(new ConvStep.Operand.Maps(inputs.size(), true));
        inputs.add(maps.name());
      } else {
        operands.add(new ConvStep.Operand.Maps(inputs.size(), false));
        inputs.add(inPitch(maps, pitch).name());
      }
    }
    PaddedNchw out = planes(step.name(), step.output(), pitch);
    add(step.name(), new ConvStep.Pointwise(step.name(), inputs, out, function, operands));
  }

  private static boolean isPixel(PaddedNchw maps) {
    return maps.height() == 1 && maps.width() == 1;
  }

  /**
   * Whether a convolution with strides reads maps where they lie: one whose outputs read a map
   * each, unless its rows are too short for vectors and too long for single floats.
   */
  private static boolean readsInPlace(Step step, PlanOptions options) {
    int width = step.output().dim(2);
    return step.operator() instanceof Operator.Conv2d conv
        && (conv.window().strideY() > 1 || conv.window().strideX() > 1)
        && conv.isDepthwise()
        && (width >= PaddedNchw.LINE || width <= FEW_PIXELS)
        && (options.kernel() == WeightFormat.AUTO || options.kernel() == WeightFormat.DENSE);
  }

  private void stridedDepthwise(Step step, Operator.Conv2d conv) {
    ConvStep read = input(step, 0);
    PaddedNchw layout = natural(step.name(), step.output());
    List<String> inputs = new ArrayList<>(List.of(read.name()));
    if (step.inputs().size() > 1) {
      inputs.add(inPitch(input(step, 1), layout.pitch()).name());
    }
    Tensor w = weight(step);
    Tensor bias = bias(step, conv);
    add(
        step.name(),
        new ConvStep.StridedDepthwise(step.name(), inputs, layout, conv, w, bias, step.clamp()));
    long flops = 2L * w.size() * layout.height() * layout.width();
    long bytes = Float.BYTES * ((long) w.size() + bias.size());
    summaries.add(
        new LayerSummary(
            step.node().name(),
            WeightFormat.DENSE,
            WeightFormat.DENSE,
            "depthwise with strides: read in place",
            step.clamp().low() == 0,
            w.rows(),
            w.cols(),
            w.nonZeros(),
            bytes,
            flops,
            flops,
            List.of()));
  }

  private Tensor weight(Step step) {
    return graph.parameter(step.node().parameter(Operator.WEIGHT)).value();
  }

  private Tensor bias(Step step, Operator.Conv2d conv) {
    return conv.bias()
        ? LinearCompiler.withoutNegativeZero(
            graph.parameter(step.node().parameter(Operator.BIAS)).value())
        : Tensor.zeros(conv.outputs());
  }

  private void convolution(Step step, Operator.Conv2d conv) {
    if (readsInPlace(step, options)) {
      stridedDepthwise(step, conv);
      return;
    }
    ConvStep read = input(step, 0);
    Window window = conv.window();
    List<Integer> phases = phases(window);
    int border = MapBorders.needed(window, read.output().height(), read.output().width());
    int pitch = step.output().dim(2) + borders.slack(step.name());
    ConvStep x =
        window.strideY() > 1 || window.strideX() > 1
            ? repacked(read, window.strideY(), window.strideX(), phases, border, pitch)
            : inPitch(read, Math.max(read.output().pitch(), pitch));
    PaddedNchw layout = planes(step.name(), step.output(), x.output().pitch());
    List<String> inputs = new ArrayList<>(List.of(x.name()));
    if (step.inputs().size() > 1) {
      inputs.add(inPitch(input(step, 1), layout.pitch()).name());
    }
    Tensor w = weight(step);
    Tensor bias = bias(step, conv);
    Workload workload = Workload.convolution(conv, w, options.weights().of(w), x.output(), layout);
    Function<ConvStep.MapWeight, ConvStep.Convolution> made =
        weight ->
            new ConvStep.Convolution(
                step.name(), inputs, layout, conv, phases, weight, weight, step.clamp());
    Choice choice = choose(workload, work(made, x.output(), conv, w, bias));
    ConvStep.MapWeight one = weight(choice.one(), conv, w, bias);
    ConvStep.MapWeight many =
        choice.many() == choice.one() ? one : weight(choice.many(), conv, w, bias);
    ConvStep layer =
        new ConvStep.Convolution(
            step.name(), inputs, layout, conv, phases, one, many, step.clamp());
    add(step.name(), layer);
    int pixels = layout.height() * layout.width();
    long flops = 2 * workload.weights() * pixels;
    summaries.add(
        new LayerSummary(
            step.node().name(),
            choice.one(),
            choice.many(),
            choice.reason(),
            step.clamp().low() == 0,
            w.rows(),
            w.cols(),
            workload.nonZeros(),
            one.bytes() + (many.equals(one) ? 0 : many.bytes()),
            choice.one() == WeightFormat.DENSE ? flops : 2 * workload.nonZeros() * pixels,
            flops,
            choice.costs()));
  }

  private ConvStep.MapWeight weight(
      WeightFormat kernel, Operator.Conv2d conv, Tensor w, Tensor bias) {
    return switch (kernel) {
      case AUTO, DENSE ->
          conv.isDepthwise()
              ? new ConvStep.DepthwiseWeight(w, bias)
              : new ConvStep.DenseWeight(new PackedConvWeight(w, bias, conv.groups()));
      case CSR, SELL, BLOCKED_CSR ->
          new ConvStep.SparseWeight(DeltaCsrMatrix.of(w, options.weights().of(w)), bias);
      case BSR -> new ConvStep.BlockWeight(BlockPattern.matrix(w), bias);
    };
  }

  private Choice choose(Workload workload, KernelSelector.Work work) {
    return selector.choose(workload, options.maxBatch() < Nchw16n.LANES ? 1 : Nchw16n.LANES, work);
  }

  /** What kernels do on one thread, on maps of ones. */
  private KernelSelector.Work work(
      Function<ConvStep.MapWeight, ConvStep.Convolution> made,
      PaddedNchw input,
      Operator.Conv2d conv,
      Tensor w,
      Tensor bias) {
    return (kernel, batch) -> {
      ConvStep.Convolution layer = made.apply(weight(kernel, conv, w, bias));
      FeatureMaps x = ones(input.withLanes(batch));
      FeatureMaps y = ones(layer.output().withLanes(batch));
      List<FeatureMaps> inputs = new ArrayList<>(List.of(x));
      if (layer.inputs().size() > 1) {
        inputs.add(ones(layer.output().withLanes(batch)));
      }
      ConvExecutor stage = ConvExecutor.of(layer, inputs, y);
      return () -> stage.compute(0, stage.parts());
    };
  }

  private static FeatureMaps ones(PaddedNchw planes) {
    float[] data = new float[planes.length()];
    Arrays.fill(data, 1);
    return new FeatureMaps(planes, data);
  }

  /** The same arithmetic as in the evaluation of a network that is trained. */
  private void normalization(Step step, Operator.BatchNorm norm) {
    BatchNormAffine affine = BatchNormAffine.of(graph, step.node(), norm);
    Tensor factors = Tensor.zeros(norm.channels());
    Tensor added = Tensor.zeros(norm.channels());
    for (int c = 0; c < norm.channels(); c++) {
      factors.set(0, c, affine.scale(c));
      added.set(0, c, affine.shift(c));
    }
    int pitch = pitch(step);
    List<String> inputs = new ArrayList<>();
    for (int i = 0; i < step.inputs().size(); i++) {
      inputs.add(inPitch(input(step, i), pitch).name());
    }
    PaddedNchw out = planes(step.name(), step.output(), pitch);
    add(
        step.name(),
        new ConvStep.Normalization(step.name(), inputs, out, factors, added, step.clamp()));
  }

  /** Returns which pixels of a block of the strides the window ever meets. */
  private static List<Integer> phases(Window window) {
    TreeSet<Integer> phases = new TreeSet<>();
    for (int i = 0; i < window.height(); i++) {
      for (int j = 0; j < window.width(); j++) {
        int row = Math.floorMod(i * window.dilationY() - window.top(), window.strideY());
        int col = Math.floorMod(j * window.dilationX() - window.left(), window.strideX());
        phases.add(row * window.strideX() + col);
      }
    }
    return List.copyOf(phases);
  }

  private ConvStep repacked(
      ConvStep read, int strideY, int strideX, List<Integer> phases, int border, int pitch) {
    PaddedNchw in = read.output();
    int width = Math.ceilDiv(in.width(), strideX);
    PaddedNchw out =
        new PaddedNchw(
            in.channels() * phases.size(),
            Math.ceilDiv(in.height(), strideY),
            width,
            border,
            Math.max(pitch, width + border),
            ONE_IMAGE);
    Repacked key = new Repacked(read.name(), strideY, strideX, phases, border, out.pitch());
    ConvStep known = repacked.get(key);
    if (known != null) {
      return known;
    }
    String name;
    do { // a node may be called anything
      name = "repacked " + ++names;
    } while (borders.isName(name));
    ConvStep layer =
        new ConvStep.Repacking(name, List.of(read.name()), out, strideY, strideX, phases);
    repacked.put(key, layer);
    layers.add(layer);
    return layer;
  }

  /** Returns maps whose rows are so many pixels apart. */
  private ConvStep inPitch(ConvStep read, int pitch) {
    PaddedNchw maps = read.output();
    if (maps.pitch() == pitch) {
      return read;
    }
    int border = Math.min(maps.border(), pitch - maps.width());
    return repacked(read, 1, 1, List.of(0), border, pitch);
  }

  private void add(String name, ConvStep layer) {
    layers.add(layer);
    outputs.put(name, layer);
  }

  private ConvStep input(Step step, int i) {
    String name = step.inputs().get(i);
    return Objects.requireNonNull(outputs.get(name), name);
  }

  private PaddedNchw natural(String name, Shape shape) {
    return planes(name, shape, shape.dim(2) + borders.slack(name));
  }

  private PaddedNchw planes(String name, Shape shape, int pitch) {
    int border = borders.of(name);
    return new PaddedNchw(shape.dim(0), shape.dim(1), shape.dim(2), border, pitch, ONE_IMAGE);
  }
}
