package org.espalier.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.espalier.infer.KernelSelector.Choice;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.conv.PackedConvWeight;
import org.espalier.model.BatchNormAffine;
import org.espalier.model.Graph;
import org.espalier.model.Operator;
import org.espalier.model.Step;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.PaddedNchw;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Makes {@link ConvPlan} of the part of a network that works on feature maps. */
final class ConvCompiler {
  private static final int ONE_IMAGE = 1;

  private final Graph graph;
  private final PlanOptions options;
  private final KernelSelector selector;

  /** Pixels of zeros around all maps: enough for the widest padding. */
  private final int border;

  private final List<ConvStep> layers = new ArrayList<>();
  private final List<LayerSummary> summaries = new ArrayList<>();

  /** By a step's name, the layer whose output is also the step's. */
  private final Map<String, ConvStep> outputs = new HashMap<>();

  /** The steps on maps. */
  private final List<Step> steps;

  /** Where each of them is, by its name. */
  private final Map<String, Integer> indices = new HashMap<>();

  /** Maps in another layout, which several may read. */
  private record Repacked(String maps, int stride, List<Integer> phases, int pitch) {}

  private final Map<Repacked, ConvStep> repacked = new HashMap<>();

  /** How many names have been made for them. */
  private int names;

  private ConvCompiler(
      Graph graph, List<Step> all, PlanOptions options, @Nullable KernelMeter meter) {
    this.graph = graph;
    steps = all.stream().filter(step -> step.planes() != null).toList();
    this.options = options;
    selector = new KernelSelector(options, meter);
    border =
        steps.stream()
            .mapToInt(s -> s.operator() instanceof Operator.Conv2d conv ? conv.padding() : 0)
            .max()
            .orElse(0);
    for (int i = 0; i < steps.size(); i++) {
      indices.put(steps.get(i).name(), i);
    }
  }

  /**
   * Returns what works on feature maps, or nothing if the network has none.
   *
   * @param all the steps of the whole network
   */
  static Optional<ConvPlan> compile(
      Graph graph, List<Step> all, PlanOptions options, @Nullable KernelMeter meter) {
    ConvCompiler compiler = new ConvCompiler(graph, all, options, meter);
    if (compiler.steps.isEmpty()) {
      return Optional.empty();
    }
    compiler.steps.forEach(compiler::place);
    Map<String, String> names = new LinkedHashMap<>();
    for (Step step : all) {
      if (step.operator() instanceof Operator.Flatten) {
        String maps = step.inputs().getFirst();
        names.put(maps, compiler.layer(maps).name());
      }
    }
    if (all.getLast().planes() != null) {
      names.put(all.getLast().name(), compiler.layer(all.getLast().name()).name());
    }
    List<String> outputs = names.values().stream().distinct().toList();
    return Optional.of(new ConvPlan(compiler.layers, outputs, names, compiler.summaries));
  }

  private void place(Step step) {
    switch (step.operator()) {
      case null -> add(step.name(), new ConvStep.Source(step.name(), natural(step.output())));
      case Operator.Conv2d conv -> convolution(step, conv);
      case Operator.BatchNorm norm -> normalization(step, norm);
      case Operator.Add add -> {
        ConvStep first = input(step, 0);
        String second = inPitch(input(step, 1), first.output().pitch()).name();
        PaddedNchw out = planes(step.output(), first.output().pitch());
        add(step.name(), new ConvStep.Plain(step.name(), List.of(first.name(), second), out, add));
      }
      case Operator.Relu relu -> {
        ConvStep x = input(step, 0);
        PaddedNchw out = planes(step.output(), x.output().pitch());
        add(step.name(), new ConvStep.Plain(step.name(), List.of(x.name()), out, relu));
      }
      case Operator.Shortcut shortcut -> plain(step, shortcut);
      case Operator.Pool pool -> plain(step, pool);
      case Operator.GlobalAveragePool pool -> plain(step, pool);
      case Operator.Linear _, Operator.Flatten _ ->
          throw new IllegalStateException(step.name() + " gives a vector");
    }
  }

  private void plain(Step step, Operator operator) {
    PaddedNchw out = natural(step.output());
    List<String> inputs = List.of(input(step, 0).name());
    add(step.name(), new ConvStep.Plain(step.name(), inputs, out, operator));
  }

  private void convolution(Step step, Operator.Conv2d conv) {
    ConvStep read = input(step, 0);
    ConvGeometry g = conv.geometry(step(step.inputs().getFirst()));
    Nchw16n out = g.output();
    List<Integer> phases = phases(g);
    int pitch = out.width() + border;
    ConvStep x =
        g.stride() > 1
            ? repacked(read, g.stride(), phases, pitch)
            : inPitch(read, Math.max(read.output().pitch(), pitch));
    PaddedNchw layout = planes(out.shape(), x.output().pitch());
    List<String> inputs = new ArrayList<>(List.of(x.name()));
    if (step.inputs().size() > 1) {
      inputs.add(inPitch(input(step, 1), layout.pitch()).name());
    }
    Tensor w = graph.parameter(step.node().parameter(Operator.WEIGHT)).value();
    Tensor bias =
        conv.bias()
            ? LinearCompiler.withoutNegativeZero(
                graph.parameter(step.node().parameter(Operator.BIAS)).value())
            : Tensor.zeros(g.outputs());
    Workload workload = Workload.convolution(g, w, options.weights(), x.output(), layout);
    Function<ConvStep.MapWeight, ConvStep.Convolution> made =
        weight ->
            new ConvStep.Convolution(
                step.name(), inputs, layout, g, g.stride(), phases, weight, weight, step.relu());
    Choice choice = choose(workload, work(made, x.output(), g, w, bias));
    ConvStep.MapWeight one = weight(choice.one(), g, w, bias);
    ConvStep.MapWeight many =
        choice.many() == choice.one() ? one : weight(choice.many(), g, w, bias);
    ConvStep layer =
        new ConvStep.Convolution(
            step.name(), inputs, layout, g, g.stride(), phases, one, many, step.relu());
    add(step.name(), layer);
    long flops = 2 * g.multiplyAdds();
    summaries.add(
        new LayerSummary(
            step.node().name(),
            choice.one(),
            choice.many(),
            choice.reason(),
            step.relu(),
            w.rows(),
            w.cols(),
            workload.nonZeros(),
            one.bytes() + (many.equals(one) ? 0 : many.bytes()),
            choice.one() == WeightFormat.DENSE
                ? flops
                : 2 * workload.nonZeros() * g.output().pixels(),
            flops,
            choice.costs()));
  }

  private ConvStep.MapWeight weight(WeightFormat kernel, ConvGeometry g, Tensor w, Tensor bias) {
    return switch (kernel) {
      case AUTO, DENSE -> new ConvStep.DenseWeight(new PackedConvWeight(w, bias, g.groups()));
      case CSR, SELL, BLOCKED_CSR ->
          new ConvStep.SparseWeight(DeltaCsrMatrix.of(w, options.weights()), bias);
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
      ConvGeometry g,
      Tensor w,
      Tensor bias) {
    return (kernel, batch) -> {
      ConvStep.Convolution layer = made.apply(weight(kernel, g, w, bias));
      FeatureMaps x = ones(input.withLanes(batch));
      FeatureMaps y = ones(layer.output().withLanes(batch));
      FeatureMaps other = layer.other() == null ? null : ones(layer.output().withLanes(batch));
      ConvExecutor stage = ConvExecutor.of(layer, x, other, y);
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
    ConvStep x = input(step, 0);
    List<String> inputs = new ArrayList<>(List.of(x.name()));
    if (step.inputs().size() > 1) {
      inputs.add(inPitch(input(step, 1), x.output().pitch()).name());
    }
    PaddedNchw out = planes(step.output(), x.output().pitch());
    add(
        step.name(),
        new ConvStep.Normalization(step.name(), inputs, out, factors, added, step.relu()));
  }

  /** Returns which pixels of a block of stride by stride the window ever meets. */
  private static List<Integer> phases(ConvGeometry g) {
    TreeSet<Integer> phases = new TreeSet<>();
    for (int i = 0; i < g.kernelHeight(); i++) {
      for (int j = 0; j < g.kernelWidth(); j++) {
        int row = Math.floorMod(i - g.padding(), g.stride());
        int col = Math.floorMod(j - g.padding(), g.stride());
        phases.add(row * g.stride() + col);
      }
    }
    return List.copyOf(phases);
  }

  private ConvStep repacked(ConvStep read, int stride, List<Integer> phases, int pitch) {
    PaddedNchw in = read.output();
    int width = Math.ceilDiv(in.width(), stride);
    PaddedNchw out =
        new PaddedNchw(
            in.channels() * phases.size(),
            Math.ceilDiv(in.height(), stride),
            width,
            border,
            Math.max(pitch, width + border),
            ONE_IMAGE);
    Repacked key = new Repacked(read.name(), stride, phases, out.pitch());
    ConvStep known = repacked.get(key);
    if (known != null) {
      return known;
    }
    String name;
    do { // a node may be called anything
      name = "repacked " + ++names;
    } while (indices.containsKey(name));
    ConvStep layer = new ConvStep.Repacking(name, List.of(read.name()), out, stride, phases);
    repacked.put(key, layer);
    layers.add(layer);
    return layer;
  }

  /** Returns maps whose rows are so many pixels apart. */
  private ConvStep inPitch(ConvStep read, int pitch) {
    return read.output().pitch() == pitch ? read : repacked(read, 1, List.of(0), pitch);
  }

  private void add(String name, ConvStep layer) {
    layers.add(layer);
    outputs.put(name, layer);
  }

  private ConvStep input(Step step, int i) {
    return layer(step.inputs().get(i));
  }

  private ConvStep layer(String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  /** Returns the shape of what a step gives. */
  private Shape step(String name) {
    return steps.get(indexOf(name)).output();
  }

  private int indexOf(String name) {
    return Objects.requireNonNull(indices.get(name), name);
  }

  private PaddedNchw natural(Shape shape) {
    return planes(shape, shape.dim(2) + border);
  }

  private PaddedNchw planes(Shape shape, int pitch) {
    return new PaddedNchw(shape.dim(0), shape.dim(1), shape.dim(2), border, pitch, ONE_IMAGE);
  }
}
