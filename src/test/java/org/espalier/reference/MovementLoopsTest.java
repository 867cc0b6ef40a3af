package org.espalier.reference;

import static org.espalier.reference.OperatorRun.ascending;
import static org.espalier.reference.OperatorRun.assertBits;
import static org.espalier.reference.OperatorRun.random;
import static org.espalier.reference.OperatorRun.run;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.espalier.model.Movement;
import org.espalier.model.Movement.Padding;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class MovementLoopsTest {
  private static final Shape SHAPE = Shape.of(2, 3, 4);
  private static final float[] X = random(1, 24);

  @Test
  void concatenates() {
    assertBits(
        new float[] {1, 2, 5, 3, 4, 6},
        run(
            new Movement.Concat(1, 2),
            List.of(Shape.of(2, 2), Shape.of(2, 1)),
            new float[] {1, 2, 3, 4},
            new float[] {5, 6}));
    assertBits(
        new float[] {1, 2},
        run(
            new Movement.Concat(0, 3),
            List.of(Shape.of(1), Shape.of(0), Shape.of(1)),
            new float[] {1},
            new float[0],
            new float[] {2}));
  }

  @Test
  void slicesBackwardsToo() {
    Shape shape = Shape.of(2, 5);
    assertBits(
        new float[] {5, 3, 1, 10, 8, 6},
        run(new Movement.Slice(1, 4, -2, 3), shape, ascending(10)));
    assertBits(
        new float[] {2, 5, 7, 10}, run(new Movement.Slice(1, 1, 3, 2), shape, ascending(10)));
    assertBits(new float[0], run(new Movement.Slice(1, 3, 1, 0), shape, ascending(10)));
  }

  @Test
  void partsThatAreConcatenatedAreTheWhole() {
    for (int axis = 0; axis < 3; axis++) {
      Movement.Slice first = new Movement.Slice(axis, 0, 1, 1);
      Movement.Slice rest = new Movement.Slice(axis, 1, 1, SHAPE.dim(axis) - 1);
      assertBits(
          X,
          run(
              new Movement.Concat(axis, 2),
              List.of(first.outputShape(SHAPE), rest.outputShape(SHAPE)),
              run(first, SHAPE, X),
              run(rest, SHAPE, X)));
    }
  }

  @Test
  void gathersInAnyOrder() {
    assertBits(
        new float[] {3, 1, 3, 6, 4, 6},
        run(new Movement.Gather(1, List.of(2, 0, 2)), Shape.of(2, 3), ascending(6)));
  }

  @Test
  void pads() {
    float[][] expected = {
      {9, 9, 1, 2, 3, 9, 9}, {1, 1, 1, 2, 3, 3, 3}, {3, 2, 1, 2, 3, 2, 1}, {2, 3, 1, 2, 3, 1, 2}
    };
    for (Padding padding : Padding.values()) {
      Movement.Pad pad = new Movement.Pad(padding, List.of(2), List.of(2), 9);
      assertBits(expected[padding.ordinal()], run(pad, Shape.of(3), 1, 2, 3));
    }
    Movement.Pad rows = new Movement.Pad(Padding.CONSTANT, List.of(1, 0), List.of(0, 1), 7);
    assertBits(new float[] {7, 7, 7, 1, 2, 7}, run(rows, Shape.of(1, 2), 1, 2));
    Movement.Pad nothing = new Movement.Pad(Padding.CONSTANT, List.of(1), List.of(1), 5);
    assertBits(new float[] {5, 5}, run(nothing, Shape.of(0)));
  }

  @Test
  void whatIsPaddedAndSlicedIsTheSame() {
    for (Padding padding : Padding.values()) {
      Movement.Pad pad = new Movement.Pad(padding, List.of(1, 2, 0), List.of(1, 0, 3), -1);
      Shape shape = pad.outputShape(SHAPE);
      float[] y = run(pad, SHAPE, X);
      for (int axis = 0; axis < 3; axis++) {
        Movement.Slice slice = new Movement.Slice(axis, pad.before().get(axis), 1, SHAPE.dim(axis));
        y = run(slice, shape, y);
        shape = slice.outputShape(shape);
      }
      assertBits(X, y);
    }
  }

  @Test
  void transposes() {
    assertBits(
        new float[] {1, 4, 2, 5, 3, 6},
        run(new Movement.Transpose(List.of(1, 0)), Shape.of(2, 3), ascending(6)));
    Movement.Transpose there = new Movement.Transpose(List.of(2, 0, 1));
    Movement.Transpose back = new Movement.Transpose(List.of(1, 2, 0));
    float[] y = run(there, SHAPE, X);
    // y[k][i][j] = x[i][j][k]
    assertEquals(X[(1 * 3 + 2) * 4 + 3], y[(3 * 2 + 1) * 3 + 2]);
    assertBits(X, run(back, there.outputShape(SHAPE), y));
    assertBits(new float[] {5}, run(new Movement.Transpose(List.of()), Shape.of(), 5));
  }

  @Test
  void expandsAsBroadcasting() {
    assertBits(
        new float[] {1, 1, 2, 2, 1, 1, 2, 2},
        run(new Movement.Expand(Shape.of(2, 1, 2)), Shape.of(2, 1), 1, 2));
    assertBits(new float[] {3, 3}, run(new Movement.Expand(Shape.of(2)), Shape.of(), 3));
  }

  @Test
  void copies() {
    assertBits(X, run(new Movement.Reshape(Shape.of(4, 6)), SHAPE, X));
    assertBits(X, run(new Operator.Flatten(), SHAPE, X));
    assertBits(
        new float[] {1, 2},
        run(
            new Movement.Constant(Shape.of(2)),
            Map.of(Movement.Constant.VALUE, new float[] {1, 2}),
            List.of()));
  }

  @Test
  void theShortcutThinsPixelsAndAddsChannelsOfZeros() {
    assertBits(
        new float[] {1, 3, 7, 9, 0, 0, 0, 0},
        run(new Operator.Shortcut(2, 2), Shape.of(1, 3, 3), ascending(9)));
  }

  @Test
  void theBitsOfNaNsAreKept() {
    float odd = Float.intBitsToFloat(0x7fc12345);
    float[] y = run(new Movement.Transpose(List.of(1, 0)), Shape.of(2, 1), odd, -0f);
    assertEquals(0x7fc12345, Float.floatToRawIntBits(y[0]));
    assertEquals(0x80000000, Float.floatToRawIntBits(y[1]));
  }
}
