package org.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.List;
import java.util.OptionalDouble;
import org.espalier.experiment.Cost;
import org.espalier.experiment.PrunedCost;
import org.junit.jupiter.api.Test;

class CostsTest {
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
                new Cost.Call(1, 8, 4, onnxRuntime, 2.1),
                new Cost.Call(64, 90, 30, onnxRuntime, 3.2))));
  }

  @Test
  void aTableHasColumnsForWhatWasMeasured() {
    OptionalDouble none = OptionalDouble.empty();
    assertEquals(
        """
        Costs
        pruned (%)  zeros (%)  file (KiB)  dense (KiB)  sparse (KiB)  b1 dense (µs)  b1 sparse (µs)  b1 faster (×)  b64 dense (µs)  b64 sparse (µs)  b64 faster (×)
        ──────────  ─────────  ──────────  ───────────  ────────────  ─────────────  ──────────────  ─────────────  ──────────────  ───────────────  ──────────────
                 0        0.0       100.0        100.0         200.0            8.0             4.0           2.10            90.0             30.0            3.20
                90       90.0        10.0        100.0          20.0            8.0             4.0           2.10            90.0             30.0            3.20
        """,
        new Costs(List.of(at(0, none, none), at(90, none, none))).table("Costs").toText());
    Table all =
        new Costs(List.of(at(50, OptionalDouble.of(0.875), OptionalDouble.of(12)))).table("");
    assertEquals(14, all.columns().size());
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

  private static List<String> names(Chart chart) {
    return chart.series().stream().map(Series::name).toList();
  }
}
