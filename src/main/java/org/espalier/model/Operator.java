package org.espalier.model;

import java.util.List;
import org.espalier.tensor.Shape;

/**
 * What a node of the graph computes, as plain data; {@code op} knows how to train it, {@code infer}
 * how to run it. Shapes are those of one example, without the batch.
 */
public sealed interface Operator {
  /**
   * Returns the shape of the output.
   *
   * @param input shape of the input
   * @throws IllegalArgumentException if the operator doesn't fit that input
   */
  Shape outputShape(Shape input);

  /** Returns the parameters that the operator needs, in the order in which they are stored. */
  default List<ParameterSpec> parameters() {
    return List.of();
  }

  /**
   * A parameter that an operator needs.
   *
   * @param role last part of the parameter's name
   * @param shape its shape
   * @param kind what it is
   */
  record ParameterSpec(String role, Shape shape, Parameter.Kind kind) {}

  /**
   * {@code y = W·x + b}.
   *
   * @param inputs the fan-in, columns of {@code weight [outputs][inputs]}
   * @param outputs the units, rows of the weight
   */
  record Linear(int inputs, int outputs) implements Operator {
    /** Role of the weight. */
    public static final String WEIGHT = "weight";

    /** Role of the bias. */
    public static final String BIAS = "bias";

    @Override
    public Shape outputShape(Shape input) {
      if (input.rank() != 1 || input.dim(0) != inputs) {
        throw new IllegalArgumentException(
            "linear takes a vector of " + inputs + ", got " + input + " (flatten it first?)");
      }
      return Shape.of(outputs);
    }

    @Override
    public List<ParameterSpec> parameters() {
      return List.of(
          new ParameterSpec(WEIGHT, Shape.of(outputs, inputs), Parameter.Kind.WEIGHT),
          new ParameterSpec(BIAS, Shape.of(outputs), Parameter.Kind.BIAS));
    }
  }

  /** {@code y = max(x, 0)}. */
  record Relu() implements Operator {
    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }

  /** The same elements as a vector, in row-major order. */
  record Flatten() implements Operator {
    @Override
    public Shape outputShape(Shape input) {
      return Shape.of(input.size());
    }
  }
}
