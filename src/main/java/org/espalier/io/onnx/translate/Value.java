package org.espalier.io.onnx.translate;

import java.util.Arrays;
import java.util.Optional;
import org.espalier.tensor.Shape;

/** What a name of an ONNX graph stands for while the graph is translated. */
sealed interface Value {
  /** Stands for the number of examples among the whole numbers of a shape. */
  long BATCH = Long.MIN_VALUE + 7;

  /** Returns how many axes it has, that of the batch counted. */
  int rank();

  /**
   * What depends on the network's inputs.
   *
   * @param id the number of what computes it
   * @param shape of one example
   * @param batched whether the first axis, which the shape leaves out, counts the examples
   */
  record Computed(int id, Shape shape, boolean batched) implements Value {
    @Override
    public int rank() {
      return shape.rank() + (batched ? 1 : 0);
    }
  }

  /**
   * Real numbers that are known.
   *
   * @param shape all axes
   * @param values row-major
   * @param origin where in the file they come from, if they are a weight of it as it is
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
  record Reals(Shape shape, float[] values, Optional<Origin> origin) implements Value {
    /** Numbers that the file doesn't hold in this form. */
    Reals(Shape shape, float... values) {
      this(shape, values, Optional.empty());
    }

    @Override
    public int rank() {
      return shape.rank();
    }
  }

  /**
   * Whole numbers, or truth values as 1 and 0, that are known; {@link #BATCH} may be among them.
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
  record Wholes(Shape shape, long... values) implements Value {
    @Override
    public int rank() {
      return shape.rank();
    }

    /** Returns whether the number of examples is among them. */
    boolean hasBatch() {
      return Arrays.stream(values).anyMatch(v -> v == BATCH);
    }
  }

  /**
   * Where in a file known numbers come from.
   *
   * @param tensor the initialiser's name
   * @param transposed whether the two axes of the initialiser changed places
   */
  record Origin(String tensor, boolean transposed) {}
}
