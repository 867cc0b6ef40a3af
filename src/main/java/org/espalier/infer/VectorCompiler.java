package org.espalier.infer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.espalier.model.Graph;
import org.espalier.model.Operator;
import org.espalier.model.Step;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Makes {@link VectorPlan} of the part of a network that works on vectors. */
final class VectorCompiler {
  private final Graph graph;
  private final LinearCompiler layers;
  private final VectorSlots places = new VectorSlots();
  private final List<VectorStage> stages = new ArrayList<>();

  /** By a step's name, that of the vector that it gives. */
  private final Map<String, String> vectors = new HashMap<>();

  private VectorCompiler(Graph graph, PlanOptions options, @Nullable KernelMeter meter) {
    this.graph = graph;
    this.layers = new LinearCompiler(options, meter);
  }

  /**
   * Makes the part.
   *
   * @param steps of the whole network
   * @param features the part in front, of which some maps become vectors
   */
  static VectorPlan compile(
      Graph graph,
      List<Step> steps,
      Optional<ConvPlan> features,
      PlanOptions options,
      @Nullable KernelMeter meter) {
    VectorCompiler compiler = new VectorCompiler(graph, options, meter);
    compiler.vectors.put(Graph.INPUT, Graph.INPUT);
    features.ifPresent(f -> compiler.vectors.putAll(f.names()));
    return compiler.compile(steps, features);
  }

  private VectorPlan compile(List<Step> steps, Optional<ConvPlan> features) {
    for (Step step : steps) {
      if (step.planes() == null) {
        name(step);
        if (!(step.operator() instanceof Operator.Flatten)) {
          step.inputs().forEach(input -> places.announce(vector(input)));
        }
      }
    }
    String output = vector(steps.isEmpty() ? Graph.INPUT : steps.getLast().name());
    places.announce(output);
    int input =
        places.isRead(Graph.INPUT) ? places.put(Graph.INPUT, graph.inputShape().size()) : -1;
    List<Integer> from = new ArrayList<>();
    features.ifPresent(
        f -> {
          Map<String, Integer> widths = f.widths();
          f.outputs()
              .forEach(
                  name -> from.add(places.put(name, Objects.requireNonNull(widths.get(name)))));
        });
    for (Step step : steps) {
      if (step.planes() == null) {
        place(step);
      }
    }
    return new VectorPlan(stages, places.widths(), input, from, places.of(output));
  }

  /** A flattening only gives the maps' elements another name. */
  private void name(Step step) {
    boolean renames = step.operator() instanceof Operator.Flatten;
    vectors.put(step.name(), renames ? vector(step.inputs().getFirst()) : step.name());
  }

  private void place(Step step) {
    switch (step.operator()) {
      case Operator.Linear _ -> {
        Tensor weight = graph.parameter(step.node().parameter(Operator.WEIGHT)).value();
        Tensor bias = graph.parameter(step.node().parameter(Operator.BIAS)).value();
        LinearStep layer = layers.compile(step.node().name(), weight, bias, step.relu());
        int x = place(step, 0);
        int y =
            places.put(step.name(), step.output().size()); // a product can't write what it reads
        haveRead(step);
        stages.add(new VectorStage.Product(layer, x, y));
      }
      case Operator.Relu _ -> {
        int x = place(step, 0);
        haveRead(step);
        int width = step.output().size();
        stages.add(new VectorStage.Rectifier(width, x, places.put(step.name(), width)));
      }
      case Operator.Add _ -> {
        int x = place(step, 0);
        int other = place(step, 1);
        haveRead(step);
        int width = step.output().size();
        int y = places.put(step.name(), width);
        stages.add(
            y == other
                ? new VectorStage.Sum(width, other, x, y)
                : new VectorStage.Sum(width, x, other, y));
      }
      case Operator.Flatten _ -> {} // see name
      case Operator.Conv2d _,
          Operator.BatchNorm _,
          Operator.Shortcut _,
          Operator.Pool _,
          Operator.GlobalAveragePool _ ->
          throw new IllegalStateException(step.name() + " gives maps");
      case null -> throw new IllegalStateException(step.name() + " gives maps");
    }
  }

  private int place(Step step, int i) {
    return places.of(vector(step.inputs().get(i)));
  }

  private void haveRead(Step step) {
    step.inputs().forEach(input -> places.haveRead(vector(input)));
  }

  private String vector(String step) {
    String vector = vectors.get(step);
    if (vector == null) {
      throw new IllegalArgumentException("no vector of " + step);
    }
    return vector;
  }
}
