package org.espalier.experiment.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.espalier.infer.KernelMeter.Candidate;
import org.espalier.infer.KernelTimes;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.infer.WeightFormat;
import org.espalier.infer.Workload;
import org.espalier.machine.Gauges;
import org.espalier.model.Graph;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** A machine whose time passes only when work is done, so that nothing here depends on a clock. */
class TunerTest {
  private static final Workload LAYER = Workload.linear(Tensor.zeros(64, 32), Precision.FP32);

  private long now;
  private LongSupplier others = () -> 0;
  private LongSupplier compiled = () -> 0;

  private final Gauges gauges =
      new Gauges() {
        @Override
        public long nanos() {
          return now;
        }

        @Override
        public Compilation compilation() {
          return new Compilation(compiled.getAsLong(), false);
        }

        @Override
        public OptionalLong others() {
          return OptionalLong.of(others.getAsLong());
        }

        @Override
        public int processors() {
          return 2;
        }
      };

  private Candidate candidate(WeightFormat kernel, double estimate, LongSupplier nanos) {
    return new Candidate(kernel, () -> estimate, () -> () -> now += nanos.getAsLong());
  }

  private Tuner.Finding find(LongSupplier dense, LongSupplier csr) {
    List<Tuner.Finding> findings = new ArrayList<>();
    Tuner tuner = new Tuner(new KernelTimer(gauges), _ -> {});
    tuner.measure(
        LAYER,
        1,
        List.of(
            candidate(WeightFormat.DENSE, 50_000, dense), candidate(WeightFormat.CSR, 6_000, csr)));
    findings.addAll(tuner.findings());
    assertEquals(1, findings.size());
    return findings.getFirst();
  }

  private static String refusal(Tuner.Finding finding) {
    assertEquals(Map.of(), Tuner.kept(List.of(finding)), "nothing of it is kept");
    return finding.refusal().orElseThrow();
  }

  @Test
  void timesThatRepeatAndAreOfTheExpectedSizeAreKept() {
    Tuner.Finding finding = find(() -> 49_000, () -> 9_000);
    String layer = LAYER.toString();
    assertEquals(
        Map.of(
            new KernelTimes.Key(layer, WeightFormat.DENSE, 1), 49_000.0,
            new KernelTimes.Key(layer, WeightFormat.CSR, 1), 9_000.0),
        Tuner.kept(List.of(finding)));
  }

  @Test
  void aTimeOfInterpretedCodeIsNotKept() {
    assertTrue(refusal(find(() -> 49_000, () -> 274_000)).contains("274.0 µs where 6.0"));
    assertTrue(refusal(find(() -> 900, () -> 9_000)).contains("0.9 µs where 50.0"));
  }

  @Test
  void timesThatDontRepeatAreNotKept() {
    assertTrue(
        refusal(find(() -> 49_000, () -> 9_000 + now / 100_000)).startsWith("times don't repeat"));
  }

  @Test
  void timesOfABusyMachineAreNotKept() {
    others = () -> 2 * now;
    assertTrue(refusal(find(() -> 49_000, () -> 9_000)).contains("others used 2.0 of 2"));
  }

  @Test
  void timesBesideABusyCompilerAreNotKept() {
    compiled = () -> now / 2;
    assertTrue(refusal(find(() -> 49_000, () -> 9_000)).contains("compil"));
  }

  @Test
  void aRealNetworkIsMeasuredLayerByLayerAndItsTimesOverruleTheEstimates() {
    Graph graph =
        Graph.input(Shape.of(40)).linear("a", 48).relu().linear("b", 48).linear("c", 48).build();
    graph.parameter("a.weight").value().set(1, 1, 1);
    List<String> asked = new ArrayList<>();
    PlanOptions options = PlanOptions.defaults().withRewrites(Rewrites.NONE);
    List<Tuner.Finding> findings = Tuner.tune(graph, options, asked::add);
    // b and c are of one kind
    assertEquals(
        List.of(
            "48 of 40, fp32, 0.1 %, batch 1", "48 of 40, fp32, 0.1 %, batch 64",
            "48 of 48, fp32, 0.0 %, batch 1", "48 of 48, fp32, 0.0 %, batch 64"),
        asked);
    assertEquals(4, findings.size());
    for (int i = 0; i < findings.size(); i++) {
      assertEquals(
          List.of(
              WeightFormat.DENSE,
              WeightFormat.CSR,
              i % 2 == 0 ? WeightFormat.SELL : WeightFormat.BLOCKED_CSR),
          findings.get(i).kernels().stream().map(Tuner.Measured::kernel).toList());
    }
    KernelTimes times =
        new KernelTimes(
            Map.of(
                new KernelTimes.Key(asked.get(2).replace(", batch 1", ""), WeightFormat.CSR, 1),
                    1e9,
                new KernelTimes.Key(asked.get(2).replace(", batch 1", ""), WeightFormat.SELL, 1),
                    1e9,
                new KernelTimes.Key(asked.get(2).replace(", batch 1", ""), WeightFormat.DENSE, 1),
                    1e3));
    var layers = Plan.compile(graph, options.withTimes(times)).describe();
    assertFalse(layers.get(0).reason().contains("measured"), layers.get(0).reason());
    assertEquals(WeightFormat.DENSE, layers.get(1).one(), layers.get(1).reason());
    assertTrue(layers.get(1).reason().contains("dense 1.0 µs measured"), layers.get(1).reason());
  }
}
