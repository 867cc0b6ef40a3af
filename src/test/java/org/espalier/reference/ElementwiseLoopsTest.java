package org.espalier.reference;

import static org.espalier.reference.OperatorRun.ascending;
import static org.espalier.reference.OperatorRun.assertBits;
import static org.espalier.reference.OperatorRun.run;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Binary;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Elementwise.Where;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementwiseLoopsTest {
  private static final float NAN = Float.NaN;

  private static float of(Function function, float a, float b, float x) {
    return run(new Activation(function, a, b), Shape.of(), x)[0];
  }

  private static float of(Arithmetic function, float x, float y) {
    List<Shape> scalars = List.of(Shape.of(), Shape.of());
    return run(new Binary(function), scalars, new float[] {x}, new float[] {y})[0];
  }

  @ParameterizedTest
  @CsvSource({
    "LEAKY_RELU, 0.25, 0, -8, -2",
    "LEAKY_RELU, 0.25, 0, 8, 8",
    "CLIP, -1, 6, -3, -1",
    "CLIP, -1, 6, 5, 5",
    "CLIP, -1, 6, 7, 6",
    "SIGMOID, 0, 0, 0, 0.5",
    "SIGMOID, 0, 0, -200, 0",
    "SIGMOID, 0, 0, 200, 1",
    "HARD_SIGMOID, 0.25, 0.5, 1, 0.75",
    "HARD_SIGMOID, 0.25, 0.5, -3, 0",
    "HARD_SIGMOID, 0.25, 0.5, 3, 1",
    "HARD_SWISH, 0, 0, 3, 3",
    "HARD_SWISH, 0, 0, -3, -0",
    "HARD_SWISH, 0, 0, 0, 0",
    "HARD_SWISH, 0, 0, 9, 9",
    "SWISH, 1, 0, 0, 0",
    "SWISH, 1, 0, 100, 100",
    "TANH, 0, 0, 20, 1",
    "ELU, 2, 0, 3, 3",
    "ELU, 2, 0, -100, -2",
    "SELU, 2, 3, 1, 3",
    "SELU, 2, 3, -100, -6",
    "CELU, 2, 0, 5, 5",
    "CELU, 2, 0, -200, -2",
    "SOFTPLUS, 0, 0, 200, 200",
    "SOFTPLUS, 0, 0, -200, 0",
    "SOFTSIGN, 0, 0, 3, 0.75",
    "SOFTSIGN, 0, 0, -1, -0.5",
    "MISH, 0, 0, 0, 0",
    "MISH, 0, 0, 100, 100",
    "GELU, 0, 0, 100, 100",
    "GELU, 0, 0, -100, -0",
    "GELU_TANH, 0, 0, 100, 100",
    "GELU_TANH, 0, 0, -100, -0",
    "THRESHOLDED_RELU, 2, 0, 2, 0",
    "THRESHOLDED_RELU, 2, 0, 2.5, 2.5",
    "ERF, 0, 0, 0, 0",
    "ERF, 0, 0, -5, -1",
    "EXP, 0, 0, 0, 1",
    "LOG, 0, 0, 1, 0",
    "SQRT, 0, 0, 9, 3",
    "SQRT, 0, 0, -9, NaN",
    "ABS, 0, 0, -2, 2",
    "NEG, 0, 0, 2, -2",
    "RECIPROCAL, 0, 0, 4, 0.25",
    "SIGN, 0, 0, -7, -1",
    "SIGN, 0, 0, 0, 0",
    "SIGN, 0, 0, 7, 1",
    "FLOOR, 0, 0, -1.5, -2",
    "CEIL, 0, 0, -1.5, -1",
    "ROUND, 0, 0, 2.5, 2",
    "ROUND, 0, 0, 3.5, 4",
    "ROUND, 0, 0, -0.5, -0",
    "SIN, 0, 0, 0, 0",
    "COS, 0, 0, 0, 1",
    "NOT, 0, 0, 0, 1",
    "NOT, 0, 0, 2, 0"
  })
  void functionsOfOneVariable(Function function, float a, float b, float x, float expected) {
    assertEquals(expected, of(function, a, b, x));
  }

  /** Values of tables: Abramowitz and Stegun 7.1 for erf, else of their formulas to 9 places. */
  @ParameterizedTest
  @CsvSource({
    "ERF, 0.5, 0.5204998778",
    "ERF, 1, 0.8427007929",
    "ERF, 1.5, 0.9661051465",
    "ERF, 2, 0.9953222650",
    "ERF, -1, -0.8427007929",
    "GELU, 1, 0.841344746",
    "GELU, -1, -0.158655254",
    "GELU, 2, 1.954499736",
    "GELU_TANH, 1, 0.841191990",
    "GELU_TANH, -1, -0.158808010",
    "TANH, 0.5, 0.462117157",
    "SIGMOID, 1, 0.731058579",
    "SWISH, 1, 0.731058579",
    "SOFTPLUS, 0, 0.693147181",
    "MISH, 1, 0.865098388",
    "ELU, -1, -0.632120559",
    "SIN, 1, 0.841470985",
    "COS, 1, 0.540302306",
    "EXP, 1, 2.718281828",
    "LOG, 10, 2.302585093"
  })
  void knownValues(Function function, float x, double expected) {
    assertEquals(expected, of(function, 1, 1, x), 1.5 * Math.ulp((float) expected));
  }

  @Test
  void normalTailsOfGeluDontCancel() {
    // −8·Φ(−8), Φ(−8) = 6.22096057427178e-16
    assertEquals(-8 * 6.22096057427178e-16, of(Function.GELU, 0, 0, -8), 3e-22);
  }

  @Test
  void theTwoFormsOfTheErrorFunctionMeet() {
    double border = 2;
    assertEquals(ErrorFunction.erf(Math.nextDown(border)), ErrorFunction.erf(border), 1e-14);
    for (double x = -6; x < 6; x += 0.01) {
      assertEquals(1, ErrorFunction.erf(x) + ErrorFunction.erfc(x), 1e-15);
      double slope = (ErrorFunction.erf(x + 1e-5) - ErrorFunction.erf(x - 1e-5)) / 2e-5;
      assertEquals(2 / Math.sqrt(Math.PI) * Math.exp(-x * x), slope, 1e-8);
    }
  }

  @ParameterizedTest
  @EnumSource(Function.class)
  void ofNaNOnlyTruthAndThresholdAreNumbers(Function function) {
    boolean number = function == Function.NOT || function == Function.THRESHOLDED_RELU;
    assertEquals(number ? 0 : NAN, of(function, 1, 1, NAN));
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, 3, 2, 5",
    "SUB, 3, 2, 1",
    "MUL, 3, 2, 6",
    "DIV, 3, 2, 1.5",
    "REMAINDER, 5.5, 2, 1.5",
    "REMAINDER, -5.5, 2, -1.5",
    "REMAINDER, 5.5, -2, 1.5",
    "REMAINDER, 1, 0, NaN",
    "MAX, 3, 2, 3",
    "MAX, NaN, 2, NaN",
    "MAX, 2, NaN, NaN",
    "MAX, -0, 0, 0",
    "MIN, 3, 2, 2",
    "MIN, 2, NaN, NaN",
    "MIN, 0, -0, -0",
    "POW, 3, 2, 9",
    "POW, 9, 0.5, 3",
    "POW, -2, 3, -8",
    "POW, -2, 0.5, NaN",
    "PRELU, -3, 2, -6",
    "PRELU, 3, 2, 3",
    "LESS, 2, 3, 1",
    "LESS, 3, 3, 0",
    "LESS_OR_EQUAL, 3, 3, 1",
    "LESS_OR_EQUAL, NaN, 3, 0",
    "GREATER, 3, 2, 1",
    "GREATER, 3, 3, 0",
    "GREATER_OR_EQUAL, 3, 3, 1",
    "GREATER_OR_EQUAL, 2, 3, 0",
    "EQUAL, 0, -0, 1",
    "EQUAL, NaN, NaN, 0",
    "AND, 2, 1, 1",
    "AND, 2, 0, 0",
    "OR, 0, 2, 1",
    "OR, 0, 0, 0",
    "XOR, 0, 2, 1",
    "XOR, 1, 2, 0"
  })
  void functionsOfTwoVariables(Arithmetic function, float x, float y, float expected) {
    assertEquals(expected, of(function, x, y));
  }

  @Test
  void broadcastsAlignedAtTheLastExtent() {
    Binary sub = new Binary(Arithmetic.SUB);
    assertBits(
        new float[] {0, -1, -2, 1, 0, -1},
        run(sub, List.of(Shape.of(2, 1), Shape.of(3)), ascending(2), ascending(3)));
    assertBits(
        new float[] {4, 3, 2},
        run(sub, List.of(Shape.of(), Shape.of(3)), new float[] {5}, ascending(3)));
    assertBits(
        new float[] {-4, -3, -2},
        run(sub, List.of(Shape.of(1, 3), Shape.of()), ascending(3), new float[] {5}));
    assertBits(
        new float[0], run(sub, List.of(Shape.of(0, 3), Shape.of(3)), new float[0], ascending(3)));
  }

  @Test
  void choosesWhereTheConditionIsNotZero() {
    assertBits(
        new float[] {10, 2, 30, 1, 2, 3},
        run(
            new Where(),
            List.of(Shape.of(2, 3), Shape.of(3), Shape.of(3)),
            new float[] {1, -0f, NAN, 0, 0, 0},
            new float[] {10, 20, 30},
            new float[] {1, 2, 3}));
  }

  @Test
  void rectifiesAndAddsAsTheKernelsDo() {
    assertBits(
        new float[] {0, 0, 0, 2, NAN}, run(new Operator.Relu(), Shape.of(5), -1, -0f, 0, 2, NAN));
    Shape two = Shape.of(2);
    assertBits(
        new float[] {4, 6},
        run(new Operator.Add(), List.of(two, two), new float[] {1, 2}, new float[] {3, 4}));
  }
}
