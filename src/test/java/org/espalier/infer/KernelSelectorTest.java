package org.espalier.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.infer.KernelSelector.Choice;
import org.espalier.infer.KernelTimes.Key;
import org.espalier.model.Graph;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelSelectorTest {
  private static final KernelSelector.Work NONE =
      (kernel, batch) -> {
        throw new AssertionError("nothing is run to choose a kernel");
      };

  private static Tensor weight(int rows, int cols, double density) {
    var random = new SplittableRandom(1);
    Tensor w = Tensor.zeros(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        w.set(r, c, random.nextDouble() < density ? 1 : 0);
      }
    }
    return w;
  }

  private static Workload layer(double density) {
    return Workload.linear(weight(1024, 1024, density), Precision.FP32);
  }

  private static Choice choose(PlanOptions options, Workload layer) {
    return new KernelSelector(options, null).choose(layer, 64, NONE);
  }

  /** So wide apart are the kernels there that no machine will see it otherwise. */
  @ParameterizedTest
  @CsvSource({"0.97, true", "0.05, false", "0.1, false", "0.02, false"})
  void theKernelFollowsTheDensity(double density, boolean dense) {
    Choice choice = choose(PlanOptions.defaults(), layer(density));
    assertEquals(dense, choice.one() == WeightFormat.DENSE, choice.reason());
    assertEquals(dense, choice.many() == WeightFormat.DENSE, choice.reason());
    assertEquals(choice, choose(PlanOptions.defaults(), layer(density)), "and always the same");
  }

  /** Times of all candidates of a layer: those that are given, the others too long to matter. */
  private static KernelTimes times(
      Workload layer, Map<WeightFormat, Double> ones, Map<WeightFormat, Double> manys) {
    Map<Key, Double> times = new HashMap<>();
    for (int batch : new int[] {1, 64}) {
      Map<WeightFormat, Double> given = batch == 1 ? ones : manys;
      for (WeightFormat format : KernelSelector.candidates(layer, batch)) {
        times.put(new Key(layer.toString(), format, batch), given.getOrDefault(format, 1e6));
      }
    }
    return new KernelTimes(times);
  }

  @Test
  void measuredTimesOverruleEstimatesForTheirBatchOnly() {
    Workload layer = layer(0.05);
    String name = layer.toString();
    Map<Key, Double> times = new HashMap<>();
    KernelSelector.candidates(layer, 1)
        .forEach(format -> times.put(new Key(name, format, 1), 5000.0));
    times.put(new Key(name, WeightFormat.DENSE, 1), 1000.0);
    PlanOptions options = PlanOptions.defaults().withTimes(new KernelTimes(times));
    Choice choice = choose(options, layer);
    assertEquals(WeightFormat.DENSE, choice.one(), choice.reason());
    assertEquals(choose(PlanOptions.defaults(), layer).many(), choice.many(), choice.reason());
    assertTrue(
        choice
            .reason()
            .contains(
                "expected for batch 1: dense 1.0 µs measured, csr 5.0 µs measured, sell 5.0 µs"
                    + " measured"),
        choice.reason());
    assertEquals(choose(PlanOptions.defaults(), layer(0.3)), choose(options, layer(0.3)));
  }

  @Test
  void aLayerLiesInMemoryOnceWhereThatIsAskedForOrCostsNothing() {
    Workload layer = layer(0.05);
    PlanOptions options =
        PlanOptions.defaults()
            .withTimes(
                times(
                    layer,
                    Map.of(WeightFormat.DENSE, 1000.0, WeightFormat.CSR, 1900.0),
                    Map.of(WeightFormat.DENSE, 9000.0, WeightFormat.CSR, 3000.0)));
    assertEquals(WeightFormat.DENSE, choose(options, layer).one());
    assertEquals(WeightFormat.CSR, choose(options, layer).many());
    assertEquals(WeightFormat.CSR, choose(options.withCompact(true), layer).one());
    assertEquals(WeightFormat.CSR, choose(options.withCompact(true), layer).many());
    KernelTimes near =
        options.times().with(Map.of(new Key(layer.toString(), WeightFormat.CSR, 1), 1040.0));
    assertEquals(WeightFormat.CSR, choose(options.withTimes(near), layer).one());
    KernelTimes tiny =
        options
            .times()
            .with(
                Map.of(
                    new Key(layer.toString(), WeightFormat.DENSE, 1),
                    100.0,
                    new Key(layer.toString(), WeightFormat.CSR, 1),
                    390.0));
    assertEquals(WeightFormat.CSR, choose(options.withTimes(tiny), layer).one());
  }

  /** The two formats of which each serves one side only go together where that is fastest. */
  @Test
  void singleExamplesAndBatchesMayHaveSparseFormatsOfTheirOwn() {
    Workload layer = layer(0.05);
    PlanOptions options =
        PlanOptions.defaults()
            .withTimes(
                times(
                    layer,
                    Map.of(WeightFormat.SELL, 1000.0, WeightFormat.CSR, 2000.0),
                    Map.of(WeightFormat.BLOCKED_CSR, 9000.0, WeightFormat.CSR, 12_000.0)));
    assertEquals(WeightFormat.SELL, choose(options, layer).one());
    assertEquals(WeightFormat.BLOCKED_CSR, choose(options, layer).many());
    assertEquals(WeightFormat.CSR, choose(options.withCompact(true), layer).one());
    assertEquals(WeightFormat.CSR, choose(options.withCompact(true), layer).many());
  }

  @ParameterizedTest
  @CsvSource({
    "DENSE, DENSE, DENSE",
    "CSR, CSR, CSR",
    "BLOCKED_CSR, SELL, BLOCKED_CSR",
    "BSR, SELL, BSR"
  })
  void whatIsAskedForRunsWhereItCan(WeightFormat asked, WeightFormat one, WeightFormat many) {
    Choice choice = choose(PlanOptions.defaults().withKernel(asked), layer(0.3));
    assertEquals(one, choice.one());
    assertEquals(many, choice.many());
    assertTrue(choice.reason().startsWith("asked for"), choice.reason());
    assertEquals(one == asked && many == asked, choice.reason().equals("asked for"));
  }

  /** What times were measured of one layer serves others of its kind, and no others. */
  @Test
  void layersOfOneKindHaveOneDescription() {
    assertEquals("1024 of 1024, fp32, 5.0 %", layer(0.05).toString());
    assertEquals("1024 of 1024, fp32, 40 %", layer(0.4).toString());
    assertEquals(
        "64 of 32, int8, 11 %", Workload.linear(weight(64, 32, 0.1), Precision.INT8).toString());
  }

  @Test
  void theTwoKernelsOfALayerGiveTheSameBits() {
    Graph graph = Graph.input(Shape.of(70)).linear("a", 50).relu().linear("b", 20).build();
    graph.parameter("a.weight").value().copyFrom(weight(50, 70, 0.3));
    graph.parameter("b.weight").value().copyFrom(weight(20, 50, 0.3));
    KernelTimes times = KernelTimes.NONE;
    for (String name : new String[] {"a", "b"}) {
      Workload layer = Workload.linear(graph.parameter(name + ".weight").value(), Precision.FP32);
      times =
          times.with(
              times(layer, Map.of(WeightFormat.DENSE, 1e3), Map.of(WeightFormat.BLOCKED_CSR, 1e3))
                  .nanos());
    }
    var random = new SplittableRandom(2);
    float[] x = new float[67 * 70];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    float[] want = new float[67 * 20];
    Plan.compile(graph, PlanOptions.defaults().withKernel(WeightFormat.DENSE))
        .session()
        .run(67, x, want);
    Plan mixed =
        Plan.compile(graph, PlanOptions.defaults().withRewrites(Rewrites.NONE).withTimes(times));
    assertEquals("dense; batches blocked-csr", mixed.describe().getFirst().kernels());
    for (int batch : new int[] {1, 2, 3, 16, 37, 64, 67}) {
      float[] got = new float[want.length];
      Session session = mixed.session();
      for (int done = 0; done < 67; done += batch) {
        int n = Math.min(batch, 67 - done);
        session.run(n, x, done * 70, 70, got, done * 20, 20);
      }
      assertArrayEquals(want, got, "batch " + batch);
    }
  }
}
