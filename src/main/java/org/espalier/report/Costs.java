package org.espalier.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.espalier.experiment.Cost;
import org.espalier.experiment.CostMeter;
import org.espalier.experiment.PrunedCost;
import org.jspecify.annotations.Nullable;

/**
 * What a network costs at several percentages, as a table and as charts.
 *
 * @param all by percentage, ascending
 */
record Costs(List<PrunedCost> all) {
  /** What the words mean. */
  static final String NOTE =
      "Dense is the network of the size that it had, every weight multiplied; sparse is what is"
          + " left of it, each layer with the kernel that the compiler chose; ORT is ONNX Runtime,"
          + " fp32, on the same. KiB are those of the weights in memory. A time is the median of"
          + " one call (b1: with one example, b64: with 64), taken by turns in one JVM, and"
          + " \"faster\" the median of the ratios dense to sparse.";

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
      columns.add(Table.Column.number("b" + batch + " faster (×)", 2));
    }
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
      cells.add(call.dense());
      cells.add(call.sparse());
      if (withOnnxRuntime()) {
        cells.add(onnxRuntime(call));
      }
      cells.add(call.faster());
    }
    return cells.toArray();
  }

  private static double onnxRuntime(Cost.Call call) {
    return call.onnxRuntime().orElse(Double.NaN);
  }

  /** Returns latency over percentage, a chart for each batch. */
  List<Chart> latencyCharts() {
    return CostMeter.BATCHES.stream().map(this::latencyChart).toList();
  }

  private Chart latencyChart(int batch) {
    List<Series> series = new ArrayList<>();
    series.add(series("sparse", cost -> cost.call(batch).sparse()));
    series.add(series("dense", cost -> cost.call(batch).dense()));
    if (withOnnxRuntime()) {
      series.add(series("ONNX Runtime", cost -> onnxRuntime(cost.call(batch))));
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
