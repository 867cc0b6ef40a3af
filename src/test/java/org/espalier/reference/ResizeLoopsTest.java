package org.espalier.reference;

import static org.espalier.reference.OperatorRun.ascending;
import static org.espalier.reference.OperatorRun.assertBits;
import static org.espalier.reference.OperatorRun.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.espalier.model.Resampling.Coordinates;
import org.espalier.model.Resampling.Interpolation;
import org.espalier.model.Resampling.Resize;
import org.espalier.model.Resampling.Rounding;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares with the examples of ONNX's Resize, whose names are those of its backend tests. */
class ResizeLoopsTest {
  private static final Shape SQUARE = Shape.of(4, 4);
  private static final float[] SIXTEEN = ascending(16);

  private static Resize resize(
      Interpolation interpolation, Coordinates coordinates, float scaleY, float scaleX, int... to) {
    return new Resize(
        Arrays.stream(to).boxed().toList(),
        List.of(scaleY, scaleX),
        interpolation,
        coordinates,
        Rounding.ROUND_PREFER_FLOOR,
        -0.75f,
        false);
  }

  private static float[] firstRow(Resize resize) {
    return Arrays.copyOf(run(resize, SQUARE, SIXTEEN), resize.sizes().getLast());
  }

  @Test
  void upsampleScalesNearest() {
    Resize resize = resize(Interpolation.NEAREST, Coordinates.HALF_PIXEL, 2, 3, 4, 6);
    assertBits(
        new float[] {
          1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4,
        },
        run(resize, Shape.of(2, 2), 1, 2, 3, 4));
  }

  @Test
  void downsampleScalesNearest() {
    Resize resize = resize(Interpolation.NEAREST, Coordinates.HALF_PIXEL, 0.6f, 0.6f, 1, 2);
    assertBits(new float[] {1, 3}, run(resize, Shape.of(2, 4), ascending(8)));
  }

  @Test
  void roundingDecidesBetweenTwoThatAreEquallyNear() {
    float[][] expected = {{1, 3}, {2, 4}, {1, 3}, {2, 4}};
    for (Rounding rounding : Rounding.values()) {
      // the places 0.5 and 2.5
      Resize resize =
          new Resize(
              List.of(2),
              List.of(0.5f),
              Interpolation.NEAREST,
              Coordinates.HALF_PIXEL,
              rounding,
              0,
              false);
      assertBits(expected[rounding.ordinal()], run(resize, Shape.of(4), ascending(4)));
    }
  }

  @Test
  void placesAreRoundedToFloat() {
    // 4/1.3333334 is 3 as a float, 2.9999998 as a double
    Resize resize =
        new Resize(
            List.of(5),
            List.of(4 / 3f),
            Interpolation.NEAREST,
            Coordinates.ASYMMETRIC,
            Rounding.FLOOR,
            0,
            false);
    assertBits(new float[] {1, 1, 2, 3, 4}, run(resize, Shape.of(4), ascending(4)));
  }

  @Test
  void upsampleScalesLinear() {
    Resize resize = resize(Interpolation.LINEAR, Coordinates.HALF_PIXEL, 2, 2, 4, 4);
    assertBits(
        new float[] {
          1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3, 3.25f, 3.75f, 4
        },
        run(resize, Shape.of(2, 2), 1, 2, 3, 4));
  }

  @Test
  void downsampleScalesLinear() {
    Resize resize = resize(Interpolation.LINEAR, Coordinates.HALF_PIXEL, 0.6f, 0.6f, 1, 2);
    assertArrayEquals(
        new float[] {2.6666665f, 4.3333331f}, run(resize, Shape.of(2, 4), ascending(8)), 1e-6f);
  }

  @Test
  void upsampleScalesLinearHalfPixelSymmetric() {
    Resize resize =
        resize(Interpolation.LINEAR, Coordinates.HALF_PIXEL_SYMMETRIC, 2.3f, 2.94f, 4, 5);
    assertArrayEquals(
        new float[] {1, 1.15986395f, 1.5f, 1.84013605f, 2},
        Arrays.copyOf(run(resize, Shape.of(2, 2), 1, 2, 3, 4), 5),
        1e-6f);
  }

  @Test
  void downsampleScalesLinearHalfPixelSymmetric() {
    Resize resize = resize(Interpolation.LINEAR, Coordinates.HALF_PIXEL_SYMMETRIC, 1, 0.6f, 1, 2);
    assertArrayEquals(
        new float[] {1.6666667f, 3.3333333f}, run(resize, Shape.of(1, 4), ascending(4)), 1e-6f);
  }

  @Test
  void onePixelStandsForTheFirst() {
    Resize pytorch = resize(Interpolation.LINEAR, Coordinates.PYTORCH_HALF_PIXEL, 0.25f, 1, 1, 4);
    assertBits(new float[] {1, 2, 3, 4}, run(pytorch, SQUARE, SIXTEEN));
    Resize corners = resize(Interpolation.LINEAR, Coordinates.ALIGN_CORNERS, 0.25f, 1, 1, 4);
    assertBits(new float[] {1, 2, 3, 4}, run(corners, SQUARE, SIXTEEN));
  }

  @Test
  void alignedCornersOfARampGiveARamp() {
    Resize resize = resize(Interpolation.LINEAR, Coordinates.ALIGN_CORNERS, 1, 9 / 5f, 1, 9);
    assertBits(
        new float[] {1, 1.5f, 2, 2.5f, 3, 3.5f, 4, 4.5f, 5},
        run(resize, Shape.of(1, 5), ascending(5)));
  }

  @Test
  void upsampleScalesCubic() {
    Resize resize = resize(Interpolation.CUBIC, Coordinates.HALF_PIXEL, 2, 2, 8, 8);
    assertArrayEquals(
        new float[] {
          0.47265625f,
          0.76953125f,
          1.24609375f,
          1.875f,
          2.28125f,
          2.91015625f,
          3.38671875f,
          3.68359375f
        },
        firstRow(resize));
  }

  @Test
  void upsampleScalesCubicAlignCorners() {
    Resize resize = resize(Interpolation.CUBIC, Coordinates.ALIGN_CORNERS, 2, 2, 8, 8);
    assertArrayEquals(
        new float[] {
          1, 1.34110787f, 1.80029155f, 2.32944606f, 2.67055394f, 3.19970845f, 3.65889213f, 4
        },
        firstRow(resize),
        1e-5f);
  }

  @Test
  void upsampleScalesCubicAsymmetric() {
    Resize resize = resize(Interpolation.CUBIC, Coordinates.ASYMMETRIC, 2, 2, 8, 8);
    assertArrayEquals(
        new float[] {1, 1.40625f, 2, 2.5f, 3, 3.59375f, 4, 4.09375f}, firstRow(resize));
  }

  @Test
  void downsampleScalesCubic() {
    Resize resize = resize(Interpolation.CUBIC, Coordinates.HALF_PIXEL, 0.8f, 0.8f, 3, 3);
    assertArrayEquals(
        new float[] {
          1.47119141f,
          2.78125f,
          4.08251953f,
          6.71142578f,
          8.02148438f,
          9.32275391f,
          11.91650391f,
          13.2265625f,
          14.52783203f
        },
        run(resize, SQUARE, SIXTEEN),
        1e-5f);
  }

  @Test
  void upsampleScalesCubicExcludeOutside() {
    Resize resize =
        new Resize(
            List.of(8, 8),
            List.of(2f, 2f),
            Interpolation.CUBIC,
            Coordinates.HALF_PIXEL,
            Rounding.ROUND_PREFER_FLOOR,
            -0.5f,
            true);
    assertArrayEquals(
        new float[] {
          0.55882353f,
          0.81494204f,
          1.35698249f,
          1.89705882f,
          2.39705882f,
          2.93713516f,
          3.47917561f,
          3.73529412f
        },
        firstRow(resize),
        1e-6f);
  }

  @ParameterizedTest
  @EnumSource(Interpolation.class)
  void theSameExtentsGiveTheSameBits(Interpolation interpolation) {
    for (Coordinates coordinates : Coordinates.values()) {
      Resize resize = resize(interpolation, coordinates, 1, 1, 2, 2);
      float[] x = {-0f, Float.MIN_VALUE, 1e38f, Float.POSITIVE_INFINITY};
      assertBits(x, run(resize, Shape.of(2, 2), x));
    }
  }

  @Test
  void nothingIsMadeOfNothing() {
    Resize none = resize(Interpolation.LINEAR, Coordinates.HALF_PIXEL, 2, 2, 0, 4);
    assertBits(new float[0], run(none, Shape.of(0, 2)));
    Resize some = resize(Interpolation.LINEAR, Coordinates.HALF_PIXEL, 2, 2, 1, 4);
    assertThrows(IllegalArgumentException.class, () -> run(some, Shape.of(0, 2)));
  }
}
