package org.espalier.infer;

import java.util.List;
import java.util.Map;
import org.espalier.kernel.contract.Clamp;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/**
 * What a plan computes on values that lie one example behind the other; immutable. They lie in
 * places, which are numbered from 0; a rectifier and a sum may write where they read.
 */
sealed interface VectorStage {
  /** Returns the place of what it computes. */
  int y();

  /**
   * An operator that has no kernel, by the plain loops that are its specification.
   *
   * @param name of the node
   * @param inputs what it reads, each of the shape of an example
   * @param parameters row by row, by role
   * @param width elements of an example of what it computes
   */
  record Loops(
      String name,
      Operator operator,
      List<Input> inputs,
      Map<String, float[]> parameters,
      int width,
      int y)
      implements VectorStage {
    /** Copies the collections. */
    public Loops {
      inputs = List.copyOf(inputs);
      parameters = Map.copyOf(parameters);
    }
  }

  /** What plain loops read. */
  sealed interface Input {
    /** Returns the shape of an example. */
    Shape shape();

    /** What lies at a place. */
    record Place(Shape shape, int place) implements Input {}

    /** The same values for every example. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
    record Values(Shape shape, float... values) implements Input {}
  }

  /** The product with a weight, with a bias and perhaps a rectifier. */
  record Product(LinearStep layer, int x, int y) implements VectorStage {}

  /**
   * Bounds that no layer has taken over: a rectifier.
   *
   * @param width elements of an example
   */
  record Clamping(int width, Clamp clamp, int x, int y) implements VectorStage {}

  /**
   * The sum of two vectors; {@code y} is {@code x} where one of the two lies in its place.
   *
   * @param width elements of an example
   * @param other the place of the second
   */
  record Sum(int width, int x, int other, int y) implements VectorStage {}
}
