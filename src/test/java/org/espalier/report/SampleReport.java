package org.espalier.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.machine.Cache;
import org.espalier.machine.Machine;

/** A report of made-up numbers that has one of everything. */
final class SampleReport {
  static final Machine MACHINE =
      new Machine(
          "Imaginary 9000 <8-Core>",
          "Linux 6.1, amd64",
          2,
          16,
          8L << 30,
          4L << 30,
          "25.0.3+9, Eclipse",
          "G1 Young Generation",
          Map.of("UseAVX", "2"),
          List.of("--add-modules=jdk.incubator.vector"),
          List.of(new Cache(1, 32 << 10), new Cache(2, 1 << 20)));

  static final Manifest MANIFEST =
      new Manifest(
          new Build("1.2.3", "0123abc", true),
          MACHINE,
          "simd, 256 bits",
          Instant.parse("2026-01-02T03:04:05Z"),
          "espalier demo",
          7,
          2,
          "made up",
          "sha256:00ff",
          Map.of("sparsify", Map.of("alpha", 0.5, "layers", List.of("fc1", "fc2"))));

  private static final double[] PERCENT = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99};

  private SampleReport() {}

  static HtmlReport make() {
    List<Series> accuracy = new ArrayList<>();
    String[] names = {
      "ramping targeted weight", "targeted weight", "targeted unit", "dropout", "no regularisation"
    };
    double[] knees = {0.99, 0.9, 0.72, 0.62, 0.5};
    for (int m = 0; m < names.length; m++) {
      List<Spread> values = new ArrayList<>();
      for (double p : PERCENT) {
        double lost = 78 / (1 + Math.exp((knees[m] * 100 - p) / 4));
        values.add(new Spread(88.4 - m * 0.3 - lost, 0.2 + lost / 12));
      }
      accuracy.add(Series.of(names[m], PERCENT, values));
    }
    double[] percent = {0, 50, 80, 90, 95, 99};
    Histogram weights =
        Histogram.over(
            "Weights of fc1", Axis.of("weight"), Axis.log("weights in a bin"), -0.3, 0.3, 61);
    weights = weights.with("targeted", normal(0.02, 5)).with("plain", normal(0.08, 6));
    Table table =
        new Table(
            "Accuracy after pruning (%), made up",
            Table.Column.text("method"),
            Table.Column.number("0 %", 1),
            Table.Column.number("90 %", 1),
            Table.Column.number("99 %", 1));
    for (Series s : accuracy) {
      table.row(s.name(), s.cell(0), s.cell(90), s.cell(99));
    }
    return new HtmlReport(
        "LeNet-300-100 <script>alert(1)</script> & friends",
        "At 95 % pruned the ramped network is as accurate as before, its file 11 times smaller and"
            + " a prediction 4 times faster. (All numbers here are made up.)",
        List.of(
            new Figure("95 %", "of the weights pruned", "within 0.4 points of all of them"),
            new Figure("11.3×", "smaller file", "1,042 KiB → 92 KiB"),
            new Figure("4.1×", "faster, batch 1", "against our own dense kernels"),
            new Figure("88.1 %", "accurate", "2,000 test images")),
        List.of(
            Section.of(
                "Accuracy against sparsity",
                new Paragraph("Five ways to train, one budget, one seed; then pruned by weight."),
                new Chart(
                    "Accuracy after pruning",
                    Axis.of("weights pruned (%)"),
                    Axis.of("test accuracy (%)").range(0, 100),
                    accuracy),
                table),
            Section.of(
                "What pruning buys",
                new Chart(
                    "Latency, batch 1",
                    Axis.of("weights pruned (%)"),
                    Axis.log("latency (µs)"),
                    List.of(
                        Series.of("sparse", percent, new double[] {61, 40, 17, 9.1, 5.2, 2.2}),
                        Series.of("dense", percent, new double[] {21, 21.2, 20.9, 21, 21, 21}))),
                new Chart(
                    "Latency, batch 64",
                    Axis.of("weights pruned (%)"),
                    Axis.of("latency (µs)"),
                    List.of(
                        Series.of("sparse", percent, new double[] {900, 600, 260, 140, 85, 30}),
                        Series.of("dense", percent, new double[] {210, 212, 209, 210, 210, 210}))),
                new Chart(
                    "File",
                    "weights pruned (%)",
                    "size (KiB)",
                    List.of(
                        Series.of(
                            "ramped model", percent, new double[] {1042, 560, 240, 137, 92, 23}))),
                weights),
            Section.of(
                "Weights, linear",
                Histogram.over("fc2", Axis.of("weight"), Axis.of("count"), -0.3, 0.3, 21)
                    .with("plain", normal(0.08, 8)))),
        MANIFEST);
  }

  private static float[] normal(double deviation, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[235_200];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian(0, deviation);
    }
    return values;
  }
}
