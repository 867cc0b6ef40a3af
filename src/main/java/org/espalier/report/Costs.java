package org.espalier.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.espalier.experiment.sweep.Cost;
import org.espalier.experiment.sweep.CostMeter;
import org.espalier.experiment.sweep.PrunedCost;
import org.jspecify.annotations.Nullable;

/**
 * What a network costs at several percentages, as a table and as charts.
 *
 * @param all by percentage, ascending
 */
record Costs(List<PrunedCost> all) {
  /** So many percentages are named with their reasons where there is little room. */
  private static final int FEW = 2;

  /** What the words mean. */
  static final String NOTE =
      "Dense is the unpruned network, computed with every weight. Sparse is the pruned network, each"
          + " layer with the kernel that the compiler chose. ORT is ONNX Runtime, fp32, on the pruned"
          + " network. KiB are weights in memory. A time is the median of a call with one example (b1)"
          + " or with 64 (b64); all were interleaved in one JVM. Speed-up is the dense time divided by"
          + " the sparse one. \"Others\" is how many CPUs other programs used meanwhile. Times with a"
          + " question mark can't be relied on, for the reason below the table, and are left out of"
          + " charts and headlines.";

  private static final String PERCENT = "pruned (%)";
  private static final double KIB = 1024;

  Costs {
    all = List.copyOf(all);
  }

  private boolean withOnnxRuntime() {
    return all.stream()
        .flatMap(at -> at.cost().calls().stream())
        .anyMatch(call -> call.onnxRuntime().isPresent());
  }

  private boolean withAccuracy() {
    return all.stream().anyMatch(at -> at.accuracy().isPresent());
  }

  Table table(String title) {
    List<Table.Column> columns = new ArrayList<>();
    columns.add(Table.Column.number(PERCENT));
    if (withAccuracy()) {
      columns.add(Table.Column.number("accuracy (%)", 2));
    }
    columns.add(Table.Column.number("zeros (%)", 1));
    columns.add(Table.Column.number("file (KiB)", 1));
    columns.add(Table.Column.number("dense (KiB)", 1));
    columns.add(Table.Column.number("sparse (KiB)", 1));
    for (int batch : CostMeter.BATCHES) {
      columns.add(Table.Column.number("b" + batch + " dense (µs)", 1));
      columns.add(Table.Column.number("b" + batch + " sparse (µs)", 1));
      if (withOnnxRuntime()) {
        columns.add(Table.Column.number("b" + batch + " ORT (µs)", 1));
      }
      columns.add(Table.Column.number("b" + batch + " speed-up (×)", 2));
    }
    columns.add(Table.Column.number("others (CPUs)", 1));
    columns.add(Table.Column.doubts());
    Table table = new Table(title, columns.toArray(Table.Column[]::new));
    all.forEach(at -> table.row(cells(at)));
    return table;
  }

  private @Nullable Object[] cells(PrunedCost at) {
    List<@Nullable Object> cells = new ArrayList<>();
    cells.add(at.percent().doubleValue());
    if (withAccuracy()) {
      cells.add(at.accuracy().isPresent() ? (Double) (100 * at.accuracy().getAsDouble()) : null);
    }
    cells.add(100 * at.zeros());
    cells.add(at.cost().fileBytes() / KIB);
    cells.add(at.cost().denseBytes() / KIB);
    cells.add(at.cost().sparseBytes() / KIB);
    for (int batch : CostMeter.BATCHES) {
      Cost.Call call = at.cost().call(batch);
      cells.add(orNothing(call.dense()));
      cells.add(orNothing(call.sparse()));
      if (withOnnxRuntime()) {
        cells.add(orNothing(onnxRuntime(call)));
      }
      cells.add(orNothing(call.faster()));
    }
    cells.add(
        orNothing(
            at.cost().calls().stream()
                .flatMapToDouble(call -> call.others().stream())
                .max()
                .orElse(Double.NaN)));
    cells.add(doubts(at.cost()));
    return cells.toArray();
  }

  private static List<String> doubts(Cost cost) {
    return cost.calls().stream()
        .flatMap(call -> call.doubts().stream().map(doubt -> "b" + call.batch() + ": " + doubt))
        .toList();
  }

  /**
   * Returns which of the times can't be relied on, and why if these are few; an empty string if all
   * can.
   */
  String leftOut() {
    List<String> lines = new ArrayList<>();
    for (PrunedCost at : all) {
      List<String> doubts = doubts(at.cost());
      if (!doubts.isEmpty()) {
        lines.add(at.percent().toPlainString() + " %, " + String.join("; ", doubts));
      }
    }
    if (lines.size() > FEW) {
      return "Left out: the times of "
          + lines.size()
          + " of "
          + all.size()
          + " percentages, which can't be relied on; the table says why.";
    }
    return lines.isEmpty() ? "" : "Left out: " + String.join("; ", lines) + ".";
  }

  private static @Nullable Double orNothing(double value) {
    return Double.isNaN(value) ? null : (Double) value;
  }

  private static double onnxRuntime(Cost.Call call) {
    return call.onnxRuntime().orElse(Double.NaN);
  }

  /** Returns a time of a batch where it can be relied on. */
  private static ToDoubleFunction<Cost> sound(int batch, ToDoubleFunction<Cost.Call> time) {
    return cost -> {
      Cost.Call call = cost.call(batch);
      return call.isSound() ? time.applyAsDouble(call) : Double.NaN;
    };
  }

  /** Returns latency over percentage, a chart for each batch. */
  List<Chart> latencyCharts() {
    return CostMeter.BATCHES.stream().map(this::latencyChart).toList();
  }

  private Chart latencyChart(int batch) {
    List<Series> series = new ArrayList<>();
    series.add(series("sparse", sound(batch, Cost.Call::sparse)));
    series.add(series("dense", sound(batch, Cost.Call::dense)));
    if (withOnnxRuntime()) {
      series.add(series("ONNX Runtime", sound(batch, Costs::onnxRuntime)));
    }
    String title = batch == 1 ? "One example a call" : batch + " examples a call";
    return new Chart(title, Axis.of(PERCENT), Axis.log("latency (µs)"), series);
  }

  /** Returns bytes over percentage. */
  Chart bytesChart() {
    return new Chart(
        "Bytes",
        Axis.of(PERCENT),
        Axis.log("size (KiB)"),
        List.of(
            series("file", cost -> cost.fileBytes() / KIB),
            series("memory, sparse", cost -> cost.sparseBytes() / KIB),
            series("memory, dense", cost -> cost.denseBytes() / KIB)));
  }

  private Series series(String name, ToDoubleFunction<Cost> value) {
    return Series.of(
        name,
        all.stream().mapToDouble(at -> at.percent().doubleValue()).toArray(),
        all.stream().mapToDouble(at -> value.applyAsDouble(at.cost())).toArray());
  }
}
