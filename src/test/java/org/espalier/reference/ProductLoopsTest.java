package org.espalier.reference;

import static org.espalier.reference.OperatorRun.ascending;
import static org.espalier.reference.OperatorRun.assertBits;
import static org.espalier.reference.OperatorRun.random;
import static org.espalier.reference.OperatorRun.run;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.model.Operator;
import org.espalier.model.Operator.Linear;
import org.espalier.model.Reduction.MatMul;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class ProductLoopsTest {
  private static final Map<String, float[]> PARAMETERS =
      Map.of(Operator.WEIGHT, new float[] {1, 2, 3, 4, 5, 6}, Operator.BIAS, new float[] {10, 20});

  @Test
  void linearTakesEachRowOfTheLastAxis() {
    Linear linear = new Linear(3, 2);
    float[] one = {10 + 1 + 3, 20 + 4 + 6};
    assertBits(one, run(linear, PARAMETERS, List.of(Shape.of(3)), new float[] {1, 0, 1}));
    float[] x = {1, 0, 1, 0, 1, 0};
    float[] both = {14, 30, 12, 25};
    assertBits(both, run(linear, PARAMETERS, List.of(Shape.of(2, 3)), x));
    assertBits(both, run(linear, PARAMETERS, List.of(Shape.of(2, 1, 3)), x));
    assertBits(
        new float[] {2, 5},
        run(new Linear(3, 2, false), PARAMETERS, List.of(Shape.of(3)), new float[] {0, 1, 0}));
  }

  @Test
  void matrices() {
    assertBits(
        new float[] {22, 28, 49, 64},
        run(new MatMul(), List.of(Shape.of(2, 3), Shape.of(3, 2)), ascending(6), ascending(6)));
  }

  @Test
  void vectorsAreARowOrAColumn() {
    assertBits(
        new float[] {22, 28},
        run(new MatMul(), List.of(Shape.of(3), Shape.of(3, 2)), ascending(3), ascending(6)));
    assertBits(
        new float[] {14, 32},
        run(new MatMul(), List.of(Shape.of(2, 3), Shape.of(3)), ascending(6), ascending(3)));
    assertBits(
        new float[] {14},
        run(new MatMul(), List.of(Shape.of(3), Shape.of(3)), ascending(3), ascending(3)));
  }

  @Test
  void matricesOfABatchAreBroadcast() {
    Shape left = Shape.of(2, 1, 3, 4);
    Shape right = Shape.of(5, 4, 2);
    float[] x = random(1, left.size());
    float[] y = random(2, right.size());
    float[] z = run(new MatMul(), List.of(left, right), x, y);
    for (int i = 0; i < 10; i++) {
      float[] part =
          run(
              new MatMul(),
              List.of(Shape.of(3, 4), Shape.of(4, 2)),
              Arrays.copyOfRange(x, i / 5 * 12, i / 5 * 12 + 12),
              Arrays.copyOfRange(y, i % 5 * 8, i % 5 * 8 + 8));
      assertBits(part, Arrays.copyOfRange(z, i * 6, i * 6 + 6));
    }
  }

  /** A product with the rows of a weight is the layer, bit for bit: both are chains. */
  @Test
  void productAndLayerAgree() {
    float[] x = random(1, 5 * 33);
    float[] weight = random(2, 33 * 7);
    float[] transposed = new float[weight.length];
    for (int i = 0; i < weight.length; i++) {
      transposed[i % 7 * 33 + i / 7] = weight[i];
    }
    float[] chains = new float[35];
    for (int i = 0; i < 35; i++) {
      for (int k = 0; k < 33; k++) {
        chains[i] = Math.fma(x[i / 7 * 33 + k], weight[k * 7 + i % 7], chains[i]);
      }
    }
    assertBits(chains, run(new MatMul(), List.of(Shape.of(5, 33), Shape.of(33, 7)), x, weight));
    assertBits(
        chains,
        run(
            new Linear(33, 7, false),
            Map.of(Operator.WEIGHT, transposed),
            List.of(Shape.of(5, 33)),
            x));
  }

  @Test
  void sumsOfNothingAreZero() {
    assertBits(
        new float[4],
        run(new MatMul(), List.of(Shape.of(2, 0), Shape.of(0, 2)), new float[0], new float[0]));
  }
}
