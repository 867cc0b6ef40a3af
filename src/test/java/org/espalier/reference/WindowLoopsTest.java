package org.espalier.reference;

import static org.espalier.reference.OperatorRun.ascending;
import static org.espalier.reference.OperatorRun.assertBits;
import static org.espalier.reference.OperatorRun.random;
import static org.espalier.reference.OperatorRun.run;

import java.util.Arrays;
import org.espalier.kernel.scalar.ScalarPool;
import org.espalier.model.Operator.AveragePool;
import org.espalier.model.Operator.GlobalAveragePool;
import org.espalier.model.Operator.MaxPool;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class WindowLoopsTest {
  private static final Shape SQUARE = Shape.of(1, 4, 4);

  @Test
  void maxPoolWithDilationAndCeilAsInOnnx() {
    Window dilated = new Window(2, 2, 1, 1, 0, 0, 0, 0, 2, 2);
    assertBits(
        new float[] {11, 12, 15, 16}, run(new MaxPool(dilated, false), SQUARE, ascending(16)));
    Window three = Window.of(3, 3, 2, 0);
    assertBits(new float[] {11, 12, 15, 16}, run(new MaxPool(three, true), SQUARE, ascending(16)));
    assertBits(new float[] {11}, run(new MaxPool(three, false), SQUARE, ascending(16)));
  }

  @Test
  void averagesDontCountWhatLiesBehindThePadding() {
    Window three = Window.of(3, 3, 2, 0);
    assertBits(
        new float[] {6, 7.5f, 12, 13.5f},
        run(new AveragePool(three, true, false), SQUARE, ascending(16)));
    assertBits(
        new float[] {6, 7.5f, 12, 13.5f},
        run(new AveragePool(three, true, true), SQUARE, ascending(16)));
  }

  @Test
  void averagesCountThePaddingIfTheyAreToldTo() {
    // one row, padded by one each way: 0 | 6 12 | 0, in windows of three, steps of two
    Window window = new Window(1, 3, 1, 2, 0, 1, 0, 1, 1, 1);
    Shape row = Shape.of(1, 1, 2);
    assertBits(new float[] {6}, run(new AveragePool(window, false, true), row, 6, 12));
    assertBits(new float[] {9}, run(new AveragePool(window, false, false), row, 6, 12));
    // the second window is 12 | 0 and one behind the padding: half, not a third
    assertBits(new float[] {6, 6}, run(new AveragePool(window, true, true), row, 6, 12));
    assertBits(new float[] {9, 12}, run(new AveragePool(window, true, false), row, 6, 12));
  }

  @Test
  void dilatedWindowsThatMeetPaddingAlone() {
    // pixels −1 and 3 of three
    Window window = new Window(1, 2, 1, 4, 0, 1, 0, 1, 1, 4);
    Shape row = Shape.of(1, 1, 3);
    assertBits(
        new float[] {Float.NEGATIVE_INFINITY}, run(new MaxPool(window, false), row, 1, 2, 3));
    assertBits(new float[] {0}, run(new AveragePool(window, false, false), row, 1, 2, 3));
  }

  @Test
  void theLargestIsNaNIfOneIsAndZeroCountsAboveNegativeZero() {
    Window window = Window.of(1, 2, 1, 0);
    assertBits(
        new float[] {0, Float.NaN, Float.NaN},
        run(new MaxPool(window, false), Shape.of(1, 1, 4), -0f, 0, Float.NaN, 1));
  }

  @Test
  void regularWindowsHaveTheBitsOfTheKernels() {
    float[] x = random(1, 7 * 8);
    float[] lanes = new float[x.length * 16];
    for (int i = 0; i < x.length; i++) {
      Arrays.fill(lanes, i * 16, i * 16 + 16, x[i]);
    }
    float[] y = new float[4 * 4 * 16];
    Shape shape = Shape.of(1, 7, 8);
    new ScalarPool().averagePool(7, 8, 3, 2, 1, lanes, 0, y, 0);
    assertBits(everySixteenth(y), run(new AveragePool(3, 2, 1), shape, x));
    new ScalarPool().maxPool(7, 8, 3, 2, 1, lanes, 0, y, 0);
    assertBits(everySixteenth(y), run(new MaxPool(3, 2, 1), shape, x));
    float[] mean = new float[16];
    new ScalarPool().globalAverage(56, lanes, 0, mean, 0);
    assertBits(everySixteenth(mean), run(new GlobalAveragePool(), shape, x));
  }

  private static float[] everySixteenth(float[] x) {
    float[] y = new float[x.length / 16];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i * 16];
    }
    return y;
  }
}
