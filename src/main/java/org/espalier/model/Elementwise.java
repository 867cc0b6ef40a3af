package org.espalier.model;

import java.util.List;
import org.espalier.tensor.Shape;

/**
 * Operators whose every output element depends on one element of each input. Inputs of different
 * shapes are broadcast as ONNX and NumPy do: extents are aligned at the last one; one that is 1 or
 * missing is repeated.
 */
public sealed interface Elementwise extends Operator {
  /** Functions of one variable; {@code a} and {@code b} are the parameters of the record. */
  enum Function {
    /** {@code x < 0 ? a·x : x}. */
    LEAKY_RELU,
    /** {@code min(max(x, a), b)}. */
    CLIP,
    /** {@code 1 / (1 + exp(−x))}. */
    SIGMOID,
    /** {@code min(max(a·x + b, 0), 1)}. */
    HARD_SIGMOID,
    /** {@code x · min(max(x/6 + 1/2, 0), 1)}. */
    HARD_SWISH,
    /** {@code x · sigmoid(a·x)}: SiLU where a is 1. */
    SWISH,
    /** The hyperbolic tangent. */
    TANH,
    /** {@code x < 0 ? a·(exp(x) − 1) : x}. */
    ELU,
    /** {@code b · (x < 0 ? a·(exp(x) − 1) : x)}. */
    SELU,
    /** {@code max(x, 0) + min(0, a·(exp(x/a) − 1))}. */
    CELU,
    /** {@code log(1 + exp(x))}. */
    SOFTPLUS,
    /** {@code x / (1 + |x|)}. */
    SOFTSIGN,
    /** {@code x · tanh(softplus(x))}. */
    MISH,
    /** {@code x/2 · (1 + erf(x/√2))}. */
    GELU,
    /** {@code x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))}. */
    GELU_TANH,
    /** {@code x > a ? x : 0}. */
    THRESHOLDED_RELU,
    /** The error function. */
    ERF,
    /** The exponential function. */
    EXP,
    /** The natural logarithm. */
    LOG,
    /** The square root. */
    SQRT,
    /** The absolute value. */
    ABS,
    /** {@code −x}. */
    NEG,
    /** {@code 1/x}. */
    RECIPROCAL,
    /** −1, 0 or 1. */
    SIGN,
    /** The largest whole number not above x. */
    FLOOR,
    /** The smallest whole number not below x. */
    CEIL,
    /** The nearest whole number, of two the even one. */
    ROUND,
    /** The sine. */
    SIN,
    /** The cosine. */
    COS,
    /** 1 where x is 0, else 0. */
    NOT
  }

  /** Functions of two variables; comparisons give 1 for true and 0 for false. */
  enum Arithmetic {
    /** {@code x + y}. */
    ADD,
    /** {@code x − y}. */
    SUB,
    /** {@code x · y}. */
    MUL,
    /** {@code x / y}. */
    DIV,
    /** What is left of x by y, with the sign of x; NaN if y is 0. */
    REMAINDER,
    /** The larger; NaN if one is. */
    MAX,
    /** The smaller; NaN if one is. */
    MIN,
    /** {@code x} to the power of y. */
    POW,
    /** {@code x < 0 ? y·x : x}. */
    PRELU,
    /** Whether {@code x < y}. */
    LESS,
    /** Whether {@code x ≤ y}. */
    LESS_OR_EQUAL,
    /** Whether {@code x > y}. */
    GREATER,
    /** Whether {@code x ≥ y}. */
    GREATER_OR_EQUAL,
    /** Whether {@code x = y}. */
    EQUAL,
    /** Whether neither is 0. */
    AND,
    /** Whether one is not 0. */
    OR,
    /** Whether one of the two is 0 and the other is not. */
    XOR
  }

  /**
   * A function of each element; the rectifier is {@link Operator.Relu}, which layers take over.
   *
   * @param function which
   * @param a its first parameter, 0 if it has none
   * @param b its second parameter, 0 if it has none
   */
  record Activation(Function function, float a, float b) implements Elementwise {
    /** A function without parameters. */
    public Activation(Function function) {
      this(function, 0, 0);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      return inputs.getFirst();
    }
  }

  /**
   * A function of two inputs, broadcast to one shape; the sum of two of one shape is {@link
   * Operator.Add}, which layers take over.
   */
  record Binary(Arithmetic function) implements Elementwise {
    @Override
    public int arity() {
      return 2;
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      return broadcast(inputs);
    }
  }

  /** {@code x ≠ 0 ? y : z} of three inputs, broadcast to one shape. */
  record Where() implements Elementwise {
    @Override
    public int arity() {
      return 3;
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      return broadcast(inputs);
    }
  }

  /**
   * Returns the shape to which others are broadcast.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Shape broadcast(List<Shape> shapes) {
    int rank = shapes.stream().mapToInt(Shape::rank).max().orElse(0);
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = 1;
      for (Shape shape : shapes) {
        int axis = shape.rank() - rank + i;
        int dim = axis < 0 ? 1 : shape.dim(axis);
        if (dims[i] != 1 && dim != 1 && dim != dims[i]) {
          throw new IllegalArgumentException("shapes that can't be broadcast: " + shapes);
        }
        dims[i] = dims[i] == 1 ? dim : dims[i];
      }
    }
    return Shape.of(dims);
  }
}
