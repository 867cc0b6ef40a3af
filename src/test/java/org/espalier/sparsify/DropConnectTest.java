package org.espalier.sparsify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.SplittableRandom;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One layer whose inputs are unit vectors, so that its outputs are its effective weights. */
class DropConnectTest {
  private static final int IN = 70;
  private static final int UNITS = 30;
  private static final double RATE = 0.2;
  private static final float SCALE = 1.25f;

  private final Graph graph = Zoo.mlp(Shape.of(IN), UNITS);
  private final Tensor weight = graph.parameter("logits.weight").value();
  private final Tensor identity = Tensor.zeros(IN, IN);
  private final Clock clock = new Clock(10, 100);
  private final ThreadPool workers = new ThreadPool(1);
  private final Network network =
      new Network(graph, new DropConnect(RATE, Set.of("logits")), 1, IN, false, workers);

  DropConnectTest() {
    var random = new SplittableRandom(1);
    for (int u = 0; u < UNITS; u++) {
      for (int i = 0; i < IN; i++) {
        weight.set(u, i, (float) random.nextDouble(0.5, 1)); // no weight is 0 by itself
      }
    }
    for (int i = 0; i < IN; i++) {
      identity.set(i, i, 1);
    }
  }

  @AfterEach
  void close() {
    workers.close();
  }

  @Test
  void dropsAtTheRateAndScalesWhatIsLeft() {
    int dropped = 0;
    int steps = 10;
    for (int step = 0; step < steps; step++) {
      clock.set(step);
      Tensor y = network.forward(Phase.TRAIN, clock, identity, IN);
      for (int i = 0; i < IN; i++) {
        for (int u = 0; u < UNITS; u++) {
          if (y.get(i, u) == 0) {
            dropped++;
          } else {
            assertEquals(SCALE * weight.get(u, i), y.get(i, u));
          }
        }
      }
    }
    double n = steps * IN * UNITS;
    double deviation = Math.sqrt(RATE * (1 - RATE) / n);
    assertEquals(RATE, dropped / n, 5 * deviation);
  }

  @Test
  void everyStepDrawsAnewAndTheSameStepDrawsTheSame() {
    float[] first = network.forward(Phase.TRAIN, clock, identity, IN).toArray();
    clock.set(1);
    float[] second = network.forward(Phase.TRAIN, clock, identity, IN).toArray();
    clock.set(0);
    float[] again = network.forward(Phase.TRAIN, clock, identity, IN).toArray();
    int different = 0;
    for (int i = 0; i < first.length; i++) {
      assertEquals(first[i], again[i]);
      different += first[i] == second[i] ? 0 : 1;
    }
    assertNotEquals(0, different);
  }

  @Test
  void theGradientIsThatOfTheScaledWeights() {
    Tensor y = network.forward(Phase.TRAIN, clock, identity, IN);
    Tensor dy = network.outputGradient();
    for (int i = 0; i < IN; i++) {
      for (int u = 0; u < UNITS; u++) {
        dy.set(i, u, 1 + i);
      }
    }
    network.backward(IN);
    Tensor dw = network.trainables().getFirst().gradient();
    for (int i = 0; i < IN; i++) {
      for (int u = 0; u < UNITS; u++) {
        assertEquals(y.get(i, u) == 0 ? 0 : SCALE * (1 + i), dw.get(u, i));
      }
    }
  }

  @Test
  void nothingIsRandomInEvaluation() {
    for (Phase phase : new Phase[] {Phase.EVALUATE, Phase.EVALUATE_PRUNED}) {
      Tensor y = network.forward(phase, clock, identity, IN);
      for (int i = 0; i < IN; i++) {
        for (int u = 0; u < UNITS; u++) {
          assertEquals(weight.get(u, i), y.get(i, u));
        }
      }
    }
    assertTrue(!network.prunes());
  }

  @Test
  void refusesRatesOutOfRange() {
    for (double rate : new double[] {-0.1, 1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new DropConnect(rate, Set.of()));
    }
  }
}
