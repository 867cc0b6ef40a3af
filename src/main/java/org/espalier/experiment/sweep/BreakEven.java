package org.espalier.experiment.sweep;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.espalier.experiment.bench.DoesNotFitException;
import org.espalier.experiment.bench.InterleavedBenchmark;
import org.espalier.experiment.bench.LoadProfile;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.experiment.timing.Cases;
import org.espalier.infer.LayerSummary;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.WeightFormat;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Window;
import org.espalier.prune.Pruning;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;

/**
 * From which sparsity on a layer is worth a sparse kernel: the layer is compiled by itself, its
 * weights drawn anew and pruned at a list of percentages, and every kernel that suits the pattern
 * is timed.
 *
 * @param by what is pruned: weights or blocks; for units it is weights, as these are removed
 * @param threads threads of a call
 * @param warmUp seconds before each case
 * @param seconds of each case
 * @param cases is told of each batch of each layer at each percentage
 */
public record BreakEven(Granularity by, int threads, double warmUp, double seconds, Cases cases) {
  private static final long SEED = 1;

  /**
   * A layer's times.
   *
   * @param layers names of the layers of this kind
   * @param kind what the times depend on
   * @param points by percentage, ascending
   */
  public record Curve(List<String> layers, String kind, List<Point> points) {
    /** Copies the lists. */
    public Curve {
      layers = List.copyOf(layers);
      points = List.copyOf(points);
    }

    /**
     * Returns the percentage from which on a sparse kernel is faster than the dense one, whatever
     * is pruned beyond: between two that were measured, where the times' straight lines (over
     * logarithms) cross. Points whose times should not be believed don't count. Nothing if it never
     * is.
     */
    public OptionalDouble breakEven(int batch) {
      double from = Double.NaN;
      double lead = 0;
      for (Point point : points.reversed()) {
        if (!point.doubts(batch).isEmpty()) {
          continue;
        }
        double faster = Math.log(point.dense(batch) / point.fastestSparse(batch));
        double percent = point.percent().doubleValue();
        if (!(faster > 0)) {
          return Double.isNaN(from)
              ? OptionalDouble.empty()
              : OptionalDouble.of(percent + (from - percent) * -faster / (lead - faster));
        }
        from = percent;
        lead = faster;
      }
      return Double.isNaN(from) ? OptionalDouble.empty() : OptionalDouble.of(from);
    }
  }

  /**
   * Times at one percentage.
   *
   * @param percent how many weights of each unit are 0
   * @param micros median of a call by batch and kernel, without those that can't compute the layer
   * @param chosen by batch the kernel that the compiler takes
   * @param doubts by batch, why the times should not be believed
   */
  public record Point(
      BigDecimal percent,
      Map<Integer, Map<WeightFormat, Double>> micros,
      Map<Integer, WeightFormat> chosen,
      Map<Integer, List<String>> doubts) {
    /** Copies the maps. */
    public Point {
      micros = Map.copyOf(micros);
      chosen = Map.copyOf(chosen);
      doubts = Map.copyOf(doubts);
    }

    /** Returns why the times with a batch should not be believed; empty if there is no reason. */
    public List<String> doubts(int batch) {
      return doubts.getOrDefault(batch, List.of());
    }

    /** Returns the kernels that were measured, in their order. */
    public List<WeightFormat> kernels() {
      return micros.values().stream()
          .flatMap(m -> m.keySet().stream())
          .distinct()
          .sorted()
          .toList();
    }

    /** Returns the time of a kernel, NaN if it was not measured. */
    public double micros(int batch, WeightFormat kernel) {
      return times(batch).getOrDefault(kernel, Double.NaN);
    }

    /** Returns the time of the kernel that the compiler takes, NaN if it was not measured. */
    public double chosen(int batch) {
      return micros(batch, requireNonNull(chosen.get(batch)));
    }

    private Map<WeightFormat, Double> times(int batch) {
      return micros.getOrDefault(batch, Map.of());
    }

    private double dense(int batch) {
      return micros(batch, WeightFormat.DENSE);
    }

    private double fastestSparse(int batch) {
      return kernels().stream()
          .filter(kernel -> kernel != WeightFormat.DENSE)
          .mapToDouble(kernel -> micros(batch, kernel))
          .min()
          .orElse(Double.POSITIVE_INFINITY);
    }
  }

  /** What the times of a layer depend on. */
  private record Kind(Operator.Layer operator, Shape input) {
    private static String stride(Window window) {
      if (window.strideY() == 1 && window.strideX() == 1) {
        return "";
      }
      return ", stride "
          + window.strideY()
          + (window.strideX() == window.strideY() ? "" : "x" + window.strideX());
    }

    @Override
    public String toString() {
      return switch (operator) {
        case Operator.Linear l -> l.outputs() + " of " + l.inputs();
        case Operator.Conv2d c ->
            String.format(
                Locale.ROOT,
                "%d, %dx%d of %s%s%s",
                c.outputs(),
                c.window().height(),
                c.window().width(),
                input,
                stride(c.window()),
                c.groups() == 1 ? "" : ", " + c.groups() + " groups");
      };
    }
  }

  /**
   * Measures layers; those of one kind once.
   *
   * @param names the layers
   * @param percentages ascending
   */
  public List<Curve> measure(Graph graph, Set<String> names, List<BigDecimal> percentages) {
    Map<Kind, List<String>> kinds = kinds(graph, names);
    List<Curve> curves = new ArrayList<>();
    kinds.forEach((kind, layers) -> curves.add(curve(kind, layers, percentages)));
    return curves;
  }

  /** Returns how many cases {@link #measure} has for so many percentages. */
  public static int cases(Graph graph, Set<String> names, int percentages) {
    return kinds(graph, names).size() * percentages * CostMeter.BATCHES.size();
  }

  private static Map<Kind, List<String>> kinds(Graph graph, Set<String> names) {
    Map<Kind, List<String>> kinds = new LinkedHashMap<>();
    for (Node node : graph.layers()) {
      if (names.contains(node.name()) && node.operator() instanceof Operator.Layer operator) {
        Kind kind = new Kind(operator, graph.shapeOf(node.input()));
        kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(node.name());
      }
    }
    return kinds;
  }

  private Curve curve(Kind kind, List<String> layers, List<BigDecimal> percentages) {
    String name = layers.getFirst();
    Graph.Builder builder = Graph.input(kind.input()).add(name, kind.operator());
    Graph alone = (builder.shape().rank() == 1 ? builder : builder.flatten()).build();
    Initializer.HE_NORMAL.initialize(alone, SEED);
    Granularity pruned = by == Granularity.UNIT ? Granularity.WEIGHT : by;
    List<Point> points = new ArrayList<>();
    for (BigDecimal percent : percentages) {
      Fraction share = Fraction.ofPercent(percent);
      String what = name + " with " + percent.toPlainString() + " % zeros, ";
      points.add(
          point(
              what,
              percent,
              new Pruning(pruned, share, UnitMode.WEIGHTS, Set.of(name)).apply(alone)));
    }
    return new Curve(layers, kind.toString(), points);
  }

  private Point point(String what, BigDecimal percent, Graph layer) {
    Map<WeightFormat, Plan> plans = new EnumMap<>(WeightFormat.class);
    for (WeightFormat kernel : WeightFormat.values()) {
      boolean suits = kernel != WeightFormat.BSR || by.height() > 1;
      if (kernel != WeightFormat.AUTO && suits) {
        plan(layer, kernel).ifPresent(plan -> plans.put(kernel, plan));
      }
    }
    Map<Integer, Map<WeightFormat, Double>> micros = new HashMap<>();
    Map<Integer, List<String>> doubts = new HashMap<>();
    for (int batch : CostMeter.BATCHES) {
      cases.begin(what + CostMeter.examples(batch));
      Map<WeightFormat, Double> times = new EnumMap<>(WeightFormat.class);
      List<WeightFormat> kernels =
          plans.keySet().stream().filter(k -> runs(plans, k, batch)).toList();
      List<PlanEngine> engines =
          kernels.stream()
              .map(k -> new PlanEngine(k.toString(), requireNonNull(plans.get(k)), threads))
              .toList();
      try (InterleavedBenchmark trial =
          new InterleavedBenchmark(engines, batch, LoadProfile.ONE_STREAM)) {
        InterleavedBenchmark.Outcome outcome = trial.measure(warmUp, seconds);
        Set<String> why = new LinkedHashSet<>();
        for (int i = 0; i < kernels.size(); i++) {
          times.put(kernels.get(i), outcome.latencies().get(i).medianMicros());
          why.addAll(outcome.doubtsOfSpeedup(i));
        }
        doubts.put(batch, List.copyOf(why));
      } catch (DoesNotFitException e) {
        doubts.put(batch, List.of("left out: " + e.getMessage()));
      }
      micros.put(batch, times);
    }
    LayerSummary chosen = Plan.compile(layer, PlanOptions.defaults()).describe().getFirst();
    return new Point(
        percent, micros, CostMeter.BATCHES.stream().collect(toMap(b -> b, chosen::kernel)), doubts);
  }

  /** Whether what was asked for is what runs a batch, not another in its place. */
  private static boolean runs(Map<WeightFormat, Plan> plans, WeightFormat kernel, int batch) {
    LayerSummary layer = requireNonNull(plans.get(kernel)).describe().getFirst();
    return layer.kernel(batch) == kernel;
  }

  /** Returns nothing for a kernel that can't compute the layer. */
  private static Optional<Plan> plan(Graph layer, WeightFormat kernel) {
    try {
      return Optional.of(Plan.compile(layer, PlanOptions.defaults().withKernel(kernel)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
