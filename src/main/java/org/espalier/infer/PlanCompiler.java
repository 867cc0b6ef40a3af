package org.espalier.infer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.espalier.kernel.contract.Clamp;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Step;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Schedule} of a network. Steps on feature maps and others are gathered into phases:
 * each takes all of its kind whose inputs are there, so that values change their layout as rarely
 * as the network allows.
 */
final class PlanCompiler {
  private final Graph graph;
  private final Step.Sequence sequence;
  private final PlanOptions options;
  private final @Nullable KernelMeter meter;
  private final LinearCompiler layers;
  private final VectorSlots places = new VectorSlots();
  private final List<LayerSummary> summaries;

  /** By name, the value that lies in rows under another name: reshaped ones are what they were. */
  private final Map<String, String> aliases = new HashMap<>();

  /** Names of the steps that are computed on maps. */
  private final Set<String> onMaps = new HashSet<>();

  /** By name, values that are the same for all examples. */
  private final Map<String, float[]> constants = new HashMap<>();

  private PlanCompiler(
      Graph graph, PlanOptions options, @Nullable KernelMeter meter, List<LayerSummary> summaries) {
    this.graph = graph;
    this.sequence = Step.sequence(graph);
    this.options = options;
    this.meter = meter;
    this.layers = new LinearCompiler(options, meter);
    this.summaries = summaries;
  }

  /**
   * Compiles a network.
   *
   * @param summaries to which those of its layers are added, in order
   */
  static Schedule compile(
      Graph graph, PlanOptions options, @Nullable KernelMeter meter, List<LayerSummary> summaries) {
    return new PlanCompiler(graph, options, meter, summaries).compile();
  }

  private Schedule compile() {
    sequence.steps().forEach(this::sort);
    List<List<Step>> phases = phases();
    phases.forEach(this::announce);
    for (String output : graph.outputs()) {
      places.announce(value(sequence.giver(output)));
    }
    List<Integer> inputs = new ArrayList<>();
    graph
        .inputs()
        .forEach(
            (name, shape) -> inputs.add(places.isRead(name) ? places.put(name, shape.size()) : -1));
    List<Phase> compiled = new ArrayList<>();
    List<VectorStage> stored = storeConstants();
    if (!stored.isEmpty()) {
      compiled.add(new Phase.Rows(stored));
    }
    for (int i = 0; i < phases.size(); i++) {
      List<Step> steps = phases.get(i);
      compiled.add(
          onMaps.contains(steps.getFirst().name())
              ? maps(steps, phases.subList(i + 1, phases.size()))
              : rows(steps));
    }
    List<Integer> outputs =
        graph.outputs().stream().map(o -> places.of(value(sequence.giver(o)))).toList();
    return new Schedule(compiled, places.widths(), inputs, outputs);
  }

  /** Decides where a step's value lies. */
  private void sort(Step step) {
    switch (step.operator()) {
      case Movement.Constant _ ->
          constants.put(step.name(), parameter(step, Movement.Constant.VALUE));
      case Operator.Flatten _, Movement.Reshape _ -> {
        String input = step.inputs().getFirst();
        float[] constant = constants.get(input);
        if (constant == null) {
          aliases.put(step.name(), input);
        } else {
          constants.put(step.name(), constant);
        }
      }
      case Operator.Conv2d _, Operator.Shortcut _, Operator.Pool _, Operator.GlobalAveragePool _ ->
          onMaps.add(step.name());
      case Operator.Linear _,
          Operator.BatchNorm _,
          Operator.Relu _,
          Operator.Add _,
          Elementwise _,
          Movement _,
          Reduction _,
          Resampling _ -> {
        boolean readsMaps = step.inputs().stream().anyMatch(onMaps::contains);
        if (readsMaps && ConvCompiler.takes(graph, step, constants.keySet())) {
          onMaps.add(step.name());
        }
      }
      case null -> throw new IllegalStateException(step.name() + " only changes the layout");
    }
  }

  /**
   * Puts constants into places of their own that are read where only places can be: by products, by
   * what moves or convolves maps, and by who takes the network's outputs.
   */
  private List<VectorStage> storeConstants() {
    Set<String> wanted = new LinkedHashSet<>();
    for (Step step : sequence.steps()) {
      boolean placesOnly =
          onMaps.contains(step.name())
              ? !(step.operator() instanceof Elementwise)
              : isProduct(step);
      if (placesOnly) {
        step.inputs().forEach(input -> wanted.add(value(input)));
      }
    }
    graph.outputs().forEach(output -> wanted.add(value(sequence.giver(output))));
    List<VectorStage> stages = new ArrayList<>();
    for (String name : wanted) {
      float[] values = constants.get(name);
      if (values != null) {
        Shape shape = graph.shapeOf(name);
        int y = places.put(name, shape.size());
        stages.add(loops(name, new Movement.Reshape(shape), List.of(name), Map.of(), shape, y));
      }
    }
    return stages;
  }

  private static boolean isProduct(Step step) {
    return step.operator() instanceof Operator.Linear && step.output().rank() == 1;
  }

  /** Returns the steps that compute something, those of a kind that can follow each other. */
  private List<List<Step>> phases() {
    List<Step> left = new ArrayList<>();
    Set<String> done = new HashSet<>(graph.inputs().keySet());
    done.addAll(constants.keySet());
    for (Step step : sequence.steps()) {
      if (!aliases.containsKey(step.name()) && !constants.containsKey(step.name())) {
        left.add(step);
      }
    }
    List<List<Step>> phases = new ArrayList<>();
    while (!left.isEmpty()) {
      boolean maps = onMaps.contains(left.getFirst().name());
      List<Step> phase = new ArrayList<>();
      List<Step> later = new ArrayList<>();
      Set<String> before = new HashSet<>(done); // maps take another shape of what lies in rows
      for (Step step : left) {
        boolean ready =
            step.inputs().stream()
                .allMatch(
                    input ->
                        (maps && aliases.containsKey(input) ? before : done)
                            .contains(value(input)));
        if (ready && onMaps.contains(step.name()) == maps) {
          phase.add(step);
          done.add(step.name());
        } else {
          later.add(step);
        }
      }
      phases.add(phase);
      left = later;
    }
    return phases;
  }

  /** Announces who reads what in rows. */
  private void announce(List<Step> phase) {
    if (onMaps.contains(phase.getFirst().name())) {
      inPlaces(sources(phase)).forEach(places::announce);
    } else {
      phase.forEach(step -> readInRows(step).forEach(places::announce));
    }
  }

  private List<String> readInRows(Step step) {
    return step.inputs().stream()
        .map(this::value)
        .filter(value -> !constants.containsKey(value))
        .toList();
  }

  /** Returns what steps on maps read of others, with its shape, by the name that they use. */
  private Map<String, Shape> sources(List<Step> phase) {
    Set<String> own = new HashSet<>();
    phase.forEach(step -> own.add(step.name()));
    Map<String, Shape> sources = new LinkedHashMap<>();
    for (Step step : phase) {
      for (String input : step.inputs()) {
        boolean isOperand =
            constants.containsKey(value(input)) && step.operator() instanceof Elementwise;
        if (!own.contains(input) && !isOperand) {
          sources.put(input, graph.shapeOf(input));
        }
      }
    }
    return sources;
  }

  /** Returns what of sources lies in places that become free; those of constants never do. */
  private List<String> inPlaces(Map<String, Shape> sources) {
    return sources.keySet().stream()
        .map(this::value)
        .filter(value -> !graph.isInput(value) && !constants.containsKey(value))
        .toList();
  }

  private Phase maps(List<Step> steps, List<List<Step>> later) {
    Map<String, Shape> sources = sources(steps);
    Set<String> read = new HashSet<>();
    later.forEach(phase -> phase.forEach(s -> s.inputs().forEach(i -> read.add(value(i)))));
    graph.outputs().forEach(output -> read.add(value(sequence.giver(output))));
    List<String> given =
        steps.stream().filter(step -> read.contains(step.name())).map(Step::name).toList();
    ConvPlan plan =
        ConvCompiler.compile(graph, steps, constants, sources, given, options, meter, summaries);
    List<Phase.Origin> origins = new ArrayList<>();
    List<String> inputs = List.copyOf(graph.inputs().keySet());
    for (String name : sources.keySet()) {
      String value = value(name);
      origins.add(
          graph.isInput(value)
              ? new Phase.Origin.Input(inputs.indexOf(value))
              : new Phase.Origin.Place(places.of(value)));
    }
    List<Integer> outputs = new ArrayList<>();
    for (Step step : steps) {
      if (given.contains(step.name())) {
        outputs.add(places.put(step.name(), step.output().size()));
      }
    }
    // Only now: all images of a batch are read while others are written.
    inPlaces(sources).forEach(places::haveRead);
    return new Phase.Maps(plan, origins, outputs);
  }

  private Phase rows(List<Step> steps) {
    List<VectorStage> stages = new ArrayList<>();
    for (Step step : steps) {
      int width = step.output().size();
      switch (step.operator()) {
        case Operator.Linear linear when isProduct(step) -> {
          Tensor weight = graph.parameter(step.node().parameter(Operator.WEIGHT)).value();
          Tensor bias =
              linear.bias()
                  ? graph.parameter(step.node().parameter(Operator.BIAS)).value()
                  : Tensor.zeros(linear.outputs());
          LinearStep layer = layers.compile(step.node().name(), weight, bias, step.clamp());
          summaries.add(layer.summary());
          int x = place(step, 0);
          int y = places.put(step.name(), width); // a product can't write what it reads
          haveRead(step);
          stages.add(new VectorStage.Product(layer, x, y));
        }
        case Operator.Relu _ when readInRows(step).size() == 1 -> {
          int x = place(step, 0);
          haveRead(step);
          stages.add(
              new VectorStage.Clamping(width, Clamp.RELU, x, places.put(step.name(), width)));
        }
        case Operator.Add _ when readInRows(step).size() == 2 -> {
          int x = place(step, 0);
          int other = place(step, 1);
          haveRead(step);
          int y = places.put(step.name(), width);
          stages.add(
              y == other
                  ? new VectorStage.Sum(width, other, x, y)
                  : new VectorStage.Sum(width, x, other, y));
        }
        case Operator.Linear _,
            Operator.BatchNorm _,
            Operator.Relu _,
            Operator.Add _,
            Elementwise _,
            Movement _,
            Reduction _,
            Resampling _ ->
            loops(step, stages);
        case Operator.Conv2d _,
            Operator.Flatten _,
            Operator.Shortcut _,
            Operator.Pool _,
            Operator.GlobalAveragePool _ ->
            throw new IllegalStateException(step.name() + " gives no rows");
        case null -> throw new IllegalStateException(step.name() + " only changes the layout");
      }
    }
    return new Phase.Rows(stages);
  }

  /** Adds the plain loops of a step, and of the rectifier that it has taken over. */
  private void loops(Step step, List<VectorStage> stages) {
    Operator operator = Objects.requireNonNull(step.operator());
    Map<String, float[]> parameters = new HashMap<>();
    for (Operator.ParameterSpec spec : operator.parameters()) {
      parameters.put(spec.role(), parameter(step, spec.role()));
    }
    boolean adds = operator instanceof Operator.BatchNorm && step.inputs().size() > 1;
    List<String> inputs = adds ? step.inputs().subList(0, 1) : step.inputs();
    int y = places.put(step.name(), step.output().size());
    stages.add(loops(step.name(), operator, inputs, parameters, step.output(), y));
    if (adds) {
      stages.add(sum(step, y));
    }
    haveRead(step);
    if (!step.clamp().equals(Clamp.NONE)) {
      stages.add(new VectorStage.Clamping(step.output().size(), step.clamp(), y, y));
    }
  }

  /** Returns what adds a step's second input to what stands at a place. */
  private VectorStage sum(Step step, int y) {
    String other = value(step.inputs().get(1));
    int width = step.output().size();
    float[] values = constants.get(other);
    if (values == null) {
      return new VectorStage.Sum(width, y, places.of(other), y);
    }
    Shape shape = step.output();
    return new VectorStage.Loops(
        step.name(),
        new Operator.Add(),
        List.of(new VectorStage.Input.Place(shape, y), new VectorStage.Input.Values(shape, values)),
        Map.of(),
        width,
        y);
  }

  private VectorStage loops(
      String name,
      Operator operator,
      List<String> inputs,
      Map<String, float[]> parameters,
      Shape output,
      int y) {
    List<VectorStage.Input> read = new ArrayList<>();
    for (String input : inputs) {
      String value = value(input);
      float[] values = constants.get(value);
      Shape shape = graph.shapeOf(input);
      read.add(
          values == null
              ? new VectorStage.Input.Place(shape, places.of(value))
              : new VectorStage.Input.Values(shape, values));
    }
    return new VectorStage.Loops(name, operator, read, parameters, output.size(), y);
  }

  private float[] parameter(Step step, String role) {
    return graph.parameter(step.node().parameter(role)).value().toArray();
  }

  private int place(Step step, int i) {
    return places.of(value(step.inputs().get(i)));
  }

  private void haveRead(Step step) {
    readInRows(step).forEach(places::haveRead);
  }

  /** Returns the name of the value that lies where that of a step does. */
  private String value(String step) {
    String name = step;
    for (String next = aliases.get(name); next != null; next = aliases.get(name)) {
      name = next;
    }
    return name;
  }
}
