package org.espalier.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A network that computes only the units that are kept against one that masks the others. */
class CompactedGemmTest {
  private static final int MAX_BATCH = 40;
  private static final int IN = 97;
  private static final Clock CLOCK = new Clock(1, 1);

  /** What is left of each layer, and what the others emit. */
  private static final class Choice {
    final Map<String, Subset> units = new HashMap<>();
    final Map<String, BitMask> masks = new HashMap<>();
    boolean silent;

    Choice(Graph graph) {
      for (String layer : List.of("fc1", "fc2", "fc3")) {
        Tensor w = graph.parameter(layer + ".weight").value();
        units.put(layer, new Subset(w.rows()));
        masks.put(layer, new BitMask(w.rows(), w.cols()));
      }
    }

    /** Keeps about so many quarters of the units of each layer. */
    void draw(SplittableRandom random, int quarters) {
      units.forEach(
          (layer, subset) -> {
            for (int u = 0; u < subset.size(); u++) {
              subset.bits().set(0, u, random.nextInt(4) < quarters);
              masks.get(layer).setRow(u, subset.bits().get(0, u));
            }
            subset.refresh();
          });
    }

    Sparsifier shrunk() {
      return (node, weight, site) ->
          !units.containsKey(node.name())
              ? WeightTransform.NONE
              : (phase, clock, effective) ->
                  effective.units(units.get(node.name()), masks.get(node.name()), silent);
    }

    Sparsifier masked() {
      return (node, weight, site) ->
          !units.containsKey(node.name())
              ? WeightTransform.NONE
              : (phase, clock, effective) -> {
                if (silent) {
                  effective.masked(masks.get(node.name()), units.get(node.name()));
                } else {
                  effective.masked(masks.get(node.name()));
                }
              };
    }
  }

  private final SplittableRandom random = new SplittableRandom(8);
  private final Graph graph = Zoo.mlp(Shape.of(IN), 301, 67, 33, 10);
  private final Choice choice = new Choice(graph);
  private final Tensor x = Tensor.zeros(MAX_BATCH, IN);

  CompactedGemmTest() {
    graph.parameters().forEach(p -> fill(p.value()));
    fill(x);
  }

  private void fill(Tensor t) {
    for (int r = 0; r < t.rows(); r++) {
      for (int c = 0; c < t.cols(); c++) {
        t.set(r, c, (float) random.nextDouble(-1, 1));
      }
    }
  }

  /** Outputs and all gradients that count, of a training step. */
  private List<float[]> step(Network network, int batch, boolean gradientsAreMasked) {
    List<float[]> all = new ArrayList<>();
    Tensor y = network.forward(Phase.TRAIN, CLOCK, x, batch);
    all.add(y.toArray());
    network.outputGradient().copyFrom(y);
    network.backward(batch);
    for (Trainable t : network.trainables()) {
      float[] g = t.gradient().toArray();
      BitMask mask = t.mask();
      if (mask != null && !gradientsAreMasked) {
        for (int i = 0; i < g.length; i++) {
          g[i] = mask.get(i / mask.cols(), i % mask.cols()) ? g[i] : 0;
        }
      }
      all.add(g);
    }
    return all;
  }

  enum Emits {
    BIAS,
    NOTHING
  }

  @ParameterizedTest
  @EnumSource
  void theBitsAreThoseOfTheMaskedNetwork(Emits emits) {
    choice.silent = emits == Emits.NOTHING;
    for (int threads : new int[] {1, 2, 3, 7}) {
      for (boolean maskGradients : new boolean[] {false, true}) {
        try (ThreadPool workers = new ThreadPool(threads)) {
          Network masked =
              new Network(graph, choice.masked(), 1, MAX_BATCH, maskGradients, workers);
          Network shrunk =
              new Network(graph, choice.shrunk(), 1, MAX_BATCH, maskGradients, workers);
          for (int round = 0; round < 12; round++) {
            choice.draw(random, round % 5);
            int batch = round % 4 == 3 ? 1 : 1 + random.nextInt(MAX_BATCH);
            List<float[]> want = step(masked, batch, maskGradients);
            List<float[]> got = step(shrunk, batch, maskGradients);
            for (int i = 0; i < want.size(); i++) {
              String what = "tensor " + i + ", " + threads + " threads, round " + round;
              assertArrayEquals(want.get(i), got.get(i), what);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void partsOfAStepGiveTheBitsOfOneBatch(Emits emits) {
    choice.silent = emits == Emits.NOTHING;
    choice.draw(random, 2);
    try (ThreadPool workers = new ThreadPool(2)) {
      Network network = new Network(graph, choice.shrunk(), 1, MAX_BATCH, true, workers);
      Clock clock = new Clock(1, 1);
      Tensor dy = Tensor.zeros(MAX_BATCH, 10);
      fill(dy);
      List<float[]> want = gradients(network, clock, dy, 0, MAX_BATCH);
      for (int cut : new int[] {1, 17, 32}) {
        clock.part(0, false);
        gradients(network, clock, dy, 0, cut);
        clock.part(cut, true);
        List<float[]> got = gradients(network, clock, dy, cut, MAX_BATCH);
        for (int i = 0; i < want.size(); i++) {
          assertArrayEquals(want.get(i), got.get(i), "tensor " + i + ", cut at " + cut);
        }
      }
    }
  }

  private List<float[]> gradients(Network network, Clock clock, Tensor dy, int from, int to) {
    Tensor part = Tensor.zeros(to - from, IN);
    System.arraycopy(x.data(), x.row(from), part.data(), part.row(0), (to - from) * x.ld());
    network.forward(Phase.TRAIN, clock, part, to - from);
    Tensor gradient = network.outputGradient();
    System.arraycopy(
        dy.data(), dy.row(from), gradient.data(), gradient.row(0), (to - from) * dy.ld());
    network.backward(to - from);
    return network.trainables().stream().map(t -> t.gradient().toArray()).toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepAllocatesNothingOnceWarm(boolean silent) {
    choice.silent = silent;
    var bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, choice.shrunk(), 1, MAX_BATCH, false, workers);
      int rounds = 0;
      long allocated;
      do {
        choice.draw(random, 2);
        long before = bean.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20; i++) {
          Tensor y = network.forward(Phase.TRAIN, CLOCK, x, MAX_BATCH);
          network.outputGradient().copyFrom(y);
          network.backward(MAX_BATCH);
        }
        allocated = bean.getCurrentThreadAllocatedBytes() - before;
      } while (allocated > 0 && ++rounds < 100_000);
      assertEquals(0, allocated);
    }
  }

  @Test
  void unitsThatEmitNothingAreNotEvenReadByTheNextLayer() {
    choice.silent = true;
    choice.draw(random, 2);
    Tensor next = graph.parameter("fc2.weight").value();
    for (int u = 0; u < next.cols(); u++) {
      if (!choice.units.get("fc1").bits().get(0, u)) {
        for (int r = 0; r < next.rows(); r++) {
          next.set(r, u, Float.NaN);
        }
      }
    }
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, choice.shrunk(), 1, MAX_BATCH, false, workers);
      network.forward(Phase.TRAIN, CLOCK, x, MAX_BATCH);
      assertTrue(finite(network.forward(Phase.TRAIN, CLOCK, x, MAX_BATCH).toArray()));
      network.outputGradient().fill(1);
      network.backward(MAX_BATCH);
      assertTrue(finite(network.trainables().getFirst().gradient().toArray()));
    }
  }

  private static boolean finite(float[] values) {
    for (float v : values) {
      if (!Float.isFinite(v)) {
        return false;
      }
    }
    return true;
  }
}
