package org.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import java.util.OptionalDouble;
import org.espalier.experiment.sweep.Cost;
import org.espalier.experiment.sweep.PrunedCost;
import org.espalier.sparsify.Granularity;
import org.junit.jupiter.api.Test;

class CostsTest {
  /** One whose calls with 64 examples were disturbed. */
  private static PrunedCost disturbed(int percent) {
    PrunedCost at = at(percent, OptionalDouble.empty(), OptionalDouble.empty());
    var busy = List.of("machine busy: others used 1.3 of 2 CPUs", "dense: spread of 60 %");
    return new PrunedCost(
        at.percent(),
        at.zeros(),
        at.accuracy(),
        new Cost(
            10,
            100,
            50,
            List.of(
                at.cost().call(1),
                new Cost.Call(64, 90, 30, OptionalDouble.empty(), OptionalDouble.of(1.3), busy))));
  }

  private static PrunedCost at(int percent, OptionalDouble accuracy, OptionalDouble onnxRuntime) {
    int bytes = 1024 * (100 - percent);
    return new PrunedCost(
        BigDecimal.valueOf(percent),
        percent / 100.0,
        accuracy,
        new Cost(
            bytes,
            102400,
            2 * bytes,
            List.of(
                new Cost.Call(1, 8, 4, onnxRuntime, OptionalDouble.of(0.04), List.of()),
                new Cost.Call(64, 90, 30, onnxRuntime, OptionalDouble.of(0.12), List.of()))));
  }

  @Test
  void aTableHasColumnsForWhatWasMeasured() {
    OptionalDouble none = OptionalDouble.empty();
    assertEquals(
        """
        Costs
        pruned (%)  zeros (%)  file (KiB)  dense (KiB)  sparse (KiB)  b1 dense (µs)  b1 sparse (µs)  b1 speed-up (×)  b64 dense (µs)  b64 sparse (µs)  b64 speed-up (×)  others (CPUs)  doubts
        ──────────  ─────────  ──────────  ───────────  ────────────  ─────────────  ──────────────  ───────────────  ──────────────  ───────────────  ────────────────  ─────────────  ──────
                 0        0.0       100.0        100.0         200.0            8.0             4.0             2.00            90.0             30.0              3.00            0.1
                90       90.0        10.0        100.0          20.0            8.0             4.0             2.00            90.0             30.0              3.00            0.1
        """,
        new Costs(List.of(at(0, none, none), at(90, none, none))).table("Costs").toText());
    Table all =
        new Costs(List.of(at(50, OptionalDouble.of(0.875), OptionalDouble.of(12)))).table("");
    assertEquals(16, all.columns().size());
    assertEquals("87.50", all.formatted().getFirst().get(1));
    assertEquals(12.0, all.objects().getFirst().get("b64_ort_us"));
  }

  @Test
  void onnxRuntimeIsALineOfTheChartsIfItWasMeasured() {
    OptionalDouble none = OptionalDouble.empty();
    Costs without = new Costs(List.of(at(0, none, none)));
    Costs with = new Costs(List.of(at(0, none, OptionalDouble.of(12)), at(50, none, none)));
    assertEquals(List.of("sparse", "dense"), names(without.latencyCharts().getFirst()));
    Chart many = with.latencyCharts().getLast();
    assertEquals("64 examples a call", many.title());
    assertEquals(List.of("sparse", "dense", "ONNX Runtime"), names(many));
    assertEquals(12.0, many.series().getLast().cell(0));
    assertEquals(null, many.series().getLast().cell(50));
    assertEquals(50.0, with.bytesChart().series().getFirst().cell(50));
  }

  @Test
  void whatCantBeReliedOnIsMarkedAndLeftOutOfChartsAndHeadlines() {
    OptionalDouble none = OptionalDouble.empty();
    List<PrunedCost> all = List.of(at(0, none, none), disturbed(90));
    Costs costs = new Costs(all);
    Table table = costs.table("");
    assertEquals(List.of("", "?1"), table.formatted().stream().map(List::getLast).toList());
    String why = "b64: machine busy: others used 1.3 of 2 CPUs; b64: dense: spread of 60 %";
    assertEquals(List.of("?1 " + why), table.notes());
    assertEquals(List.of(), table.objects().getFirst().get("doubts"));
    assertEquals(List.of(why.split("; ")), table.objects().getLast().get("doubts"));
    assertEquals(1.3, table.objects().getLast().get("others_cpus"));
    Chart single = costs.latencyCharts().getFirst();
    Chart many = costs.latencyCharts().getLast();
    assertEquals(4.0, single.series().getFirst().cell(90));
    assertEquals(30.0, many.series().getFirst().cell(0));
    assertEquals(null, many.series().getFirst().cell(90));
    assertEquals(null, many.series().getLast().cell(90));
    assertEquals("Left out: 90 %, " + why + ".", costs.leftOut());
    HtmlReport html =
        new SweepReport("It", Granularity.WEIGHT, all, List.of()).html(SampleReport.MANIFEST);
    assertEquals(
        List.of("smaller file", "faster, one example"),
        html.figures().stream().map(Figure::label).toList());
    assertEquals("2.0×", html.figures().getLast().value());
    assertEquals(
        "It, at 0 to 90 % of the weights pruned. Left out: 90 %, " + why + ".", html.lead());
    assertTrue(html.render().contains("<p>?1 " + why + "</p>"), "the reason below the table");
  }

  @Test
  void whatWasNotMeasuredIsAGap() {
    PrunedCost at = at(50, OptionalDouble.empty(), OptionalDouble.empty());
    Cost.Call missing =
        new Cost.Call(
            64,
            Double.NaN,
            Double.NaN,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            List.of("left out: too large"));
    Cost cost = new Cost(1, 1, 1, List.of(at.cost().call(1), missing));
    Table table =
        new Costs(List.of(new PrunedCost(at.percent(), 0.5, at.accuracy(), cost))).table("");
    assertEquals(null, table.objects().getFirst().get("b64_speed_up"));
    assertEquals(List.of("–", "–", "–"), table.formatted().getFirst().subList(8, 11));
    assertEquals(List.of("?1 b64: left out: too large"), table.notes());
  }

  private static List<String> names(Chart chart) {
    return chart.series().stream().map(Series::name).toList();
  }
}
