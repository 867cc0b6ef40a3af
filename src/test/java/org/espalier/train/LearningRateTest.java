package org.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.espalier.op.Clock;
import org.espalier.op.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateTest {
  private static float at(long step, String warmUp, LearningRate.Decay decay) {
    Clock clock = new Clock(10, 100);
    clock.set(step);
    return new LearningRate(0.4, Span.parse(warmUp), decay).now(clock);
  }

  @ParameterizedTest
  @CsvSource({"0, 0.1", "1, 0.2", "3, 0.4", "99, 0.4"})
  void warmUpRises(long step, float expected) {
    assertEquals(expected, at(step, "4 steps", new LearningRate.Constant()), 1e-7);
  }

  @ParameterizedTest
  @CsvSource({"0, 0.4", "50, 0.2", "100, 0"})
  void cosineFalls(long step, float expected) {
    assertEquals(expected, at(step, "0 steps", new LearningRate.Cosine()), 1e-7);
  }

  @Test
  void cosineIsTheCosine() {
    for (int step = 0; step <= 100; step++) {
      double want = 0.2 * (1 + StrictMath.cos(Math.PI * step / 100));
      assertEquals((float) want, at(step, "0 steps", new LearningRate.Cosine()), 3e-8);
    }
  }

  @ParameterizedTest
  @CsvSource({"49, 0.4", "50, 0.04", "74, 0.04", "75, 0.004"})
  void stepsMultiply(long step, float expected) {
    var steps = new LearningRate.Steps(List.of(Span.parse("5 epochs"), Span.parse("75 %")), 0.1);
    assertEquals(expected, at(step, "0 steps", steps), 1e-7);
  }
}
