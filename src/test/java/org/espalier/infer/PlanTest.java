package org.espalier.infer;

import static org.espalier.kernel.KernelAssertions.assertAllocatesNothing;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.espalier.InputException;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Zoo;
import org.espalier.parallel.ThreadPool;
import org.espalier.prune.Pruning;
import org.espalier.rewrite.RoundedWeights;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
  private static final int[] BATCHES = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 33, 64, 65, 130};

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void everyKernelAndBatchGivesTheBitsOfTheForwardPass(long seed) {
    var rnd = new SplittableRandom(seed);
    Graph graph = network(rnd);
    int inputs = graph.inputShape().size();
    int outputs = graph.outputShape().size();
    float[] x = values(rnd, 130 * inputs);
    float[] want = forward(graph, 130, x);
    for (WeightFormat kernel : WeightFormat.values()) {
      for (int maxBatch : new int[] {1, 2, 5, 64, 1000}) {
        Session session =
            Plan.compile(
                    graph,
                    new PlanOptions(
                        kernel, maxBatch, Rewrites.NONE, Precision.FP32, false, KernelTimes.NONE))
                .session();
        for (int batch : BATCHES) {
          float[] got = new float[batch * outputs];
          session.run(batch, x, got);
          assertArrayEquals(
              Arrays.copyOf(want, got.length),
              got,
              kernel + ", batch " + batch + " of at most " + maxBatch);
        }
      }
    }
  }

  /** Rows of zeros and columns that nobody reads: what the first emit goes into biases. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void constantUnitsAreFoldedIntoWhoReadsThem(long seed) {
    var rnd = new SplittableRandom(seed);
    int units = rnd.nextInt(20, 60);
    Graph graph = Graph.input(Shape.of(9)).linear("a", units).relu().linear("b", 7).build();
    fill(rnd, graph, 0.8);
    Tensor a = graph.parameter("a.weight").value();
    for (int r = 0; r < units / 2; r++) {
      for (int c = 0; c < a.cols(); c++) {
        a.set(r, c, 0);
      }
    }
    float[] x = values(rnd, 33 * 9);
    float[] want = forward(graph, 33, x);
    for (WeightFormat kernel : WeightFormat.values()) {
      Plan plan = Plan.compile(graph, PlanOptions.defaults().withKernel(kernel));
      assertTrue(plan.describe().getFirst().effectiveFlops() <= 2L * (units - units / 2) * 9);
      float[] got = new float[want.length];
      plan.session().run(33, x, got);
      assertArrayEquals(want, got, 1e-4f, kernel.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void narrowWeightsGiveTheBitsOfTheRoundedOnes(Precision precision) {
    var rnd = new SplittableRandom(17);
    for (int round = 0; round < 4; round++) {
      Graph graph = network(rnd);
      int inputs = graph.inputShape().size();
      int outputs = graph.outputShape().size();
      float[] x = values(rnd, 130 * inputs);
      Graph rounded = RoundedWeights.apply(graph, precision::roundRows);
      float[] want = forward(rounded, 130, x);
      for (WeightFormat kernel : WeightFormat.values()) {
        PlanOptions options = PlanOptions.defaults().withKernel(kernel).withWeights(precision);
        Session session = Plan.compile(graph, options).session();
        for (int batch : BATCHES) {
          float[] got = new float[batch * outputs];
          session.run(batch, x, got);
          assertArrayEquals(
              Arrays.copyOf(want, got.length), got, precision + ", " + kernel + ", " + batch);
        }
      }
    }
  }

  /** Vectors of 512 KiB, two at a time, in each of so many sessions that no heap holds them. */
  @Test
  void sessionsMustFitIntoMemoryTogether() {
    Plan plan = Plan.compile(Zoo.mlp(Shape.of(2048), 2048, 2048), PlanOptions.defaults());
    plan.requireMemory(1, 1);
    var e = assertThrows(InputException.class, () -> plan.requireMemory(1 << 24, 1));
    assertTrue(e.getMessage().contains("vectors for 16777216 times 64 examples"), e.getMessage());
  }

  /** Few weights lie in memory once, for one example and for batches. */
  @Test
  void fewWeightsTakeTheirShareOfMemory() {
    Graph graph = Graph.input(Shape.of(1024)).linear("a", 1024).build();
    boolean isWide = Kernels.choice().isSimd() && Kernels.sparse().lanes() == 16;
    double[] densities = {0.1, 0.05};
    double[] most = isWide ? new double[] {0.14, 0.085} : new double[] {0.45, 0.3};
    for (int i = 0; i < densities.length; i++) {
      double density = densities[i];
      fill(new SplittableRandom(5), graph, density);
      graph.parameter("a.bias").value().fill(0.25f);
      float[] x = values(new SplittableRandom(6), 70 * 1024);
      float[] want = forward(graph, 70, x);
      for (int maxBatch : new int[] {1, 64}) {
        PlanOptions options = PlanOptions.defaults().withMaxBatch(maxBatch);
        Plan plan = Plan.compile(graph, options.withCompact(true));
        LayerSummary layer = plan.describe().getFirst();
        assertEquals(layer.one(), layer.many());
        double share = plan.weightBytes() / (4.0 * 1024 * 1024);
        assertTrue(share <= most[i], density + ": " + share);
        for (int batch : new int[] {1, 16, 37, 70}) {
          float[] got = new float[batch * 1024];
          plan.session().run(batch, x, got);
          assertArrayEquals(Arrays.copyOf(want, got.length), got, "batch " + batch);
        }
      }
    }
  }

  @Test
  void narrowWeightsTakeLessMemory() {
    Graph graph = Graph.input(Shape.of(400)).linear("a", 320).build();
    fill(new SplittableRandom(3), graph, 0.5);
    PlanOptions dense = PlanOptions.defaults().withKernel(WeightFormat.DENSE);
    long floats = 4 * 400 * 320;
    long others = 4 * 320; // biases, and scales as many
    assertEquals(floats + others, Plan.compile(graph, dense).weightBytes());
    Plan bytes = Plan.compile(graph, dense.withWeights(Precision.INT8));
    assertEquals(floats / 4 + 2 * others, bytes.weightBytes());
    Plan halves = Plan.compile(graph, dense.withWeights(Precision.FP16));
    assertEquals(floats / 2 + 2 * others, halves.weightBytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void threadsDontChangeABit(int threads) {
    var rnd = new SplittableRandom(threads);
    Graph graph = Graph.input(Shape.of(600)).linear("a", 700).relu().linear("b", 500).build();
    fill(rnd, graph, 0.4); // enough work for many pieces
    float[] x = values(rnd, 70 * 600);
    PlanOptions narrow = PlanOptions.defaults().withWeights(Precision.INT8);
    float[] want = forward(graph, 70, x);
    float[] wantNarrow = new float[want.length];
    Plan.compile(graph, narrow.withKernel(WeightFormat.CSR)).session().run(70, x, wantNarrow);
    try (ThreadPool workers = new ThreadPool(threads)) {
      for (int batch : new int[] {1, 9, 70}) {
        float[] got = new float[batch * 500];
        Plan plan = Plan.compile(graph, narrow.withKernel(WeightFormat.DENSE));
        plan.session(workers).run(batch, x, got);
        assertArrayEquals(Arrays.copyOf(wantNarrow, got.length), got, "bytes, batch " + batch);
      }
      for (WeightFormat kernel : WeightFormat.values()) {
        Session session =
            Plan.compile(graph, PlanOptions.defaults().withKernel(kernel)).session(workers);
        for (int batch : new int[] {1, 2, 9, 70}) {
          float[] got = new float[batch * 500];
          session.run(batch, x, got);
          assertArrayEquals(Arrays.copyOf(want, got.length), got, kernel + ", batch " + batch);
        }
      }
    }
  }

  /** A zero weight hides NaN from a sparse layer, but the batch makes no difference. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void hostileInputsGiveTheSameBitsInAnyBatch(long seed) {
    var rnd = new SplittableRandom(seed);
    Graph graph = network(rnd);
    int inputs = graph.inputShape().size();
    int outputs = graph.outputShape().size();
    float[] x = values(rnd, 20 * inputs);
    for (int i = 0; i < 20; i += 3) {
      x[i * inputs + rnd.nextInt(inputs)] = RandomInputs.hostile(rnd);
    }
    for (WeightFormat kernel :
        new WeightFormat[] {
          WeightFormat.DENSE,
          WeightFormat.CSR,
          WeightFormat.SELL,
          WeightFormat.BLOCKED_CSR,
          WeightFormat.BSR
        }) {
      Session session = Plan.compile(graph, PlanOptions.defaults().withKernel(kernel)).session();
      float[] together = new float[20 * outputs];
      session.run(20, x, together);
      float[] alone = new float[20 * outputs];
      for (int i = 0; i < 20; i++) {
        session.run(1, x, i * inputs, inputs, alone, i * outputs, outputs);
      }
      assertArrayEquals(alone, together, kernel.toString());
    }
  }

  @Test
  void examplesMayLieApartAndNothingElseIsWritten() {
    var rnd = new SplittableRandom(4);
    Graph graph = network(rnd);
    int inputs = graph.inputShape().size();
    int outputs = graph.outputShape().size();
    for (WeightFormat kernel : WeightFormat.values()) {
      Session session = Plan.compile(graph, PlanOptions.defaults().withKernel(kernel)).session();
      for (int batch : new int[] {1, 11}) {
        float[] x = values(rnd, 5 + batch * (inputs + 3));
        float[] packed = new float[batch * inputs];
        for (int i = 0; i < batch; i++) {
          System.arraycopy(x, 5 + i * (inputs + 3), packed, i * inputs, inputs);
        }
        float[] out = forward(graph, batch, packed);
        float[] want = new float[7 + batch * (outputs + 2) + 9];
        Arrays.fill(want, 99);
        float[] got = want.clone();
        for (int i = 0; i < batch; i++) {
          System.arraycopy(out, i * outputs, want, 7 + i * (outputs + 2), outputs);
        }
        session.run(batch, x, 5, inputs + 3, got, 7, outputs + 2);
        assertArrayEquals(want, got);
      }
    }
  }

  @Test
  void twoRectifiersAndOneOnTheInputAreFused() {
    Graph graph = Graph.input(Shape.of(2, 3)).relu().flatten().relu().linear("a", 4).build();
    graph = withTail(graph);
    fill(new SplittableRandom(9), graph, 0.8);
    float[] x = values(new SplittableRandom(10), 6 * 17);
    for (WeightFormat kernel : WeightFormat.values()) {
      Plan plan = Plan.compile(graph, PlanOptions.defaults().withKernel(kernel));
      assertEquals(1, plan.describe().size());
      assertTrue(plan.describe().getFirst().relu());
      for (int batch : new int[] {1, 17}) {
        float[] got = new float[batch * 4];
        plan.session().run(batch, x, got);
        assertArrayEquals(Arrays.copyOf(forward(graph, 17, x), got.length), got);
      }
    }
  }

  private static Graph withTail(Graph g) {
    Graph.Builder b = Graph.input(g.inputShape());
    for (Node n : g.nodes()) {
      b.add(n.name(), n.operator());
    }
    return b.flatten().relu().relu().build();
  }

  @Test
  void aNetworkWithoutLayersPassesItsInputOn() {
    Graph graph = Graph.input(Shape.of(2, 2)).flatten().build();
    float[] y = new float[8];
    Plan.compile(graph, PlanOptions.defaults())
        .session()
        .run(2, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, y);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, y);
  }

  @Test
  void laterChangesOfTheGraphDontShow() {
    Graph graph = Graph.input(Shape.of(3)).linear("a", 2).build();
    fill(new SplittableRandom(1), graph, 0.7);
    for (WeightFormat kernel : WeightFormat.values()) {
      Session session = Plan.compile(graph, PlanOptions.defaults().withKernel(kernel)).session();
      float[] before = new float[2];
      session.run(1, new float[] {1, 2, 3}, before);
      graph.parameter("a.weight").value().fill(7);
      graph.parameter("a.bias").value().fill(7);
      float[] after = new float[2];
      session.run(1, new float[] {1, 2, 3}, after);
      assertArrayEquals(before, after);
    }
  }

  @Test
  void theDescriptionCountsWhatThereIs() {
    Graph graph =
        Graph.input(Shape.of(1, 10, 10)).flatten().linear("a", 64).relu().linear("b", 5).build();
    Tensor a = graph.parameter("a.weight").value();
    for (int r = 0; r < 64; r++) {
      a.set(r, r, 1); // one entry in each row: density 1 %
    }
    graph.parameter("b.weight").value().fill(1);
    Plan plan = Plan.compile(graph, PlanOptions.defaults());
    List<LayerSummary> layers = plan.describe();
    LayerSummary first = layers.getFirst();
    assertEquals("a", first.name());
    assertFalse(first.kernels().contains("dense"), first.kernels());
    assertTrue(first.reason().contains("1.0 %"), first.reason());
    assertTrue(first.relu());
    assertEquals(64, first.rows());
    assertEquals(100, first.cols());
    assertEquals(64, first.nnz());
    assertEquals(128, first.flops());
    assertEquals(12_800, first.effectiveFlops());
    LayerSummary second = layers.getLast();
    assertEquals("dense", second.kernels());
    assertFalse(second.relu());
    assertEquals(320, second.nnz());
    assertEquals(640, second.flops());
    assertEquals(first.weightBytes() + second.weightBytes(), plan.weightBytes());
    assertTrue(second.weightBytes() >= 4 * (320 + 5));
    // for one example alone the layout for batches isn't there
    PlanOptions blocked = PlanOptions.defaults().withKernel(WeightFormat.BLOCKED_CSR);
    LayerSummary both = Plan.compile(graph, blocked).describe().getFirst();
    assertEquals("sell; batches blocked-csr", both.kernels());
    LayerSummary one = Plan.compile(graph, blocked.withMaxBatch(1)).describe().getFirst();
    long blocks = CacheBlockedMatrix.of(CsrMatrix.of(a)).bytes();
    assertEquals(blocks, both.weightBytes() - one.weightBytes());
  }

  /** Blocks are compared where the zeros make a pattern of them, and give the bits of others. */
  @ParameterizedTest
  @EnumSource(names = {"BLOCK_4", "BLOCK_16"})
  void blocksAreConsideredWhereTheWeightsWerePrunedByThem(Granularity by) {
    Graph graph = Graph.input(Shape.of(200)).linear("a", 300).linear("b", 10).build();
    fill(new SplittableRandom(3), graph, 1);
    Graph pruned = new Pruning(by, Fraction.of("0.8"), UnitMode.WEIGHTS, Set.of("a")).apply(graph);
    float[] x = values(new SplittableRandom(4), 20 * 200);
    float[] want = new float[200];
    Plan.compile(pruned, PlanOptions.defaults().withKernel(WeightFormat.DENSE))
        .session()
        .run(20, x, want);
    Plan blocks = Plan.compile(pruned, PlanOptions.defaults().withKernel(WeightFormat.BSR));
    for (int threads : new int[] {1, 2}) {
      float[] got = new float[200];
      try (ThreadPool workers = new ThreadPool(threads)) {
        Session session = blocks.session(workers);
        session.run(20, x, got);
        assertArrayEquals(want, got);
        session.run(1, x, 19 * 200, 200, got, 0, 10);
        assertArrayEquals(Arrays.copyOfRange(want, 190, 200), Arrays.copyOf(got, 10));
      }
    }
    LayerSummary layer = Plan.compile(pruned, PlanOptions.defaults()).describe().getFirst();
    assertTrue(layer.reason().contains(", bsr "), layer.reason());
  }

  @Test
  void layersWiderThanAnIndexAreDense() {
    Graph graph = Graph.input(Shape.of(CsrMatrix.MAX_COLS + 1)).linear("wide", 2).build();
    Plan plan = Plan.compile(graph, PlanOptions.defaults());
    assertEquals("dense", plan.describe().getFirst().kernels());
    assertTrue(plan.describe().getFirst().reason().contains("65536"));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Plan.compile(graph, PlanOptions.defaults().withKernel(WeightFormat.CSR)));
    assertTrue(e.getMessage().startsWith("wide has 65537 inputs"), e.getMessage());
  }

  @Test
  void wrongArgumentsAreRefused() {
    Graph graph = Graph.input(Shape.of(3)).linear("a", 2).build();
    Session session = Plan.compile(graph, PlanOptions.defaults()).session();
    assertThrows(IllegalArgumentException.class, () -> session.run(2, new float[5], new float[4]));
    assertThrows(IllegalArgumentException.class, () -> session.run(2, new float[6], new float[3]));
    assertThrows(IllegalArgumentException.class, () -> session.run(-1, new float[6], new float[4]));
    assertThrows(
        IllegalArgumentException.class,
        () -> session.run(2, new float[9], 0, 2, new float[9], 0, 2));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new PlanOptions(
                WeightFormat.AUTO, 0, Rewrites.SMALLER, Precision.FP32, false, KernelTimes.NONE));
    session.run(0, new float[0], new float[0]);
  }

  /** relu(fc2(r) + r) of r = relu(fc1(x)), by hand. */
  @Test
  void aBranchOfVectorsIsAdded() {
    Graph graph =
        Graph.input(Shape.of(1, 1, 2))
            .flatten()
            .linear("fc1", 2)
            .relu()
            .linear("fc2", 2)
            .plus("relu1")
            .relu()
            .build();
    graph.parameter("fc1.weight").value().copyFrom(new float[] {1, 0, 0, 1});
    graph.parameter("fc2.weight").value().copyFrom(new float[] {0, 2, 0.5f, 0});
    graph.parameter("fc2.bias").value().copyFrom(new float[] {1, -5});
    float[] x = {3, -4, 7, 1};
    for (WeightFormat kernel : WeightFormat.values()) {
      float[] y = new float[4];
      Plan.compile(graph, PlanOptions.defaults().withKernel(kernel)).session().run(2, x, y);
      assertArrayEquals(new float[] {4, 0, 10, 0}, y, kernel.toString());
    }
  }

  /** Two threads at a session until one of them is told: what the other computes stands. */
  @Test
  void aSessionServesOneThreadAtATime() throws InterruptedException {
    var rnd = new SplittableRandom(21);
    Graph graph = Graph.input(Shape.of(20)).linear("a", 30).relu().linear("b", 5).build();
    fill(rnd, graph, 1);
    float[] x = values(rnd, 64 * 20);
    float[] want = forward(graph, 64, x);
    Session session =
        Plan.compile(graph, PlanOptions.defaults().withRewrites(Rewrites.NONE)).session();
    AtomicReference<String> told = new AtomicReference<>();
    AtomicInteger wrong = new AtomicInteger();
    Runnable caller =
        () -> {
          for (int i = 0; i < 1_000_000 && told.get() == null; i++) {
            float[] got = new float[want.length];
            try {
              session.run(64, x, got);
              wrong.addAndGet(Arrays.equals(want, got) ? 0 : 1);
            } catch (ConcurrentModificationException e) {
              told.set(e.getMessage());
            }
          }
        };
    Thread first = new Thread(caller, "first");
    Thread second = new Thread(caller, "second");
    first.start();
    second.start();
    first.join();
    second.join();
    assertEquals(0, wrong.get());
    assertTrue(
        Set.of(
                "a session serves one thread at a time: first is at it while second calls; each"
                    + " thread takes one of its own, see Plan.session()",
                "a session serves one thread at a time: second is at it while first calls; each"
                    + " thread takes one of its own, see Plan.session()")
            .contains(told.get()),
        told.get());
    float[] got = new float[want.length];
    session.run(64, x, got); // it is free again
    assertArrayEquals(want, got);
    assertThrows(IllegalArgumentException.class, () -> session.run(64, x, new float[1]));
    session.run(64, x, got);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void nothingIsAllocated(int threads) {
    var rnd = new SplittableRandom(3);
    Graph graph =
        Graph.input(Shape.of(50))
            .linear("a", 60)
            .relu()
            .linear("c", 60)
            .plus("relu1")
            .relu()
            .linear("b", 9)
            .build();
    fill(rnd, graph, 0.1);
    Tensor b = graph.parameter("b.weight").value();
    b.fill(0.5f); // dense, so that AUTO has both
    float[] x = values(rnd, 64 * 50);
    float[] y = new float[64 * 9];
    try (ThreadPool workers = new ThreadPool(threads)) {
      for (WeightFormat kernel : WeightFormat.values()) {
        Session session =
            Plan.compile(graph, PlanOptions.defaults().withKernel(kernel)).session(workers);
        for (int batch : new int[] {64, 1, 5}) {
          assertAllocatesNothing(() -> session.run(batch, x, y));
        }
      }
    }
  }

  /** Runs a plan in a JVM of its own that writes down which classes it loads. */
  @Test
  void noClassOfTrainingIsLoaded(@TempDir Path dir) throws IOException, InterruptedException {
    Path log = dir.resolve("classes.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-Xlog:class+load:file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                OnePlan.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("out.txt").toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> read(dir.resolve("out.txt")));
    List<String> ours =
        Files.readAllLines(log).stream().filter(line -> line.contains("org.espalier.")).toList();
    assertTrue(ours.stream().anyMatch(line -> line.contains("org.espalier.infer.Session")));
    assertEquals(
        List.of(),
        ours.stream()
            .filter(line -> line.matches(".*org\\.espalier\\.(train|sparsify|op|prune)\\..*"))
            .toList());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Compiles and runs a plan of each kind. */
  static final class OnePlan {
    private OnePlan() {}

    public static void main(String[] args) {
      Graph graph = Graph.input(Shape.of(20)).linear("a", 10).relu().linear("b", 3).build();
      fill(new SplittableRandom(1), graph, 0.5);
      for (WeightFormat kernel : WeightFormat.values()) {
        Session session = Plan.compile(graph, PlanOptions.defaults().withKernel(kernel)).session();
        session.run(1, new float[20], new float[3]);
        session.run(9, new float[180], new float[27]);
      }
      System.out.println(Kernels.choice());
    }
  }

  private static Graph network(SplittableRandom rnd) {
    Graph.Builder builder = Graph.input(Shape.of(1, 1 + rnd.nextInt(9), 1 + rnd.nextInt(20)));
    if (rnd.nextInt(4) == 0) {
      builder.relu();
    }
    builder.flatten();
    int layers = 1 + rnd.nextInt(4);
    for (int i = 0; i < layers; i++) {
      builder.linear("fc" + i, 1 + rnd.nextInt(150));
      if (i < layers - 1 || rnd.nextBoolean()) {
        builder.relu();
      }
    }
    Graph graph = builder.build();
    fill(rnd, graph, -1);
    return graph;
  }

  /** Fills the parameters; a negative density means another one for each parameter. */
  private static void fill(SplittableRandom rnd, Graph graph, double density) {
    for (Parameter p : graph.parameters()) {
      double share = density < 0 ? rnd.nextDouble() * rnd.nextInt(1, 3) : density;
      for (int r = 0; r < p.value().rows(); r++) {
        for (int c = 0; c < p.value().cols(); c++) {
          boolean on = rnd.nextDouble() < share;
          p.value().set(r, c, on ? (float) rnd.nextDouble(-1, 1) : rnd.nextBoolean() ? 0f : -0f);
        }
      }
    }
  }

  private static float[] values(SplittableRandom rnd, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = rnd.nextInt(10) == 0 ? 0f : (float) rnd.nextDouble(-1, 1);
    }
    return x;
  }

  /** The forward pass as a sum is defined, one example and one output at a time. */
  private static float[] forward(Graph graph, int batch, float[] x) {
    int inputs = graph.inputShape().size();
    int outputs = graph.outputShape().size();
    float[] y = new float[batch * outputs];
    for (int i = 0; i < batch; i++) {
      float[] a = Arrays.copyOfRange(x, i * inputs, (i + 1) * inputs);
      for (Node node : graph.nodes()) {
        a =
            switch (node.operator()) {
              case Operator.Linear _ ->
                  linear(
                      graph.parameter(node.name() + ".weight").value(),
                      graph.parameter(node.name() + ".bias").value(),
                      a);
              case Operator.Relu _ -> relu(a);
              case Operator.Flatten _ -> a;
              default -> throw new IllegalArgumentException(node.toString());
            };
      }
      System.arraycopy(a, 0, y, i * outputs, outputs);
    }
    return y;
  }

  private static float[] linear(Tensor w, Tensor b, float[] x) {
    float[] y = new float[w.rows()];
    for (int r = 0; r < w.rows(); r++) {
      float sum = 0;
      for (int c = 0; c < w.cols(); c++) {
        sum = Math.fma(w.get(r, c), x[c], sum);
      }
      y[r] = sum + (b.get(0, r) + 0f);
    }
    return y;
  }

  private static float[] relu(float[] x) {
    float[] y = x.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] = y[i] <= 0 ? 0 : y[i];
    }
    return y;
  }
}
