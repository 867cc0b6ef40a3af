package org.espalier.rewrite;

import java.util.SplittableRandom;
import org.espalier.model.Graph;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/** Small convolutional networks of random structure with random parameters. */
final class RandomNetworks {
  private final SplittableRandom random;

  /** Whether normalisations also stand where no convolution is directly before them. */
  private final boolean normAnywhere;

  private final Graph.Builder builder;
  private int layers;

  private RandomNetworks(long seed, boolean normAnywhere) {
    this.random = new SplittableRandom(seed);
    this.normAnywhere = normAnywhere;
    this.builder =
        Graph.input(Shape.of(random.nextInt(1, 4), random.nextInt(5, 10), random.nextInt(5, 10)));
  }

  static Graph of(long seed, boolean normAnywhere) {
    RandomNetworks net = new RandomNetworks(seed, normAnywhere);
    net.conv(net.random.nextInt(2, 8), 1 + 2 * net.random.nextInt(2), 1, 1);
    int blocks = net.random.nextInt(1, 6);
    for (int i = 0; i < blocks; i++) {
      net.block();
    }
    Graph graph = net.end();
    net.fill(graph);
    return graph;
  }

  private void block() {
    switch (random.nextInt(10)) {
      case 0, 1 -> conv(random.nextInt(2, 8), random.nextInt(1, 4), 1 + random.nextInt(2), 2);
      case 2 -> pool();
      case 3 -> residual();
      case 4 -> widening();
      case 5 -> preActivated();
      case 6 -> rectifierAndSum();
      default -> grouped();
    }
  }

  private Nchw16n maps() {
    return Nchw16n.of(builder.shape());
  }

  private String name(String kind) {
    return kind + ++layers;
  }

  /** Adds a convolution, perhaps normalised, perhaps rectified. */
  private void conv(int outputs, int kernel, int stride, int morePadding) {
    int padding = random.nextInt(Math.min(morePadding + 1, kernel));
    int smallest = Math.min(maps().height(), maps().width());
    if (smallest + 2 * padding < kernel) {
      return;
    }
    builder.conv(name("conv"), outputs, kernel, stride, padding, random.nextBoolean());
    if (random.nextInt(3) > 0) {
      builder.batchNorm(name("bn"));
    }
    if (random.nextInt(4) > 0) {
      builder.relu();
    }
  }

  private void convNorm(int outputs, int stride) {
    int kernel = 1 + 2 * random.nextInt(2);
    builder.conv(name("conv"), outputs, kernel, stride);
    if (random.nextInt(4) > 0) {
      builder.batchNorm(name("bn"));
    }
  }

  private void pool() {
    if (Math.min(maps().height(), maps().width()) < 3) {
      return;
    }
    int kernel = random.nextInt(2, 4);
    int stride = random.nextInt(1, 3);
    int padding = random.nextInt(2);
    if (random.nextBoolean()) {
      builder.maxPool(kernel, stride, padding);
    } else {
      builder.averagePool(kernel, stride, padding);
    }
  }

  private void residual() {
    String before = builder.last();
    int channels = maps().channels();
    convNorm(random.nextInt(2, 8), 1);
    builder.relu();
    convNorm(channels, 1);
    builder.plus(before);
    if (random.nextBoolean()) {
      builder.relu();
    }
  }

  private void widening() {
    String before = builder.last();
    int outputs = maps().channels() + random.nextInt(4);
    int stride = random.nextInt(1, 3);
    convNorm(random.nextInt(2, 8), stride);
    builder.relu();
    convNorm(outputs, 1);
    String branch = builder.last();
    builder.from(before);
    if (random.nextBoolean()) {
      builder.add(name("shortcut"), new Operator.Shortcut(outputs, stride));
    } else {
      convNorm(outputs, stride);
    }
    String shortcut = builder.last();
    builder.from(branch).plus(shortcut).relu();
  }

  private void preActivated() {
    String before = builder.last();
    int channels = maps().channels();
    if (normAnywhere) {
      builder.batchNorm(name("bn"));
    }
    builder.relu();
    convNorm(random.nextInt(2, 8), 1);
    builder.relu();
    builder.conv(name("conv"), channels, 3, 1);
    builder.plus(before);
    if (normAnywhere) {
      builder.batchNorm(name("bn"));
    }
  }

  private void rectifierAndSum() {
    String before = builder.last();
    builder.relu();
    builder.plus(before);
  }

  /**
   * Adds a convolution with groups, often a depthwise one. Where pruned channels are to emit
   * nothing it neither adds a number of its own nor is normalised: it would to a silent channel.
   */
  private void grouped() {
    String before = builder.last();
    int channels = maps().channels();
    int groups = random.nextInt(3) > 0 ? channels : divisor(channels);
    int outputs = groups * random.nextInt(1, 4);
    int kernel = 1 + 2 * random.nextInt(2);
    int padding = random.nextInt(kernel / 2 + 1);
    if (Math.min(maps().height(), maps().width()) + 2 * padding < kernel) {
      return;
    }
    boolean bias = normAnywhere && random.nextInt(3) == 0;
    builder.add(
        name("grouped"),
        new Operator.Conv2d(channels, outputs, kernel, kernel, 1, padding, groups, bias));
    if (normAnywhere && random.nextInt(3) > 0) {
      builder.batchNorm(name("bn"));
    }
    if (outputs == channels && padding == kernel / 2 && random.nextInt(3) == 0) {
      builder.plus(before);
    }
    if (random.nextBoolean()) {
      builder.relu();
    }
    if (random.nextBoolean()) {
      convNorm(random.nextInt(2, 8), 1);
    }
  }

  private int divisor(int of) {
    int divisor = random.nextInt(1, of + 1);
    while (of % divisor != 0) {
      divisor--;
    }
    return divisor;
  }

  private Graph end() {
    if (random.nextBoolean()) {
      builder.globalAveragePool();
    }
    builder.flatten();
    if (random.nextBoolean()) {
      builder.linear(name("fc"), random.nextInt(2, 8)).relu();
    }
    return builder.linear("logits", 3).build();
  }

  private void fill(Graph graph) {
    for (Parameter p : graph.parameters()) {
      Tensor t = p.value();
      // Which units are pruned depends on the rows' norms; mostly the same in all layers, so that
      // whole channels of residual streams are.
      for (int r = 0; r < t.rows(); r++) {
        boolean weak = random.nextInt(8) > 0 ? r % 2 == 1 : random.nextBoolean();
        for (int c = 0; c < t.cols(); c++) {
          t.set(r, c, (float) value(p.kind(), weak, t.cols()));
        }
      }
    }
  }

  private double value(Parameter.Kind kind, boolean weak, int fanIn) {
    return switch (kind) {
      case WEIGHT -> (weak ? 0.01 : 2) * random.nextDouble(-1, 1) / Math.sqrt(fanIn);
      case BIAS, MEAN, CONSTANT -> random.nextDouble(-0.5, 1);
      case SCALE, VARIANCE -> random.nextDouble(0.5, 1.5);
    };
  }
}
