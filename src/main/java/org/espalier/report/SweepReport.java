package org.espalier.report;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import org.espalier.experiment.sweep.BreakEven;
import org.espalier.experiment.sweep.Cost;
import org.espalier.experiment.sweep.CostMeter;
import org.espalier.experiment.sweep.PrunedCost;
import org.espalier.infer.WeightFormat;
import org.espalier.sparsify.Granularity;
import org.jspecify.annotations.Nullable;

/**
 * What sparsity buys a network: tables and charts.
 *
 * @param network what was measured
 * @param by what was pruned
 * @param costs of the network by percentage, ascending
 * @param curves of its layers; there may be none
 */
public record SweepReport(
    String network, Granularity by, List<PrunedCost> costs, List<BreakEven.Curve> curves) {
  /** Copies the lists. */
  public SweepReport {
    costs = List.copyOf(costs);
    curves = List.copyOf(curves);
  }

  /** Returns the tables: that of the network, and that of its layers if they were measured. */
  public List<Table> tables() {
    Table sizes = new Costs(costs).table("Costs");
    return curves.isEmpty() ? List.of(sizes) : List.of(sizes, breakEvens());
  }

  private String pruned() {
    return by.height() > 1 ? "blocks of " + by.height() + " weights" : by + "s";
  }

  private Table breakEvens() {
    List<Table.Column> columns = new ArrayList<>();
    columns.add(Table.Column.text("layer"));
    columns.add(Table.Column.text("outputs of inputs"));
    CostMeter.BATCHES.forEach(
        batch -> columns.add(Table.Column.number("sparse wins from, batch " + batch + " (%)", 0)));
    columns.add(Table.Column.doubts());
    Table table = new Table("Break-even", columns.toArray(Table.Column[]::new));
    for (BreakEven.Curve curve : curves) {
      List<@Nullable Object> cells = new ArrayList<>(List.of(names(curve), curve.kind()));
      for (int batch : CostMeter.BATCHES) {
        OptionalDouble from = curve.breakEven(batch);
        cells.add(from.isPresent() ? (Double) from.getAsDouble() : null);
      }
      cells.add(doubts(curve));
      table.row(cells.toArray());
    }
    return table;
  }

  private static List<String> doubts(BreakEven.Curve curve) {
    List<String> doubts = new ArrayList<>();
    for (int batch : CostMeter.BATCHES) {
      for (BreakEven.Point point : curve.points()) {
        List<String> why = point.doubts(batch);
        if (!why.isEmpty()) {
          doubts.add(
              String.format(
                  Locale.ROOT,
                  "b%d without %s %%: %s",
                  batch,
                  point.percent().toPlainString(),
                  String.join(", ", why)));
        }
      }
    }
    return doubts;
  }

  private static String names(BreakEven.Curve curve) {
    int more = curve.layers().size() - 1;
    String first = curve.layers().getFirst();
    return more == 0 ? first : first + " and " + more + " like it";
  }

  private static Chart chart(BreakEven.Curve curve, int batch) {
    double[] percentages =
        curve.points().stream().mapToDouble(p -> p.percent().doubleValue()).toArray();
    Set<WeightFormat> kernels = EnumSet.noneOf(WeightFormat.class);
    curve.points().forEach(p -> kernels.addAll(p.kernels()));
    List<Series> series = new ArrayList<>();
    for (WeightFormat kernel : kernels) {
      series.add(
          Series.of(
              kernel.toString(),
              percentages,
              curve.points().stream().mapToDouble(p -> time(p, batch, kernel)).toArray()));
    }
    series.add(
        Series.of(
            "chosen",
            percentages,
            curve.points().stream()
                .mapToDouble(p -> sound(p, batch) ? p.chosen(batch) : Double.NaN)
                .toArray()));
    return new Chart(
        names(curve) + " (" + curve.kind() + "), batch " + batch,
        Axis.of("zeros (%)"),
        Axis.log("latency (µs)"),
        series);
  }

  private static boolean sound(BreakEven.Point point, int batch) {
    return point.doubts(batch).isEmpty();
  }

  private static double time(BreakEven.Point point, int batch, WeightFormat kernel) {
    return sound(point, batch) ? point.micros(batch, kernel) : Double.NaN;
  }

  /** Returns the whole report. */
  public HtmlReport html(Manifest manifest) {
    Costs measured = new Costs(costs);
    List<Block> blocks = new ArrayList<>(measured.latencyCharts());
    blocks.add(measured.bytesChart());
    blocks.add(new Paragraph(Costs.NOTE));
    blocks.add(tables().getFirst());
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("The network", blocks));
    if (!curves.isEmpty()) {
      List<Block> layers = new ArrayList<>();
      curves.forEach(c -> CostMeter.BATCHES.forEach(batch -> layers.add(chart(c, batch))));
      layers.add(breakEvens());
      sections.add(new Section("Each layer by itself, its weights drawn anew", layers));
    }
    return new HtmlReport("What sparsity buys", lead(), figures(), sections, manifest);
  }

  private String lead() {
    return String.format(
            Locale.ROOT,
            "%s, at %s of the %s pruned.",
            network,
            costs.size() == 1
                ? costs.getFirst().percent().toPlainString() + " %"
                : costs.getFirst().percent().toPlainString()
                    + " to "
                    + costs.getLast().percent().toPlainString()
                    + " %",
            pruned())
        + leftOut();
  }

  private String leftOut() {
    String what = new Costs(costs).leftOut();
    return what.isEmpty() ? "" : " " + what;
  }

  private List<Figure> figures() {
    PrunedCost most = costs.getLast();
    PrunedCost least = costs.getFirst();
    String note = "at " + most.percent().toPlainString() + " % of the " + pruned() + " pruned";
    List<Figure> figures = new ArrayList<>();
    figures.add(
        figure((double) least.cost().fileBytes() / most.cost().fileBytes(), "smaller file", note));
    for (int batch : CostMeter.BATCHES) {
      String label = batch == 1 ? "faster, one example" : "faster, " + batch + " examples";
      Cost.Call call = most.cost().call(batch);
      if (call.isSound()) {
        figures.add(figure(call.faster(), label, note));
      }
    }
    return figures;
  }

  private static Figure figure(double times, String label, String note) {
    return new Figure(String.format(Locale.ROOT, "%.1f×", times), label, note);
  }
}
