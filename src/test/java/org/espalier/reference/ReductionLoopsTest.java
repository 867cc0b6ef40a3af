package org.espalier.reference;

import static org.espalier.reference.OperatorRun.ascending;
import static org.espalier.reference.OperatorRun.assertBits;
import static org.espalier.reference.OperatorRun.random;
import static org.espalier.reference.OperatorRun.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.espalier.model.Reduction.Kind;
import org.espalier.model.Reduction.Reduce;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class ReductionLoopsTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  private static float one(Kind kind, float... x) {
    return run(new Reduce(kind, List.of(0), false), Shape.of(x.length), x)[0];
  }

  @Test
  void everyKindOfThreeAndMinusFour() {
    float e = (float) Math.log(Math.exp(3) + Math.exp(-4));
    float[] expected = {-1, -0.5f, 3, -4, -12, 7, 5, 25, Float.NaN, e};
    for (Kind kind : Kind.values()) {
      assertEquals(expected[kind.ordinal()], one(kind, 3, -4), kind.name());
    }
    assertEquals((float) Math.log(7), one(Kind.LOG_SUM, 3, 4));
  }

  @Test
  void everyKindOfNothing() {
    float[] expected = {0, Float.NaN, -INFINITY, INFINITY, 1, 0, 0, 0, -INFINITY, -INFINITY};
    for (Kind kind : Kind.values()) {
      assertEquals(expected[kind.ordinal()], one(kind), kind.name());
      assertEquals(0, run(new Reduce(kind, List.of(0), false), Shape.of(3, 0)).length);
      float[] twice = run(new Reduce(kind, List.of(1), false), Shape.of(2, 0, 1));
      assertBits(new float[] {expected[kind.ordinal()], expected[kind.ordinal()]}, twice);
    }
  }

  @Test
  void everyKindOfNaNIsNaN() {
    for (Kind kind : Kind.values()) {
      assertEquals(Float.NaN, one(kind, 1, Float.NaN, 2), kind.name());
    }
  }

  @Test
  void axesOfAnyPlace() {
    Shape shape = Shape.of(2, 3, 4);
    float[] x = ascending(24);
    assertBits(
        new float[] {1 + 13, 2 + 14, 3 + 15, 4 + 16, 22, 24, 26, 28, 30, 32, 34, 36},
        runSum(List.of(0), shape, x));
    assertBits(new float[] {15, 18, 21, 24, 51, 54, 57, 60}, runSum(List.of(1), shape, x));
    assertBits(new float[] {10 + 58, 26 + 74, 42 + 90}, runSum(List.of(0, 2), shape, x));
    assertBits(new float[] {300}, runSum(List.of(0, 1, 2), shape, x));
    assertBits(x, runSum(List.of(), shape, x));
    assertBits(new float[] {5}, runSum(List.of(), Shape.of(), 5));
    assertEquals(Shape.of(1, 3, 1), new Reduce(Kind.SUM, List.of(0, 2), true).outputShape(shape));
  }

  private static float[] runSum(List<Integer> axes, Shape shape, float... x) {
    float[] kept = run(new Reduce(Kind.SUM, axes, true), shape, x);
    float[] dropped = run(new Reduce(Kind.SUM, axes, false), shape, x);
    assertBits(kept, dropped);
    return kept;
  }

  @Test
  void sumsDontLoseWhatIsSmall() {
    assertEquals(1, one(Kind.SUM, 1e8f, 1, -1e8f));
    assertEquals(5e30f, one(Kind.L2, 3e30f, 4e30f));
  }

  @Test
  void exponentialsDontOverflow() {
    assertEquals((float) (1000 + Math.log(2)), one(Kind.LOG_SUM_EXP, 1000, 1000));
    assertEquals((float) (-1000 + Math.log(2)), one(Kind.LOG_SUM_EXP, -1000, -1000));
    assertEquals(INFINITY, one(Kind.LOG_SUM_EXP, INFINITY, 0));
    assertEquals(-INFINITY, one(Kind.LOG_SUM_EXP, -INFINITY, -INFINITY));
  }

  @Test
  void meansOfRandomNumbers() {
    float[] x = random(1, 60);
    float[] y = run(new Reduce(Kind.MEAN, List.of(1), false), Shape.of(3, 5, 4), x);
    float[] expected = new float[12];
    for (int i = 0; i < 60; i++) {
      expected[i / 20 * 4 + i % 4] += x[i] / 5;
    }
    assertArrayEquals(expected, y, 1e-6f);
  }
}
