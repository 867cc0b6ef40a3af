package org.espalier.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.espalier.experiment.Demo;
import org.espalier.experiment.Pruned;
import org.espalier.model.Graph;

/** Tables and charts of the main job. */
public final class DemoReport {
  /** Accuracy that may be lost, in points, when the highlights are chosen. */
  private static final double TOLERATED_POINTS = 2;

  private static final String WEIGHTS = "fc1.weight";
  private static final String PERCENT = "pruned (%)";

  private final Demo.Result result;
  private final double[] percentages;

  /** Makes the tables and charts of some results. */
  public DemoReport(Demo.Result result) {
    this.result = result;
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
            Table.Column.number("unpruned forward", 2),
            Table.Column.number("γ-pruned forward", 2));
    for (Demo.Method m : result.methods()) {
      double[] pruned =
          m.runs().stream()
              .flatMapToDouble(run -> run.trained().prunedAccuracy().stream())
              .toArray();
      table.row(
          m.recipe().name(),
          m.by().name().toLowerCase(Locale.ROOT),
          accuracy(m.runs().stream().mapToDouble(run -> run.trained().accuracy()).toArray()),
          pruned.length == 0 ? null : accuracy(pruned));
    }
    return table;
  }

  /** Returns size and speed of the measured model by percentage. */
  public Table sizes() {
    Table table =
        new Table(
            "Size and speed of " + Demo.MEASURED + " (one call, median)",
            Table.Column.number(PERCENT),
            Table.Column.number("accuracy (%)", 2),
            Table.Column.number("zeros, all (%)", 1),
            Table.Column.number("file (KiB)", 1),
            Table.Column.number("weights, sparse (KiB)", 1),
            Table.Column.number("weights, dense (KiB)", 1),
            Table.Column.number("batch 1, sparse (µs)", 1),
            Table.Column.number("dense (µs)", 1),
            Table.Column.number("faster (×)", 2),
            Table.Column.number("batch 64, sparse (µs)", 1),
            Table.Column.number("dense (µs) ", 1),
            Table.Column.number("faster (×) ", 2));
    for (Demo.Size s : result.sizes()) {
      table.row(
          s.pruned().percent().doubleValue(),
          100 * s.pruned().accuracy(),
          100 * s.pruned().overallSparsity(),
          s.fileBytes() / 1024.0,
          s.sparseBytes() / 1024.0,
          s.denseBytes() / 1024.0,
          s.sparseOne(),
          s.denseOne(),
          s.denseOne() / s.sparseOne(),
          s.sparseMany(),
          s.denseMany(),
          s.denseMany() / s.sparseMany());
    }
    return table;
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

  /** Returns the whole report. */
  public HtmlReport html(Manifest manifest) {
    return new HtmlReport(
        "Trained to be pruned",
        lead(),
        figures(),
        List.of(
            Section.of("Accuracy", accuracyChart(), trainings(), accuracies()),
            Section.of(
                "Size and speed",
                latencyChart(
                    "One image a call",
                    result.sizes().stream().mapToDouble(Demo.Size::sparseOne).toArray(),
                    result.sizes().stream().mapToDouble(Demo.Size::denseOne).toArray()),
                latencyChart(
                    "64 images a call",
                    result.sizes().stream().mapToDouble(Demo.Size::sparseMany).toArray(),
                    result.sizes().stream().mapToDouble(Demo.Size::denseMany).toArray()),
                bytesChart(),
                sizes()),
            Section.of("Weights", histogram("plain"), histogram(Demo.MEASURED))),
        manifest);
  }

  private List<Figure> figures() {
    OptionalInt best = best();
    if (best.isEmpty()) {
      return List.of();
    }
    Demo.Size dense = result.sizes().getFirst();
    Demo.Size s = result.sizes().get(best.getAsInt());
    String note =
        String.format(
            Locale.ROOT,
            "at %s %% pruned, %.1f %% accurate",
            s.pruned().percent().toPlainString(),
            100 * s.pruned().accuracy());
    return List.of(
        new Figure(
            String.format(Locale.ROOT, "%.1f×", (double) dense.fileBytes() / s.fileBytes()),
            "smaller file",
            note),
        new Figure(
            String.format(Locale.ROOT, "%.1f×", s.denseOne() / s.sparseOne()),
            "faster, one image",
            note),
        new Figure(
            String.format(Locale.ROOT, "%.1f×", s.denseMany() / s.sparseMany()),
            "faster, 64 images",
            note));
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

  private Chart latencyChart(String title, double[] sparse, double[] dense) {
    return new Chart(
        title,
        Axis.of(PERCENT),
        Axis.log("latency (µs)"),
        List.of(Series.of("sparse", percentages, sparse), Series.of("dense", percentages, dense)));
  }

  private Chart bytesChart() {
    return new Chart(
        "Bytes",
        Axis.of(PERCENT),
        Axis.log("size (KiB)"),
        List.of(
            Series.of("file", percentages, kib(Demo.Size::fileBytes)),
            Series.of("memory, sparse", percentages, kib(Demo.Size::sparseBytes)),
            Series.of("memory, dense", percentages, kib(Demo.Size::denseBytes))));
  }

  private double[] kib(java.util.function.ToLongFunction<Demo.Size> bytes) {
    return result.sizes().stream().mapToDouble(s -> bytes.applyAsLong(s) / 1024.0).toArray();
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
