package org.espalier.reference;

import static org.espalier.reference.OperatorRun.assertBits;
import static org.espalier.reference.OperatorRun.random;
import static org.espalier.reference.OperatorRun.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.espalier.model.Operator;
import org.espalier.model.Operator.BatchNorm;
import org.espalier.model.Reduction.LocalResponse;
import org.espalier.model.Reduction.Softmax;
import org.espalier.model.Reduction.Standardize;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class NormalizationLoopsTest {
  private static final Shape SHAPE = Shape.of(3, 4, 5);

  @Test
  void batchNormOfAnyRank() {
    Map<String, float[]> parameters =
        Map.of(
            Operator.WEIGHT, new float[] {2, 3},
            Operator.BIAS, new float[] {10, 20},
            BatchNorm.MEAN, new float[] {1, -1},
            BatchNorm.VARIANCE, new float[] {3.75f, 0});
    BatchNorm norm = new BatchNorm(2, 0.9, 0.25);
    assertBits(
        new float[] {10, 26}, run(norm, parameters, List.of(Shape.of(2)), new float[] {1, 0}));
    float[] x = {1, 3, -1, 0};
    float[] y = {10, 12, 20, 26};
    assertBits(y, run(norm, parameters, List.of(Shape.of(2, 2)), x));
    assertBits(y, run(norm, parameters, List.of(Shape.of(2, 1, 2, 1)), x));
  }

  @Test
  void softmaxByHand() {
    float log3 = (float) Math.log(3);
    assertArrayEquals(
        new float[] {0.25f, 0.75f}, run(new Softmax(0, false), Shape.of(2), 0, log3), 1e-7f);
    assertBits(new float[] {0.5f, 0.5f}, run(new Softmax(0, false), Shape.of(2), 1e30f, 1e30f));
    assertBits(new float[] {-1000, 0}, run(new Softmax(0, true), Shape.of(2), 0, 1000));
    assertBits(new float[0], run(new Softmax(1, false), Shape.of(3, 0)));
  }

  @Test
  void softmaxIsADistributionAndItsLogarithmIsThat() {
    float[] x = random(1, 60);
    for (int axis = 0; axis < 3; axis++) {
      float[] y = run(new Softmax(axis, false), SHAPE, x);
      float[] log = run(new Softmax(axis, true), SHAPE, x);
      double[] sums = new double[20];
      int inner = axis == 0 ? 20 : axis == 1 ? 5 : 1;
      for (int i = 0; i < 60; i++) {
        sums[i / (inner * SHAPE.dim(axis)) * inner + i % inner] += y[i];
        assertEquals(Math.log(y[i]), log[i], 1e-6);
      }
      for (int i = 0; i < 60 / SHAPE.dim(axis); i++) {
        assertEquals(1, sums[i], 1e-6);
      }
    }
  }

  @Test
  void standardizesToMeanZeroAndVarianceOne() {
    assertBits(
        new float[] {-1.5f, 0.5f, 0.5f, 0.5f},
        run(new Standardize(List.of(0, 1), 1), Shape.of(2, 2), 0, 4, 4, 4)); // variance 3
    assertBits(
        new float[] {-1, -1, 1, 1},
        run(new Standardize(List.of(0), 0), Shape.of(2, 2), 1, 5, 3, 9));
    float[] y = run(new Standardize(List.of(1, 2), 0), SHAPE, random(1, 60));
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      double squares = 0;
      for (int i = c * 20; i < c * 20 + 20; i++) {
        sum += y[i];
        squares += y[i] * y[i];
      }
      assertEquals(0, sum, 1e-5);
      assertEquals(20, squares, 1e-5);
    }
  }

  @Test
  void localResponseAroundEachChannel() {
    // two channels: one and its next; three: one before, too
    Shape shape = Shape.of(3, 1, 1);
    assertBits(
        new float[] {1 / 6f, 2 / 14f, 3 / 10f},
        run(new LocalResponse(2, 2, 1, 1), shape, 1, 2, 3)); // 1 + 1·(1+4), (4+9), 9
    assertBits(
        new float[] {1 / 6f, 2 / 15f, 3 / 14f}, run(new LocalResponse(3, 3, 1, 1), shape, 1, 2, 3));
    assertBits(new float[] {0.5f}, run(new LocalResponse(1, 3, 0.5f, 1), Shape.of(1), 1));
  }
}
