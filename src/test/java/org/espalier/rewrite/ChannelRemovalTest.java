package org.espalier.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.io.ModelFile;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Model;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Preprocessing;
import org.espalier.model.ResNet;
import org.espalier.model.Zoo;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.prune.Pruning;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChannelRemovalTest {
  private static final int BATCH = 3;
  private static final int NETWORKS = 150;

  /** How much the outputs may differ once constants are folded, of the largest of them. */
  private static final float FOLDED = 1e-5f;

  private static Set<String> layersBut(Graph graph, String... others) {
    return graph.layers().stream()
        .map(Node::name)
        .filter(name -> !List.of(others).contains(name))
        .collect(Collectors.toSet());
  }

  private static Graph pruned(Graph graph, String share, UnitMode mode, Set<String> layers) {
    return new Pruning(Granularity.UNIT, Fraction.of(share), mode, layers).apply(graph);
  }

  private static float[] input(Graph graph) {
    var random = new SplittableRandom(4);
    float[] x = new float[BATCH * graph.inputShape().size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    return x;
  }

  /** Evaluates as training does. */
  private static float[] evaluate(Graph graph) {
    Tensor x = Tensor.of(Shape.of(BATCH, graph.inputShape().size()), input(graph));
    try (ThreadPool workers = new ThreadPool(1)) {
      return new Network(graph, Sparsifier.NONE, 1, BATCH, false, workers)
          .forward(Phase.EVALUATE, new Clock(1, 1), x, BATCH)
          .toArray();
    }
  }

  /** Evaluates as inference does. */
  private static float[] infer(Graph graph) {
    float[] y = new float[BATCH * graph.outputShape().size()];
    Plan.compile(graph, PlanOptions.defaults().withRewrites(Rewrites.NONE).withMaxBatch(BATCH))
        .session()
        .run(BATCH, input(graph), y);
    return y;
  }

  /** Leaves the removal to the compiler. */
  private static float[] compiled(Graph graph) {
    float[] y = new float[BATCH * graph.outputShape().size()];
    Plan plan = Plan.compile(graph, PlanOptions.defaults().withMaxBatch(BATCH));
    plan.session().run(BATCH, input(graph), y);
    return y;
  }

  private static void assertClose(float[] want, float[] got, float share, String message) {
    float largest = 0;
    for (float v : want) {
      largest = Math.max(largest, Math.abs(v));
    }
    assertTrue(largest > 0, message);
    for (int i = 0; i < want.length; i++) {
      // Not by bits: a zero may change its sign.
      boolean same = want[i] == got[i] || Math.abs(want[i] - got[i]) <= share * largest;
      assertTrue(same, message + ": " + want[i] + " became " + got[i]);
    }
  }

  /**
   * Expanded, depthwise and projected as MobileNets are, each function of which makes something
   * else of what a unit without weights emits: a border of zeros around a half isn't constant.
   */
  @ParameterizedTest
  @EnumSource(
      value = Elementwise.Function.class,
      names = {"CLIP", "HARD_SWISH", "SIGMOID", "LEAKY_RELU", "NOT"})
  void channelsGoThroughFunctions(Elementwise.Function function) {
    Operator f = new Elementwise.Activation(function, 0.25f, 6);
    Graph.Builder b = Graph.input(Shape.of(3, 9, 7)).conv("stem", 6, 3, 1, 1, true);
    b.add("f0", f).conv("expand", 12, 1, 1, 0, true).add("f1", f);
    b.add("depthwise", new Operator.Conv2d(12, 12, 3, 3, 2, 1, 12, true)).add("f2", f);
    b.conv("project", 6, 1, 1, 0, true).globalAveragePool().flatten();
    Graph graph = b.linear("fc", 8).add("f3", f).linear("logits", 3).build();
    Initializer.HE_NORMAL.initialize(graph, 2);
    var random = new SplittableRandom(3);
    for (Parameter p : graph.parameters()) {
      for (int c = 0; p.kind() == Parameter.Kind.BIAS && c < p.value().cols(); c++) {
        p.value().set(0, c, (float) random.nextDouble(-0.5, 0.5));
      }
    }
    Graph masked = pruned(graph, "0.5", UnitMode.WEIGHTS, layersBut(graph, "logits"));
    Graph small = ChannelRemoval.apply(masked);
    assertClose(infer(masked), infer(small), FOLDED, function.name());
    long before = graph.parameter("expand.weight").value().size();
    long behind = small.parameter("expand.weight").value().size();
    assertTrue(2 * behind < before, function + ": " + behind + " of " + before);
  }

  @Test
  void randomNetworksWhoseChannelsEmitConstantsComputeTheSame() {
    int smaller = 0;
    int fewerGroups = 0;
    for (long seed = 0; seed < NETWORKS; seed++) {
      String share = List.of("0.3", "0.5", "0.8", "1").get((int) (seed % 4));
      UnitMode mode = seed % 3 == 0 ? UnitMode.OUTPUT : UnitMode.WEIGHTS;
      Graph graph = RandomNetworks.of(seed, true);
      Graph masked = pruned(graph, share, mode, layersBut(graph, "logits"));
      Graph small = ChannelRemoval.apply(masked);
      float[] want = evaluate(masked);
      assertClose(want, evaluate(small), FOLDED, "seed " + seed);
      assertClose(want, infer(small), FOLDED, "inference, seed " + seed);
      assertClose(want, compiled(masked), FOLDED, "removed by the compiler, seed " + seed);
      smaller += small.parameterCount() < masked.parameterCount() ? 1 : 0;
      fewerGroups += groups(small) < groups(masked) ? 1 : 0;
    }
    assertTrue(smaller > NETWORKS / 2, smaller + " are smaller");
    assertTrue(fewerGroups > NETWORKS / 10, fewerGroups + " have fewer groups");
  }

  private static int groups(Graph graph) {
    return graph.nodes().stream()
        .mapToInt(n -> n.operator() instanceof Operator.Conv2d conv ? conv.groups() : 0)
        .sum();
  }

  @Test
  void randomNetworksWhosePrunedChannelsEmitNothingComputeTheSameBits() {
    int smaller = 0;
    for (long seed = 0; seed < NETWORKS; seed++) {
      Graph graph = RandomNetworks.of(seed, false);
      Graph masked = pruned(graph, "0.5", UnitMode.OUTPUT, layersBut(graph, "logits"));
      Graph small = ChannelRemoval.apply(masked);
      float[] want = evaluate(masked);
      assertClose(want, evaluate(small), 0, "seed " + seed);
      assertClose(want, infer(small), 0, "inference, seed " + seed);
      smaller += small.parameterCount() < masked.parameterCount() ? 1 : 0;
    }
    assertTrue(smaller > NETWORKS / 2, smaller + " are smaller");
  }

  /** Weights of which every second unit is weak, and what a normalisation adds. */
  private static Graph halfWeak(String name, Shape input, float beta) {
    return halfWeak(Zoo.named(name, input, 10).orElseThrow(), beta);
  }

  private static Graph halfWeak(Graph graph, float beta) {
    var random = new SplittableRandom(3);
    for (Parameter p : graph.parameters()) {
      if (p.kind() == Parameter.Kind.WEIGHT) {
        double largest = Math.sqrt(6.0 / p.value().cols());
        for (int r = 0; r < p.value().rows(); r++) {
          double scale = r % 2 == 0 ? largest : largest / 1000;
          for (int c = 0; c < p.value().cols(); c++) {
            p.value().set(r, c, (float) (scale * random.nextDouble(-1, 1)));
          }
        }
      } else if (p.kind() == Parameter.Kind.BIAS && !p.name().startsWith("logits")) {
        p.value().fill(beta);
      }
    }
    return graph;
  }

  /** Parameters of a convolution of 3 x 3 and the factors and summands of its normalisation. */
  private static long convNorm(int from, int to) {
    return 9L * from * to + 2L * to;
  }

  private static long resnet20(int[] stream, int[] inner) {
    long n = convNorm(3, stream[0]);
    for (int stage = 0; stage < 3; stage++) {
      for (int block = 0; block < 3; block++) {
        int from = block == 0 ? stream[Math.max(0, stage - 1)] : stream[stage];
        n += convNorm(from, inner[stage]) + convNorm(inner[stage], stream[stage]);
      }
    }
    return n + 10L * stream[2] + 10;
  }

  @Test
  void resnet20WithHalfOfItsChannelsSilentIsOneOfHalfTheWidth() {
    Graph graph = halfWeak("resnet20", Shape.of(3, 32, 32), 0.25f);
    assertEquals(resnet20(new int[] {16, 32, 64}, new int[] {16, 32, 64}), graph.parameterCount());
    Graph masked = pruned(graph, "0.5", UnitMode.OUTPUT, layersBut(graph, "logits"));
    Graph small = ChannelRemoval.apply(masked);
    assertEquals(resnet20(new int[] {8, 16, 32}, new int[] {8, 16, 32}), small.parameterCount());
    assertClose(infer(masked), infer(small), 0, "resnet20");
  }

  /** Each first convolution of a block keeps a channel that carries the constants. */
  @Test
  void resnet20WithHalfOfTheChannelsInsideItsBlocksConstant() {
    Graph graph = halfWeak("resnet20", Shape.of(3, 32, 32), 0.25f);
    Set<String> inner =
        layersBut(graph).stream().filter(n -> n.endsWith("_1")).collect(Collectors.toSet());
    Graph masked = pruned(graph, "0.5", UnitMode.WEIGHTS, inner);
    Graph small = ChannelRemoval.apply(masked);
    assertEquals(resnet20(new int[] {16, 32, 64}, new int[] {9, 17, 33}), small.parameterCount());
    assertClose(infer(masked), infer(small), FOLDED, "resnet20");
  }

  @ParameterizedTest
  @EnumSource
  void vgg16WithHalfOfItsChannelsPruned(UnitMode mode) {
    Graph graph = halfWeak("vgg16", Shape.of(3, 32, 32), 0.25f);
    Graph masked = pruned(graph, "0.5", mode, layersBut(graph, "logits"));
    Graph small = ChannelRemoval.apply(masked);
    int[] widths = {64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512};
    int carriers = mode == UnitMode.WEIGHTS ? 1 : 0; // but none before the logits
    long expected = 0;
    int from = 3;
    for (int i = 0; i < widths.length; i++) {
      int to = widths[i] / 2 + (i == widths.length - 1 ? 0 : carriers);
      expected += convNorm(from, to);
      from = to;
    }
    assertEquals(expected + 10L * 256 + 10, small.parameterCount());
    assertClose(infer(masked), infer(small), mode == UnitMode.OUTPUT ? 0 : FOLDED, "vgg16");
  }

  private static final int[] MOBILE_WIDTHS = {16, 32, 64, 64, 128, 128};

  /** Convolutions of 3 x 3, one channel each, in turn with ones of 1 x 1, all normalised. */
  private static Graph mobileNet() {
    Graph.Builder net = Graph.input(Shape.of(3, 32, 32));
    net.conv("conv1", MOBILE_WIDTHS[0], 3, 2).batchNorm("bn1").relu();
    for (int i = 1; i < MOBILE_WIDTHS.length; i++) {
      int from = MOBILE_WIDTHS[i - 1];
      net.add("dw" + i, new Operator.Conv2d(from, from, 3, 3, 1 + i % 2, 1, from, false));
      net.batchNorm("dwbn" + i).relu();
      net.conv("pw" + i, MOBILE_WIDTHS[i], 1, 1).batchNorm("pwbn" + i).relu();
    }
    return net.globalAveragePool().flatten().linear("logits", 10).build();
  }

  /** Parameters of such a network with the given share of its channels. */
  private static long mobileNet(int divisor) {
    long n = convNorm(3, MOBILE_WIDTHS[0] / divisor);
    for (int i = 1; i < MOBILE_WIDTHS.length; i++) {
      long from = MOBILE_WIDTHS[i - 1] / divisor;
      long to = MOBILE_WIDTHS[i] / divisor;
      n += (9 + 2) * from + from * to + 2 * to;
    }
    return n + 10L * MOBILE_WIDTHS[MOBILE_WIDTHS.length - 1] / divisor + 10;
  }

  @ParameterizedTest
  @EnumSource
  void aNetworkOfDepthwiseConvolutionsLosesHalfOfItsWidth(UnitMode mode) {
    Graph graph = halfWeak(mobileNet(), 0.25f);
    assertEquals(mobileNet(1), graph.parameterCount());
    Graph masked = pruned(graph, "0.5", mode, layersBut(graph, "logits"));
    Graph small = ChannelRemoval.apply(masked);
    assertEquals(mobileNet(2), small.parameterCount());
    assertClose(infer(masked), infer(small), mode == UnitMode.OUTPUT ? 0 : FOLDED, "mobile");
  }

  /** What is pruned of the depthwise ones alone takes the channels of those before along. */
  @Test
  void depthwiseUnitsThatGoTakeAlongWhatOnlyTheyRead() {
    Graph graph = halfWeak(mobileNet(), 0.25f);
    Set<String> depthwise =
        layersBut(graph).stream().filter(n -> n.startsWith("dw")).collect(Collectors.toSet());
    Graph masked = pruned(graph, "0.5", UnitMode.WEIGHTS, depthwise);
    Graph small = ChannelRemoval.apply(masked);
    // Nothing is pruned of the last one, which only the mean reads.
    int last = MOBILE_WIDTHS[MOBILE_WIDTHS.length - 1];
    long more = (last / 2) * (MOBILE_WIDTHS[MOBILE_WIDTHS.length - 2] / 2 + 2 + 10);
    assertEquals(mobileNet(2) + more, small.parameterCount());
    assertClose(infer(masked), infer(small), FOLDED, "depthwise units");
  }

  /** A constant that isn't 0 meets the border of zeros: behind it every pixel has its own. */
  @Test
  void aConstantThatADepthwiseConvolutionSeesAtABorderStays() {
    for (int padding = 0; padding <= 1; padding++) {
      for (float emitted : new float[] {0, 0.5f}) {
        Graph.Builder net = Graph.input(Shape.of(2, 6, 5)).conv("conv1", 4, 1, 1, 0, true);
        net.add("dw1", new Operator.Conv2d(4, 4, 3, 3, 1, padding, 4, false));
        net.batchNorm("bn1").relu().conv("conv2", 3, 1, 1).batchNorm("bn2").relu();
        Graph graph = net.flatten().linear("logits", 2).build();
        Initializer.HE_NORMAL.initialize(graph, 3);
        graph.parameter("bn1.bias").value().fill(0.25f);
        graph.parameter("conv1.weight").value().fillRow(1, 0);
        graph.parameter("conv1.bias").value().set(0, 1, emitted);
        Graph small = ChannelRemoval.apply(graph);
        int left = padding == 1 && emitted != 0 ? 4 : 3;
        assertEquals(new Operator.Conv2d(4, 4, 3, 3, 1, padding, 4, false), op(graph, "dw1"));
        assertEquals(
            new Operator.Conv2d(left, left, 3, 3, 1, padding, left, false), op(small, "dw1"));
        assertEquals(Shape.of(left, 2), small.parameter("conv1.weight").value().shape());
        assertClose(evaluate(graph), evaluate(small), FOLDED, padding + " " + emitted);
      }
    }
  }

  private static Operator op(Graph graph, String node) {
    return graph.node(node).orElseThrow().operator();
  }

  private static Graph grouped(int channels, int outputs, int groups) {
    Graph.Builder net = Graph.input(Shape.of(2, 6, 5)).conv("conv1", channels, 1, 1, 0, true);
    net.relu().add("conv2", new Operator.Conv2d(channels, outputs, 3, 3, 1, 1, groups, true));
    Graph graph = net.relu().flatten().linear("logits", 2).build();
    Initializer.HE_NORMAL.initialize(graph, 3);
    graph.parameter("conv1.bias").value().fill(0.5f);
    graph.parameter("conv2.bias").value().fill(0.25f);
    return graph;
  }

  private static void assertConv2(Graph graph, int channels, int outputs, int groups) {
    Graph small = ChannelRemoval.apply(graph);
    var expected = new Operator.Conv2d(channels, outputs, 3, 3, 1, 1, groups, true);
    assertEquals(expected, op(small, "conv2"));
    assertEquals(channels, small.parameter("conv1.weight").value().rows());
    assertClose(evaluate(graph), evaluate(small), FOLDED, expected.toString());
  }

  /** With two outputs of each channel, one of them can go only if one of every channel does. */
  @Test
  void severalOutputsOfEachChannelAreTakenOutEvenly() {
    Graph graph = grouped(4, 8, 4);
    Tensor second = graph.parameter("conv2.weight").value();
    second.fillRow(2, 0);
    second.fillRow(3, 0);
    assertConv2(graph, 3, 6, 3); // one whole group
    second.fillRow(0, 0);
    assertConv2(graph, 3, 6, 3); // half of another
    second.fillRow(5, 0);
    second.fillRow(6, 0);
    assertConv2(graph, 3, 3, 3); // half of each that is left
  }

  @Test
  void groupsKeepAsManyChannelsAsTheFullestOfThem() {
    Graph graph = grouped(9, 6, 3);
    Tensor first = graph.parameter("conv1.weight").value();
    Tensor second = graph.parameter("conv2.weight").value();
    first.fillRow(0, 0);
    assertConv2(graph, 9, 6, 3);
    first.fillRow(1, 0);
    first.fillRow(4, 0);
    first.fillRow(5, 0);
    first.fillRow(6, 0);
    assertConv2(graph, 9, 6, 3); // the third has two that vary, and its carrier
    first.fillRow(7, 0);
    assertConv2(graph, 6, 6, 3); // each has one that varies and a carrier
    second.fillRow(2, 0);
    second.fillRow(3, 0);
    assertConv2(graph, 4, 4, 2); // the second is gone
  }

  /** Bottlenecks end in convolutions of 1 x 1, whose constants the running means take. */
  @Test
  void aResidualNetworkOfBottlenecksLosesTheChannelsInsideItsBlocks() {
    Graph graph = halfWeak(ResNet.deep(Shape.of(3, 16, 16), 10, 2, 1), 0.25f);
    Set<String> inner =
        layersBut(graph).stream().filter(n -> n.matches(".*_[12]")).collect(Collectors.toSet());
    inner.removeIf(name -> name.startsWith("shortcut"));
    Graph masked = pruned(graph, "0.5", UnitMode.WEIGHTS, inner);
    Graph small = ChannelRemoval.apply(masked);
    for (Node node : small.layers()) {
      int all = ((Operator.Layer) graph.node(node.name()).orElseThrow().operator()).outputs();
      int left = ((Operator.Layer) node.operator()).outputs();
      boolean carries = node.name().endsWith("_1"); // before the convolution of 3 x 3
      int expected = !inner.contains(node.name()) ? all : carries ? all / 2 + 1 : all / 2;
      assertEquals(expected, left, node.name());
      assertTrue(!(node.operator() instanceof Operator.Conv2d conv) || !conv.bias());
    }
    assertClose(infer(masked), infer(small), FOLDED, "bottlenecks");
  }

  @Test
  void lenet5FoldsThroughPoolingAndFlattening() {
    Graph graph = halfWeak("lenet-5", Shape.of(1, 28, 28), 0.25f);
    Graph masked = pruned(graph, "0.5", UnitMode.WEIGHTS, layersBut(graph, "logits"));
    Graph small = ChannelRemoval.apply(masked);
    int first = 3; // conv2 has no border of zeros, so that its bias takes the constants
    long expected = 25 * first + first + 25 * first * 8 + 8 + 25 * 8 * 60 + 60;
    assertEquals(expected + 60 * 42 + 42 + 42 * 10 + 10, small.parameterCount());
    assertClose(infer(masked), infer(small), FOLDED, "lenet-5");
  }

  @Test
  void aChannelOfAStreamGoesOnlyIfAllWhoWriteToItEmitAConstant() {
    Graph.Builder builder = Graph.input(Shape.of(1, 4, 4)).conv("conv1", 4, 3, 1).relu();
    String before = builder.last();
    builder.conv("conv2", 4, 3, 1).plus(before);
    Graph graph = builder.flatten().linear("logits", 2).build();
    Initializer.HE_NORMAL.initialize(graph, 3);
    Tensor first = graph.parameter("conv1.weight").value();
    Tensor second = graph.parameter("conv2.weight").value();
    first.fillRow(1, 0);
    second.fillRow(1, 0);
    second.fillRow(2, 0);
    Graph small = ChannelRemoval.apply(graph);
    assertEquals(Shape.of(3, 9), small.parameter("conv1.weight").value().shape());
    assertEquals(Shape.of(3, 27), small.parameter("conv2.weight").value().shape());
    assertEquals(Shape.of(2, 48), small.parameter("logits.weight").value().shape());
    assertClose(evaluate(graph), evaluate(small), 0, "a stream");
  }

  @Test
  void aBranchThatAddsNothingGoesWithAllThatOnlyItReads() {
    Graph.Builder builder = Graph.input(Shape.of(1, 4, 4)).conv("conv1", 3, 3, 1).relu();
    String before = builder.last();
    builder.conv("conv2", 3, 3, 1).batchNorm("bn2").relu().conv("conv3", 3, 3, 1).plus(before);
    Graph graph = builder.relu().flatten().linear("logits", 2).build();
    Initializer.HE_NORMAL.initialize(graph, 3);
    graph.parameter("conv3.weight").value().fill(0);
    Graph small = ChannelRemoval.apply(graph);
    assertEquals(
        List.of("conv1", "relu1", "relu3", "flatten1", "logits"),
        small.nodes().stream().map(Node::name).toList());
    assertClose(evaluate(graph), evaluate(small), 0, "a silent branch");
  }

  @Test
  void aChannelForWhichNoReaderHasAWeightGoesThoughItVaries() {
    Graph graph =
        Graph.input(Shape.of(2, 4, 4))
            .conv("conv1", 3, 3, 1, 1, true)
            .relu()
            .maxPool(2, 2, 0)
            .flatten()
            .linear("logits", 2)
            .build();
    Initializer.HE_NORMAL.initialize(graph, 3);
    Tensor logits = graph.parameter("logits.weight").value();
    for (int c = 4; c < 8; c++) {
      logits.set(0, c, 0);
      logits.set(1, c, 0);
    }
    Graph small = ChannelRemoval.apply(graph);
    assertEquals(Shape.of(2, 18), small.parameter("conv1.weight").value().shape());
    assertClose(evaluate(graph), evaluate(small), 0, "an unread channel");
  }

  /** With padding an average depends on the place, so that such a constant must stay. */
  @Test
  void constantsBeforeAPaddedAverageStayUnlessTheyAreZero() {
    Graph graph =
        Graph.input(Shape.of(1, 4, 4))
            .conv("conv1", 3, 3, 1, 1, true)
            .averagePool(3, 1, 1)
            .flatten()
            .linear("logits", 2)
            .build();
    Initializer.HE_NORMAL.initialize(graph, 3);
    graph.parameter("conv1.weight").value().fillRow(1, 0);
    graph.parameter("conv1.weight").value().fillRow(2, 0);
    graph.parameter("conv1.bias").value().set(0, 2, 0.5f);
    Graph small = ChannelRemoval.apply(graph);
    assertArrayEquals(new float[] {0, 0.5f}, small.parameter("conv1.bias").value().toArray());
    assertClose(evaluate(graph), evaluate(small), 0, "a padded average");
  }

  /** A unit that has weights for constants alone is constant too, but not at a border of zeros. */
  @Test
  void aUnitThatReadsOnlyConstantsIsConstantUnlessItSeesABorder() {
    for (int padding = 0; padding <= 1; padding++) {
      Graph graph =
          Graph.input(Shape.of(1, 5, 5))
              .conv("conv1", 2, 3, 1, 1, true)
              .relu()
              .conv("conv2", 3, 3, 1, padding, false)
              .batchNorm("bn2")
              .flatten()
              .linear("logits", 2)
              .build();
      Initializer.HE_NORMAL.initialize(graph, 3);
      graph.parameter("conv1.weight").value().fillRow(1, 0);
      graph.parameter("conv1.bias").value().set(0, 1, 0.5f);
      Tensor second = graph.parameter("conv2.weight").value();
      for (int c = 0; c < 9; c++) {
        second.set(2, c, 0); // all that it reads of the first channel, which varies
      }
      Graph small = ChannelRemoval.apply(graph);
      assertEquals(2 + padding, small.parameter("conv2.weight").value().rows());
      assertEquals(1 + padding, small.parameter("conv1.weight").value().rows());
      assertClose(evaluate(graph), evaluate(small), FOLDED, "padding " + padding);
    }
  }

  /** Where nothing takes the constants of a convolution without bias, it gets one. */
  @Test
  void aConvolutionThatIsNotNormalisedGetsABias() {
    Graph graph =
        Graph.input(Shape.of(1, 4, 4))
            .conv("conv1", 3, 3, 1, 1, true)
            .conv("conv2", 2, 1, 1)
            .relu()
            .flatten()
            .linear("logits", 2)
            .build();
    Initializer.HE_NORMAL.initialize(graph, 3);
    graph.parameter("conv1.weight").value().fillRow(1, 0);
    graph.parameter("conv1.bias").value().set(0, 1, 0.5f);
    Tensor second = graph.parameter("conv2.weight").value();
    Graph small = ChannelRemoval.apply(graph);
    assertArrayEquals(
        new float[] {second.get(0, 1) / 2, second.get(1, 1) / 2},
        small.parameter("conv2.bias").value().toArray());
    assertClose(evaluate(graph), evaluate(small), FOLDED, "a new bias");
  }

  @Test
  void theGivenNetworkStaysAsItIs() {
    Graph graph = RandomNetworks.of(1, true);
    Graph masked = pruned(graph, "0.5", UnitMode.WEIGHTS, layersBut(graph, "logits"));
    Graph before = masked.copy();
    assertNotSame(masked, ChannelRemoval.apply(masked));
    for (Parameter p : before.parameters()) {
      assertArrayEquals(
          p.value().toArray(), masked.parameter(p.name()).value().toArray(), p.name());
    }
  }

  @Test
  void whatIsLeftIsStoredAndReadAgain(@TempDir Path dir) throws Exception {
    Graph graph = halfWeak("resnet20", Shape.of(3, 32, 32), 0.25f);
    Graph masked = pruned(graph, "0.5", UnitMode.WEIGHTS, layersBut(graph, "conv1", "logits"));
    Graph small = ChannelRemoval.apply(masked);
    write(dir.resolve("masked"), masked);
    write(dir.resolve("small"), small);
    Graph read = ModelFile.read(dir.resolve("small")).graph();
    assertEquals(small.nodes(), read.nodes());
    assertArrayEquals(infer(small), infer(read));
    assertTrue(Files.size(dir.resolve("small")) < 0.7 * Files.size(dir.resolve("masked")));
  }

  private static void write(Path file, Graph graph) throws Exception {
    List<String> classes = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    ModelFile.write(file, new Model(graph, new Preprocessing.Pixels(0, 1), classes, Map.of()));
  }
}
