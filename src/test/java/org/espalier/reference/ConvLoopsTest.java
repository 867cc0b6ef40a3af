package org.espalier.reference;

import static org.espalier.reference.OperatorRun.assertBits;
import static org.espalier.reference.OperatorRun.random;
import static org.espalier.reference.OperatorRun.run;
import static org.espalier.reference.OperatorRun.whole;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.Operator;
import org.espalier.model.Operator.Conv2d;
import org.espalier.model.Resampling.ConvTranspose2d;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class ConvLoopsTest {
  private static final Window ODD = new Window(2, 3, 2, 1, 1, 0, 2, 1, 3, 2);

  private static float[] conv(Conv2d conv, Shape shape, float[] weight, float[] bias, float[] x) {
    Map<String, float[]> parameters = Map.of(Operator.WEIGHT, weight, Operator.BIAS, bias);
    return run(conv, parameters, List.of(shape), x);
  }

  @Test
  void byHand() {
    // rows [1 2 3], [4 5 6]; a column left of them and a row below
    Window window = new Window(2, 2, 1, 2, 0, 1, 1, 0, 1, 1);
    float[] y =
        conv(
            new Conv2d(1, 1, window, 1, true),
            Shape.of(1, 2, 3),
            new float[] {1, 10, 100, 1000},
            new float[] {0.5f},
            new float[] {1, 2, 3, 4, 5, 6});
    assertBits(new float[] {4010.5f, 6532.5f, 40.5f, 65.5f}, y);
  }

  @Test
  void everySumIsOneChainOverChannelRowAndColumn() {
    Conv2d conv = new Conv2d(4, 6, ODD, 2, true);
    Shape in = Shape.of(4, 9, 8);
    Shape out = conv.outputShape(in);
    float[] x = random(1, in.size());
    float[] weight = random(2, 6 * conv.fanIn());
    float[] bias = random(3, 6);
    float[] expected = new float[out.size()];
    for (int i = 0; i < expected.length; i++) {
      int column = i % out.dim(2);
      int row = i / out.dim(2) % out.dim(1);
      int o = i / out.dim(2) / out.dim(1);
      float sum = 0;
      int k = o * conv.fanIn();
      for (int c = o / 3 * 2; c < o / 3 * 2 + 2; c++) {
        for (int h = row * 2 - 1; h <= row * 2 + 2; h += 3) {
          for (int v = column; v <= column + 4; v += 2, k++) {
            if (h >= 0 && h < 9 && v < 8) {
              sum = Math.fma(weight[k], x[(c * 9 + h) * 8 + v], sum);
            }
          }
        }
      }
      expected[i] = sum + bias[o];
    }
    assertBits(expected, conv(conv, in, weight, bias, x));
  }

  @Test
  void aDilatedWindowIsOneWithZerosInBetween() {
    Shape in = Shape.of(2, 9, 8);
    Conv2d conv = new Conv2d(2, 3, ODD, 1, false);
    Window stuffed = new Window(4, 5, 2, 1, 1, 0, 2, 1, 1, 1);
    float[] weight = whole(2, 3 * conv.fanIn());
    float[] more = new float[3 * 2 * 20];
    for (int k = 0; k < weight.length; k++) {
      more[k / 6 * 20 + k % 6 / 3 * 3 * 5 + k % 3 * 2] = weight[k];
    }
    float[] x = whole(1, in.size());
    assertBits(
        conv(new Conv2d(2, 3, stuffed, 1, false), in, more, new float[0], x),
        conv(conv, in, weight, new float[0], x));
  }

  @Test
  void noSumIsNegativeZero() {
    float[] y =
        conv(
            new Conv2d(1, 1, 1, 1, 1, 1, 1, true),
            Shape.of(1, 1, 1),
            new float[] {-1},
            new float[] {-0f},
            new float[] {0});
    assertBits(new float[9], y);
  }

  @Test
  void transposedAsInOnnx() {
    float[] ones = new float[18];
    Arrays.fill(ones, 1);
    float[] x = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    float[] map = {
      0, 1, 3, 3, 2, 3, 8, 15, 12, 7, 9, 21, 36, 27, 15, 9, 20, 33, 24, 13, 6, 13, 21, 15, 8
    };
    ConvTranspose2d two = new ConvTranspose2d(1, 2, Window.of(3, 3, 1, 0), 0, 0, 1, false);
    float[] y = run(two, Map.of(Operator.WEIGHT, ones), List.of(Shape.of(1, 3, 3)), x);
    assertBits(map, Arrays.copyOf(y, 25));
    assertBits(map, Arrays.copyOfRange(y, 25, 50));

    Window dilated = new Window(2, 2, 1, 1, 0, 0, 0, 0, 2, 2);
    assertBits(
        new float[] {
          21, 56, 13, 16, 2, 63, 35, 67, 10, 14, 24, 22, 76, 76, 21, 9, 5, 88, 45, 63, 3, 2, 33, 18,
          54
        },
        run(
            new ConvTranspose2d(1, 1, dilated, 0, 0, 1, false),
            Map.of(Operator.WEIGHT, new float[] {7, 2, 1, 9}),
            List.of(Shape.of(1, 3, 3)),
            new float[] {3, 8, 1, 9, 5, 7, 3, 2, 6}));
  }

  /** What makes it the transpose: {@code ⟨conv(x), y⟩ = ⟨x, transposed(y)⟩}. */
  @Test
  void transposedIsTheAdjointOfAConvolution() {
    Shape large = Shape.of(4, 9, 8);
    Conv2d conv = new Conv2d(4, 6, ODD, 2, false);
    Shape small = conv.outputShape(large);
    // steps over the large map may leave rows and columns out, which come back as more ones
    ConvTranspose2d least = new ConvTranspose2d(6, 4, ODD, 0, 0, 2, false);
    Shape back = least.outputShape(small);
    ConvTranspose2d transposed =
        new ConvTranspose2d(6, 4, ODD, 9 - back.dim(1), 8 - back.dim(2), 2, false);
    assertEquals(large, transposed.outputShape(small));
    float[] x = whole(1, large.size());
    float[] y = whole(2, small.size());
    float[] weight = whole(3, 6 * conv.fanIn()); // [6][2][2][3], both ways
    Map<String, float[]> parameters = new HashMap<>(Map.of(Operator.WEIGHT, weight));
    double forward = dot(run(conv, parameters, List.of(large), x), y);
    double backward = dot(x, run(transposed, parameters, List.of(small), y));
    assertEquals(forward, backward);
  }

  @Test
  void transposedAddsItsBiasToWhatNoPixelMeetsToo() {
    Window window = Window.of(1, 1, 2, 0);
    assertBits(
        new float[] {7, 4, 10, 4, 4, 4, 4, 4},
        run(
            new ConvTranspose2d(1, 1, window, 1, 1, 1, true),
            Map.of(Operator.WEIGHT, new float[] {3}, Operator.BIAS, new float[] {4}),
            List.of(Shape.of(1, 1, 2)),
            new float[] {1, 2}));
  }

  private static double dot(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }
}
