package org.espalier.io.onnx.translate;

import java.util.Arrays;
import java.util.List;
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
   * @param grid how the file's numbers, if they are whole ones, stand for those that are computed
   */
  record Computed(int id, Shape shape, boolean batched, Grid grid) implements Value {
    /** Returns the same with other numbers of the file that stand for it. */
    Computed on(Grid other) {
      return new Computed(id, shape, batched, other);
    }

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
   * @param steps of what they are multiples, if they are given so
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
  record Reals(Shape shape, float[] values, Optional<Origin> origin, Optional<Steps> steps)
      implements Value {
    /** Numbers that the file doesn't hold in this form. */
    Reals(Shape shape, float... values) {
      this(shape, values, Optional.empty(), Optional.empty());
    }

    /** Numbers that the file holds as they are, perhaps in another shape. */
    Reals(Shape shape, float[] values, Optional<Origin> origin) {
      this(shape, values, origin, Optional.empty());
    }

    /** Multiples of steps. */
    Reals(Shape shape, float[] values, Steps steps) {
      this(shape, values, Optional.empty(), Optional.of(steps));
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
   * Of what known numbers are whole multiples.
   *
   * @param axis along which each index has a step of its own
   * @param sizes one for each index of the axis, or one for all
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
  record Steps(int axis, float[] sizes) {
    /** Of whole numbers. */
    static final Steps ONE = new Steps(0, new float[] {1});

    /** Returns whether the multiples are whole numbers themselves. */
    boolean areOne() {
      return sizes.length == 1 && sizes[0] == 1;
    }

    /** Returns the step of each index of the first axis, if there is one. */
    Optional<float[]> ofRows(int rows) {
      if (sizes.length == 1) {
        float[] all = new float[rows];
        Arrays.fill(all, sizes[0]);
        return Optional.of(all);
      }
      return axis == 0 && sizes.length == rows ? Optional.of(sizes) : Optional.empty();
    }

    /** Returns the steps of the numbers when axes change places. */
    Steps transposed(List<Integer> axes) {
      return sizes.length == 1 ? this : new Steps(axes.indexOf(axis), sizes);
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
