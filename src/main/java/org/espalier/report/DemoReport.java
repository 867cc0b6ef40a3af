package org.espalier.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.espalier.experiment.Demo;
import org.espalier.experiment.sweep.Cost;
import org.espalier.experiment.sweep.Pruned;
import org.espalier.experiment.sweep.PrunedCost;
import org.espalier.model.Graph;

/** Tables and charts of the main job. */
public final class DemoReport {
  /** Accuracy that may be lost, in points, when the highlights are chosen. */
  private static final double TOLERATED_POINTS = 2;

  private static final String WEIGHTS = "fc1.weight";
  private static final String PERCENT = "pruned (%)";

  private final Demo.Result result;
  private final Costs costs;
  private final double[] percentages;

  /** Makes the tables and charts of some results. */
  public DemoReport(Demo.Result result) {
    this.result = result;
    this.costs = new Costs(result.costs());
    this.percentages = Demo.PERCENTAGES.stream().mapToDouble(p -> p.doubleValue()).toArray();
  }

  /** Returns accuracy by percentage and method, as the paper prints it. */
  public Table accuracies() {
    List<Table.Column> columns = new ArrayList<>();
    columns.add(Table.Column.number(PERCENT));
    result.methods().forEach(m -> columns.add(Table.Column.number(m.recipe().name(), 2)));
    Table table =
        new Table("Test accuracy (%) by share pruned", columns.toArray(Table.Column[]::new));
    for (int i = 0; i < percentages.length; i++) {
      List<Object> row = new ArrayList<>();
      row.add(percentages[i]);
      for (Demo.Method m : result.methods()) {
        row.add(accuracy(m.accuracies(i)));
      }
      table.row(row.toArray());
    }
    return table;
  }

  /** Returns what the trainings were and gave before post hoc pruning. */
  public Table trainings() {
    Table table =
        new Table(
            "After training (%)",
            Table.Column.text("method"),
            Table.Column.text("pruned by"),
            Table.Column.number("accuracy", 2),
            Table.Column.number("pruned-forward accuracy", 2));
    for (Demo.Method m : result.methods()) {
      double[] pruned =
          m.runs().stream()
              .flatMapToDouble(run -> run.trained().prunedAccuracy().stream())
              .toArray();
      table.row(
          m.recipe().name(),
          m.by().toString(),
          accuracy(m.runs().stream().mapToDouble(run -> run.trained().accuracy()).toArray()),
          pruned.length == 0 ? null : accuracy(pruned));
    }
    return table;
  }

  /** Returns size and speed of the measured model by percentage. */
  public Table sizes() {
    return costs.table("Size and speed of " + Demo.MEASURED + " (one call, median)");
  }

  private static Object accuracy(double[] shares) {
    double[] percent = java.util.Arrays.stream(shares).map(share -> 100 * share).toArray();
    return percent.length == 1 ? (Object) percent[0] : Spread.of(percent);
  }

  /** Returns the highest percentage whose accuracy is near that of the unpruned plain network. */
  private OptionalInt best() {
    double plain = Spread.of(result.method("plain").accuracies(0)).mean();
    Demo.Method measured = result.method(Demo.MEASURED);
    OptionalInt best = OptionalInt.empty();
    for (int i = 0; i < percentages.length; i++) {
      double accuracy = Spread.of(measured.accuracies(i)).mean();
      if (100 * (plain - accuracy) <= TOLERATED_POINTS) {
        best = OptionalInt.of(i);
      }
    }
    return best;
  }

  /** Returns the sentence that says what came out. */
  public String lead() {
    OptionalInt best = best();
    double plain = 100 * Spread.of(result.method("plain").accuracies(0)).mean();
    if (best.isEmpty()) {
      return String.format(
          Locale.ROOT,
          "At no percentage was %s within %.0f points of the plain network's %.2f %%.",
          Demo.MEASURED,
          TOLERATED_POINTS,
          plain);
    }
    int i = best.getAsInt();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "The plain network is right on %.2f %% of the test images. With %s %% of the weights of"
                + " its hidden layers pruned, accuracy is ",
            plain,
            Demo.PERCENTAGES.get(i).toPlainString()));
    List<String> parts = new ArrayList<>();
    for (Demo.Method m : result.methods()) {
      if (m.by().name().equals("WEIGHT")) {
        parts.add(
            String.format(
                Locale.ROOT,
                "%.2f %% (%s)",
                100 * Spread.of(m.accuracies(i)).mean(),
                m.recipe().name()));
      }
    }
    return text.append(String.join(", ", parts)).append('.').toString();
  }

  /**
   * Returns which of the times can't be relied on and why, so that they are not among the figures
   * and in the charts; an empty string if all can.
   */
  public String leftOut() {
    return costs.leftOut();
  }

  /** Returns the whole report. */
  public HtmlReport html(Manifest manifest) {
    return new HtmlReport(
        "Trained to be pruned",
        (lead() + " " + leftOut()).strip(),
        figures(),
        List.of(
            Section.of("Accuracy", accuracyChart(), trainings(), accuracies()),
            sizeAndSpeed(),
            Section.of("Weights", histogram("plain"), histogram(Demo.MEASURED))),
        manifest);
  }

  private List<Figure> figures() {
    OptionalInt best = best();
    if (best.isEmpty()) {
      return List.of();
    }
    Cost dense = result.costs().getFirst().cost();
    PrunedCost at = result.costs().get(best.getAsInt());
    Cost sparse = at.cost();
    String note =
        String.format(
            Locale.ROOT,
            "at %s %% pruned, %.1f %% accurate",
            at.percent().toPlainString(),
            100 * at.accuracy().orElse(Double.NaN));
    List<Figure> figures = new ArrayList<>();
    figures.add(
        new Figure(
            String.format(Locale.ROOT, "%.1f×", (double) dense.fileBytes() / sparse.fileBytes()),
            "smaller file",
            note));
    for (Cost.Call call : sparse.calls()) {
      if (call.isSound()) {
        String images = call.batch() == 1 ? "one image" : call.batch() + " images";
        figures.add(
            new Figure(
                String.format(Locale.ROOT, "%.1f×", call.faster()), "faster, " + images, note));
      }
    }
    return figures;
  }

  private Chart accuracyChart() {
    List<Series> series = new ArrayList<>();
    for (Demo.Method m : result.methods()) {
      List<Spread> points = new ArrayList<>();
      for (int i = 0; i < percentages.length; i++) {
        double[] percent =
            java.util.Arrays.stream(m.accuracies(i)).map(share -> 100 * share).toArray();
        points.add(Spread.of(percent));
      }
      series.add(Series.of(m.recipe().name(), percentages, points));
    }
    return new Chart(
        "Accuracy after pruning, without further training", PERCENT, "test accuracy (%)", series);
  }

  private Section sizeAndSpeed() {
    List<Block> blocks = new ArrayList<>(costs.latencyCharts());
    blocks.add(costs.bytesChart());
    blocks.add(new Paragraph(Costs.NOTE));
    blocks.add(sizes());
    return new Section("Size and speed", blocks);
  }

  private Histogram histogram(String method) {
    Demo.Run run = result.method(method).runs().getFirst();
    Pruned unpruned = run.pruned().getFirst();
    Graph graph = unpruned.graph();
    return Histogram.over(
            WEIGHTS + " of " + method, Axis.of("weight"), Axis.log("how many"), -0.25, 0.25, 50)
        .with(method, graph.parameter(WEIGHTS).value().toArray());
  }
}
