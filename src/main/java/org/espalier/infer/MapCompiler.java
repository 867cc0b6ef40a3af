package org.espalier.infer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.espalier.kernel.ConvGeometry;
import org.espalier.kernel.PackedConvolution;
import org.espalier.model.Graph;
import org.espalier.model.Operator;
import org.espalier.model.Step;
import org.espalier.sparse.DeltaMatrix;
import org.espalier.tensor.PaddedPlanes;
import org.espalier.tensor.Planes;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/** Makes {@link Features} of the part of a network that works on feature maps. */
final class MapCompiler {
  /** Density below which the sparse kernel is faster than the dense one. */
  static final double SPARSE_BELOW = 0.4;

  private static final int ONE_IMAGE = 1;

  private final Graph graph;
  private final PlanOptions options;

  /** Pixels of zeros around all maps: enough for the widest padding. */
  private final int border;

  private final List<MapLayer> layers = new ArrayList<>();
  private final List<LayerSummary> summaries = new ArrayList<>();

  /** By a step's name, the layer whose output is also the step's. */
  private final Map<String, MapLayer> outputs = new HashMap<>();

  private final List<Step> steps;

  private MapCompiler(Graph graph, List<Step> steps, PlanOptions options) {
    this.graph = graph;
    this.steps = steps;
    this.options = options;
    border =
        steps.stream()
            .mapToInt(s -> s.operator() instanceof Operator.Conv2d conv ? conv.padding() : 0)
            .max()
            .orElse(0);
  }

  /** Returns what works on feature maps, or nothing if the network has none. */
  static Optional<Features> compile(Graph graph, PlanOptions options) {
    List<Step> steps = Step.of(graph).stream().takeWhile(step -> step.planes() != null).toList();
    if (steps.isEmpty()) {
      return Optional.empty();
    }
    MapCompiler compiler = new MapCompiler(graph, steps, options);
    for (int i = 0; i < steps.size(); i++) {
      if (!compiler.outputs.containsKey(steps.get(i).name())) {
        compiler.place(i);
      }
    }
    String last = compiler.layer(steps.getLast().name()).name();
    return Optional.of(new Features(compiler.layers, last, compiler.summaries));
  }

  private void place(int index) {
    Step step = steps.get(index);
    switch (step.operator()) {
      case null -> add(step.name(), new MapLayer.Source(step.name(), natural(step.output())));
      case Operator.Conv2d conv -> convolution(index, step, conv);
      case Operator.BatchNorm norm -> normalization(step, norm);
      case Operator.Add add -> {
        MapLayer first = input(step, 0);
        String second = inPitch(input(step, 1), first.output().pitch()).name();
        PaddedPlanes out = planes(step.output(), first.output().pitch());
        add(step.name(), new MapLayer.Plain(step.name(), List.of(first.name(), second), out, add));
      }
      case Operator.Relu relu -> {
        MapLayer x = input(step, 0);
        PaddedPlanes out = planes(step.output(), x.output().pitch());
        add(step.name(), new MapLayer.Plain(step.name(), List.of(x.name()), out, relu));
      }
      case Operator other -> {
        PaddedPlanes out = natural(step.output());
        List<String> inputs = List.of(input(step, 0).name());
        add(step.name(), new MapLayer.Plain(step.name(), inputs, out, other));
      }
    }
  }

  private void convolution(int index, Step step, Operator.Conv2d conv) {
    MapLayer read = input(step, 0);
    ConvGeometry g = conv.geometry(step(step.inputs().getFirst()));
    Planes out = g.output();
    MapLayer x = read;
    List<Integer> phases = List.of(0);
    if (g.stride() > 1) {
      phases = phases(g);
      x = repacked(read, g.stride(), phases, out.width() + border);
    } else {
      x = inPitch(read, Math.max(read.output().pitch(), out.width() + border));
    }
    PaddedPlanes layout = planes(out.shape(), x.output().pitch());
    Tail tail = tail(index, layout.pitch());
    List<String> inputs = new ArrayList<>(List.of(x.name()));
    tail.added().ifPresent(inputs::add);
    Tensor w = graph.parameter(step.node().parameter(Operator.WEIGHT)).value();
    Tensor bias = Tensor.zeros(g.outputs());
    if (conv.bias()) {
      Tensor b = graph.parameter(step.node().parameter(Operator.BIAS)).value();
      for (int i = 0; i < g.outputs(); i++) {
        bias.set(0, i, b.get(0, i) + 0f); // without −0, as every sum
      }
    }
    MapLayer.MapWeight weight = weight(step, g, w, bias, tail.relu());
    MapLayer layer =
        new MapLayer.Convolution(
            step.name(), inputs, layout, g, g.stride(), phases, weight, tail.relu());
    add(step.name(), layer);
    tail.names().forEach(name -> outputs.put(name, layer));
  }

  /**
   * What a convolution does beyond its own step.
   *
   * @param added what it adds
   * @param relu whether a rectifier comes last
   * @param names the steps that it takes over
   */
  private record Tail(Optional<String> added, boolean relu, List<String> names) {}

  /**
   * Takes over an addition that alone reads a convolution, and a rectifier that alone reads that.
   */
  private Tail tail(int index, int pitch) {
    Step step = steps.get(index);
    Tail bare = new Tail(Optional.empty(), step.relu(), List.of());
    Optional<Step> addition = onlyReader(step.name());
    if (step.relu() || addition.isEmpty() || !(addition.get().operator() instanceof Operator.Add)) {
      return bare;
    }
    List<String> added = addition.get().inputs();
    String other = added.get(added.getFirst().equals(step.name()) ? 1 : 0);
    MapLayer computed = outputs.get(other);
    if (other.equals(step.name()) || computed == null) {
      return bare; // the other branch is computed later and takes the addition over
    }
    String aligned = inPitch(computed, pitch).name();
    String sum = addition.get().name();
    Optional<Step> relu =
        onlyReader(sum).filter(reader -> reader.operator() instanceof Operator.Relu);
    List<String> names = new ArrayList<>(List.of(sum));
    relu.ifPresent(r -> names.add(r.name()));
    return new Tail(Optional.of(aligned), relu.isPresent(), names);
  }

  /** Returns the step that reads another, if there is one and nobody else does. */
  private Optional<Step> onlyReader(String name) {
    List<Step> readers = steps.stream().filter(s -> s.inputs().contains(name)).toList();
    boolean isLast = steps.getLast().name().equals(name);
    return readers.size() == 1 && !isLast ? Optional.of(readers.getFirst()) : Optional.empty();
  }

  /** The same arithmetic as in the evaluation of a network that is trained. */
  private void normalization(Step step, Operator.BatchNorm norm) {
    Tensor gamma = graph.parameter(step.node().parameter(Operator.WEIGHT)).value();
    Tensor beta = graph.parameter(step.node().parameter(Operator.BIAS)).value();
    Tensor mean = graph.parameter(step.node().parameter(Operator.BatchNorm.MEAN)).value();
    Tensor variance = graph.parameter(step.node().parameter(Operator.BatchNorm.VARIANCE)).value();
    Tensor factors = Tensor.zeros(norm.channels());
    Tensor added = Tensor.zeros(norm.channels());
    for (int c = 0; c < norm.channels(); c++) {
      float factor = gamma.get(0, c) * norm.inverseDeviation(variance.get(0, c));
      factors.set(0, c, factor);
      added.set(0, c, Math.fma(-mean.get(0, c), factor, beta.get(0, c)));
    }
    MapLayer x = input(step, 0);
    List<String> inputs = new ArrayList<>(List.of(x.name()));
    if (step.inputs().size() > 1) {
      inputs.add(inPitch(input(step, 1), x.output().pitch()).name());
    }
    PaddedPlanes out = planes(step.output(), x.output().pitch());
    add(
        step.name(),
        new MapLayer.Normalization(step.name(), inputs, out, factors, added, step.relu()));
  }

  private MapLayer.MapWeight weight(
      Step step, ConvGeometry g, Tensor w, Tensor bias, boolean relu) {
    long nnz = LayerCompiler.nonZeros(w);
    double density = (double) nnz / w.size();
    Choice choice = choose(density);
    MapLayer.MapWeight weight =
        choice.kernel() == Kernel.CSR
            ? new MapLayer.SparseWeight(DeltaMatrix.of(w), bias)
            : new MapLayer.DenseWeight(new PackedConvolution(w, bias, g.groups()));
    long dense = 2 * g.multiplyAdds();
    summaries.add(
        new LayerSummary(
            step.node().name(),
            choice.kernel(),
            choice.reason(),
            relu,
            w.rows(),
            w.cols(),
            nnz,
            weight.bytes(),
            choice.kernel() == Kernel.CSR ? 2 * nnz * g.output().pixels() : dense,
            dense));
    return weight;
  }

  private record Choice(Kernel kernel, String reason) {}

  private Choice choose(double density) {
    if (options.kernel() != Kernel.AUTO) {
      return new Choice(options.kernel(), "asked for");
    }
    String percent = String.format(Locale.ROOT, "density %.1f %%", 100 * density);
    return density < SPARSE_BELOW
        ? new Choice(Kernel.CSR, percent + " is below break-even")
        : new Choice(Kernel.DENSE, percent + " is not below break-even");
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

  private MapLayer repacked(MapLayer read, int stride, List<Integer> phases, int pitch) {
    PaddedPlanes in = read.output();
    int width = Math.ceilDiv(in.width(), stride);
    PaddedPlanes out =
        new PaddedPlanes(
            in.channels() * phases.size(),
            Math.ceilDiv(in.height(), stride),
            width,
            border,
            Math.max(pitch, width + border),
            ONE_IMAGE);
    String name = read.name() + " by " + stride + " " + phases + " " + out.pitch();
    MapLayer known = outputs.get(name);
    if (known != null) {
      return known;
    }
    MapLayer layer = new MapLayer.Repacking(name, List.of(read.name()), out, stride, phases);
    add(name, layer);
    return layer;
  }

  /** Returns maps whose rows are so many pixels apart. */
  private MapLayer inPitch(MapLayer read, int pitch) {
    return read.output().pitch() == pitch ? read : repacked(read, 1, List.of(0), pitch);
  }

  private void add(String name, MapLayer layer) {
    layers.add(layer);
    outputs.put(name, layer);
  }

  private MapLayer input(Step step, int i) {
    return layer(step.inputs().get(i));
  }

  private MapLayer layer(String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  /** Returns the shape of what a step gives. */
  private Shape step(String name) {
    return steps.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow().output();
  }

  private PaddedPlanes natural(Shape shape) {
    return planes(shape, shape.dim(2) + border);
  }

  private PaddedPlanes planes(Shape shape, int pitch) {
    return new PaddedPlanes(shape.dim(0), shape.dim(1), shape.dim(2), border, pitch, ONE_IMAGE);
  }
}
