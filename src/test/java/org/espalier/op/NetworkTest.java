package org.espalier.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.SplittableRandom;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of a whole network against finite differences of the same network in double. */
class NetworkTest {
  private static final int BATCH = 6;
  private static final Clock CLOCK = new Clock(1, 1);

  enum Kind {
    PLAIN,
    MASKED,
    SILENCED
  }

  /** The network in double precision, written a second time: 5-4-3 with a rectifier. */
  private static double loss(Kind kind, BitMask mask, double[][] p, double[] x, double[] g) {
    double sum = 0;
    for (int b = 0; b < BATCH; b++) {
      double[] hidden = new double[4];
      for (int o = 0; o < 4; o++) {
        double s = kind == Kind.SILENCED && !mask.get(o, 0) ? 0 : p[1][o];
        for (int i = 0; i < 5; i++) {
          s += (kind == Kind.PLAIN || mask.get(o, i) ? p[0][o * 5 + i] : 0) * x[b * 5 + i];
        }
        hidden[o] = Math.max(0, s);
      }
      for (int o = 0; o < 3; o++) {
        double s = p[3][o];
        for (int i = 0; i < 4; i++) {
          s += p[2][o * 4 + i] * hidden[i];
        }
        sum += s * g[b * 3 + o]; // any function of the outputs will do: this one is linear
      }
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource
  void gradientsMatchFiniteDifferences(Kind kind) {
    var random = new SplittableRandom(kind.ordinal());
    Graph graph = Zoo.mlp(Shape.of(5), 4, 3);
    graph.parameters().forEach(p -> fill(p.value(), random));
    BitMask mask = new BitMask(4, 5);
    for (int r = 0; r < 4; r++) {
      for (int c = 0; c < 5; c++) {
        mask.set(r, c, kind == Kind.SILENCED ? r % 2 == 0 : random.nextBoolean());
      }
    }
    Subset units = new Subset(4);
    units.bits().set(0, 0, true);
    units.bits().set(0, 2, true);
    units.refresh();
    Sparsifier method =
        (node, weight, site) ->
            !node.name().equals("fc1") || kind == Kind.PLAIN
                ? WeightTransform.NONE
                : (phase, clock, effective) -> {
                  if (kind == Kind.MASKED) {
                    effective.masked(mask);
                  } else {
                    effective.masked(mask, units);
                  }
                };
    Tensor x = Tensor.zeros(BATCH, 5);
    fill(x, random);
    try (ThreadPool workers = new ThreadPool(2)) {
      Network network = new Network(graph, method, 1, BATCH, true, workers);
      network.forward(Phase.TRAIN, CLOCK, x, BATCH);
      fill(network.outputGradient(), random);
      double[] g = doubles(network.outputGradient());
      network.backward(BATCH);
      double[][] p =
          graph.parameters().stream().map(q -> doubles(q.value())).toArray(double[][]::new);
      for (int t = 0; t < p.length; t++) {
        Trainable trainable = network.trainables().get(t);
        float[] got = trainable.gradient().toArray();
        for (int i = 0; i < p[t].length; i++) {
          double h = 1e-5;
          double at = p[t][i];
          p[t][i] = at + h;
          double above = loss(kind, mask, p, doubles(x), g);
          p[t][i] = at - h;
          double below = loss(kind, mask, p, doubles(x), g);
          p[t][i] = at;
          assertEquals((above - below) / (2 * h), got[i], 1e-4, trainable.name() + " " + i);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void threadsDoNotChangeABit(int threads) {
    float[][] one = run(1);
    float[][] many = run(threads);
    for (int i = 0; i < one.length; i++) {
      assertArrayEquals(one[i], many[i], "tensor " + i);
    }
  }

  private static float[][] run(int threads) {
    var random = new SplittableRandom(5);
    Graph graph = Zoo.mlp(Shape.of(97), 301, 67, 10);
    graph.parameters().forEach(p -> fill(p.value(), random));
    Tensor x = Tensor.zeros(33, 97);
    fill(x, random);
    try (ThreadPool workers = new ThreadPool(threads)) {
      Network network = new Network(graph, Sparsifier.NONE, 1, 33, false, workers);
      Tensor y = network.forward(Phase.TRAIN, CLOCK, x, 33);
      float[] out = y.toArray();
      assertNotEquals(0, out[0]);
      network.outputGradient().copyFrom(y);
      network.backward(33);
      float[][] all = new float[network.trainables().size() + 1][];
      all[0] = out;
      for (int i = 1; i < all.length; i++) {
        all[i] = network.trainables().get(i - 1).gradient().toArray();
      }
      return all;
    }
  }

  private static void fill(Tensor t, SplittableRandom random) {
    for (int r = 0; r < t.rows(); r++) {
      for (int c = 0; c < t.cols(); c++) {
        t.set(r, c, (float) random.nextDouble(-1, 1));
      }
    }
  }

  private static double[] doubles(Tensor t) {
    float[] f = t.toArray();
    double[] d = new double[f.length];
    for (int i = 0; i < f.length; i++) {
      d[i] = f[i];
    }
    return d;
  }
}
