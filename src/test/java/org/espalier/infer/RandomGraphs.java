package org.espalier.infer;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.model.Graph;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * Small graphs of any structure: each node takes any operator and reads any node before it that
 * fits, the network's input among them, on maps and on vectors.
 */
final class RandomGraphs {
  private final SplittableRandom random;
  private final Graph.Builder builder;

  /** The input and all nodes, of which {@link #unread} nobody reads yet. */
  private final List<String> all = new ArrayList<>(List.of(Graph.INPUT));

  private final List<String> unread = new ArrayList<>();

  private int names;

  private RandomGraphs(long seed) {
    random = new SplittableRandom(seed);
    builder =
        Graph.input(
            switch (random.nextInt(6)) {
              case 0 -> Shape.of(random.nextInt(1, 9));
              case 1 -> Shape.of(random.nextInt(1, 4), random.nextInt(1, 5));
              default -> Shape.of(random.nextInt(1, 4), random.nextInt(1, 8), random.nextInt(1, 8));
            });
  }

  /** Returns a graph with random parameters; the same for a seed. */
  static Graph of(long seed) {
    RandomGraphs graphs = new RandomGraphs(seed);
    int nodes = graphs.random.nextInt(1, 16);
    boolean maps = graphs.builder.shape().rank() == 3 && graphs.random.nextInt(6) == 0;
    for (int i = 0; i < nodes; i++) {
      graphs.node(!maps);
    }
    Graph graph = maps ? graphs.endInMaps() : graphs.endInVector();
    graphs.fill(graph);
    return graph;
  }

  private void node(boolean flattens) {
    // mostly behind the last node, so that there are deep graphs too
    String from = random.nextInt(3) > 0 ? all.getLast() : any(all);
    int rank = builder.from(from).shape().rank();
    if (rank == 3) {
      onMaps(from, flattens);
    } else if (rank == 1) {
      onVector(from);
    } else {
      onAny(from, true);
    }
  }

  private void onMaps(String from, boolean flattens) {
    Nchw16n maps = Nchw16n.of(builder.shape());
    int smallest = Math.min(maps.height(), maps.width());
    switch (random.nextInt(9)) {
      case 0, 1 -> {
        int height = random.nextInt(1, Math.min(4, maps.height() + 1));
        int width = random.nextInt(1, Math.min(4, maps.width() + 1));
        int padding = random.nextInt(Math.min(height, width));
        int groups = random.nextInt(3) == 0 ? maps.channels() : 1;
        int outputs = groups * random.nextInt(1, groups == 1 ? 7 : 3);
        int stride = random.nextInt(1, 4);
        boolean bias = random.nextBoolean();
        add(
            new Operator.Conv2d(
                maps.channels(), outputs, height, width, stride, padding, groups, bias),
            from);
      }
      case 2 -> add(new Operator.BatchNorm(maps.channels(), 0.9, 1e-5), from);
      case 3 -> {
        int kernel = random.nextInt(1, Math.min(4, smallest + 1));
        int padding = random.nextInt(kernel / 2 + 1);
        int stride = random.nextInt(1, 4);
        add(
            random.nextBoolean()
                ? new Operator.MaxPool(kernel, stride, padding)
                : new Operator.AveragePool(kernel, stride, padding),
            from);
      }
      case 4 ->
          add(
              new Operator.Shortcut(maps.channels() + random.nextInt(3), random.nextInt(1, 3)),
              from);
      case 5 -> {
        if (random.nextInt(3) == 0) {
          add(new Operator.GlobalAveragePool(), from);
        }
      }
      default -> onAny(from, flattens);
    }
  }

  private void onVector(String from) {
    if (random.nextInt(3) == 0) {
      int outputs = random.nextInt(3) == 0 ? builder.shape().size() : random.nextInt(1, 9);
      add(new Operator.Linear(builder.shape().size(), outputs), from);
    } else {
      onAny(from, true);
    }
  }

  private void onAny(String from, boolean flattens) {
    Shape shape = builder.shape();
    switch (random.nextInt(flattens ? 4 : 3)) {
      case 0 -> add(new Operator.Relu(), from);
      case 1, 2 -> {
        List<String> fitting =
            all.stream().filter(name -> builder.from(name).shape().equals(shape)).toList();
        add(new Operator.Add(), from, any(fitting)); // perhaps to itself
      }
      default -> add(new Operator.Flatten(), from);
    }
  }

  private void add(Operator operator, String... inputs) {
    String name = "n" + ++names;
    builder.add(name, operator, List.of(inputs));
    all.add(name);
    unread.removeAll(List.of(inputs));
    unread.add(name);
  }

  private String any(List<String> some) {
    return some.get(random.nextInt(some.size()));
  }

  /** Sums up what nobody reads yet, and perhaps goes on a little. */
  private Graph endInVector() {
    List<String> ends = unread.isEmpty() ? List.of(Graph.INPUT) : List.copyOf(unread);
    String sum = null;
    for (String end : ends) {
      String vector = end;
      if (builder.from(end).shape().rank() != 1) {
        add(new Operator.Flatten(), end);
        vector = all.getLast();
      }
      add(new Operator.Linear(builder.shape().size(), 3), vector);
      String part = all.getLast();
      if (sum != null) {
        add(new Operator.Add(), sum, part);
      }
      sum = all.getLast();
    }
    end();
    return builder.build();
  }

  private Graph endInMaps() {
    List<String> ends = unread.isEmpty() ? List.of(Graph.INPUT) : List.copyOf(unread);
    String sum = null;
    for (String end : ends) {
      String part = end;
      if (ends.size() > 1) {
        int channels = Nchw16n.of(builder.from(end).shape()).channels();
        add(new Operator.GlobalAveragePool(), end);
        add(new Operator.Conv2d(channels, 3, 1, 1, 1, 0, 1, false), all.getLast());
        part = all.getLast();
      }
      if (sum != null) {
        add(new Operator.Add(), sum, part);
        part = all.getLast();
      }
      sum = part;
    }
    if (ends.equals(List.of(Graph.INPUT)) || random.nextBoolean()) {
      add(new Operator.Relu(), sum);
    }
    return builder.build();
  }

  private void end() {
    if (random.nextInt(4) == 0) {
      add(new Operator.Relu(), all.getLast());
    }
    if (random.nextInt(4) == 0) {
      add(new Operator.Flatten(), all.getLast());
    }
  }

  /** Half of the weights are 0, and what is computed stays about as large as the input. */
  private void fill(Graph graph) {
    for (Parameter p : graph.parameters()) {
      Tensor t = p.value();
      for (int r = 0; r < t.rows(); r++) {
        for (int c = 0; c < t.cols(); c++) {
          t.set(r, c, (float) value(p.kind(), t.cols()));
        }
      }
    }
  }

  private double value(Parameter.Kind kind, int fanIn) {
    return switch (kind) {
      case WEIGHT -> random.nextBoolean() ? 0 : random.nextDouble(-1, 1) / Math.sqrt(fanIn);
      case BIAS, MEAN -> random.nextInt(4) == 0 ? 0 : random.nextDouble(-0.5, 0.5);
      case SCALE -> random.nextInt(4) == 0 ? 0 : random.nextDouble(0.5, 1);
      case VARIANCE -> random.nextDouble(0.5, 1.5);
      case CONSTANT -> random.nextDouble(-1, 1);
    };
  }
}
