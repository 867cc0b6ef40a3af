package org.espalier.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
  @CsvSource({"0.97, DENSE", "0.05, CSR", "0.1, CSR", "0.02, CSR"})
  void theKernelFollowsTheDensity(double density, Kernel kernel) {
    Choice choice = choose(PlanOptions.defaults(), layer(density));
    assertEquals(kernel, choice.one(), choice.reason());
    assertEquals(kernel, choice.many(), choice.reason());
    assertEquals(choice, choose(PlanOptions.defaults(), layer(density)), "and always the same");
  }

  @Test
  void measuredTimesOverruleEstimatesForTheirBatchOnly() {
    Workload layer = layer(0.05);
    String name = layer.toString();
    KernelTimes times =
        new KernelTimes(
            Map.of(new Key(name, Kernel.DENSE, 1), 1000.0, new Key(name, Kernel.CSR, 1), 5000.0));
    Choice choice = choose(PlanOptions.defaults().withTimes(times), layer);
    assertEquals(Kernel.DENSE, choice.one(), choice.reason());
    assertEquals(Kernel.CSR, choice.many(), choice.reason());
    assertTrue(
        choice
            .reason()
            .contains("expected for batch 1: dense 1.0 µs measured, csr 5.0 µs measured"),
        choice.reason());
    assertEquals(
        choose(PlanOptions.defaults(), layer(0.3)),
        choose(PlanOptions.defaults().withTimes(times), layer(0.3)));
  }

  @Test
  void aLayerLiesInMemoryOnceWhereThatIsAskedForOrCostsNothing() {
    Workload layer = layer(0.05);
    String name = layer.toString();
    KernelTimes apart =
        new KernelTimes(
            Map.of(
                new Key(name, Kernel.DENSE, 1),
                1000.0,
                new Key(name, Kernel.CSR, 1),
                1900.0,
                new Key(name, Kernel.DENSE, 64),
                9000.0,
                new Key(name, Kernel.CSR, 64),
                3000.0));
    PlanOptions options = PlanOptions.defaults().withTimes(apart);
    assertEquals(Kernel.DENSE, choose(options, layer).one());
    assertEquals(Kernel.CSR, choose(options, layer).many());
    assertEquals(Kernel.CSR, choose(options.withCompact(true), layer).one());
    assertEquals(Kernel.CSR, choose(options.withCompact(true), layer).many());
    KernelTimes near = apart.with(Map.of(new Key(name, Kernel.CSR, 1), 1040.0));
    assertEquals(Kernel.CSR, choose(options.withTimes(near), layer).one());
    KernelTimes tiny =
        apart.with(
            Map.of(new Key(name, Kernel.DENSE, 1), 100.0, new Key(name, Kernel.CSR, 1), 390.0));
    assertEquals(Kernel.CSR, choose(options.withTimes(tiny), layer).one());
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
      Tensor weight = graph.parameter(name + ".weight").value();
      String layer = Workload.linear(weight, Precision.FP32).toString();
      times =
          times.with(
              Map.of(
                  new Key(layer, Kernel.DENSE, 1),
                  1e3,
                  new Key(layer, Kernel.CSR, 1),
                  9e3,
                  new Key(layer, Kernel.DENSE, 64),
                  9e3,
                  new Key(layer, Kernel.CSR, 64),
                  1e3));
    }
    var random = new SplittableRandom(2);
    float[] x = new float[67 * 70];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    float[] want = new float[67 * 20];
    Plan.compile(graph, PlanOptions.defaults().withKernel(Kernel.DENSE)).session().run(67, x, want);
    Plan mixed =
        Plan.compile(graph, PlanOptions.defaults().withRewriting(Rewriting.NONE).withTimes(times));
    assertEquals("dense; batches csr", mixed.describe().getFirst().kernels());
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
