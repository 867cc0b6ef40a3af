package org.espalier.model;

import java.util.List;
import java.util.stream.IntStream;
import org.espalier.tensor.Shape;

/** Operators that only move elements, in row-major order; axes are counted from 0. */
public sealed interface Movement extends Operator {
  /**
   * Inputs one behind the other along an axis.
   *
   * @param axis along which; all other extents are equal
   * @param arity how many inputs
   */
  record Concat(int axis, int arity) implements Movement {
    /** Checks the number. */
    public Concat {
      if (arity < 1) {
        throw new IllegalArgumentException("a concatenation of " + arity + " inputs");
      }
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      int[] dims = inputs.getFirst().dims();
      checkAxis(axis, inputs.getFirst());
      for (Shape shape : inputs.subList(1, inputs.size())) {
        boolean fits = shape.rank() == dims.length;
        for (int i = 0; fits && i < dims.length; i++) {
          fits = i == axis || shape.dim(i) == dims[i];
        }
        if (!fits) {
          throw new IllegalArgumentException("shapes that don't join at " + axis + ": " + inputs);
        }
        dims[axis] = Math.addExact(dims[axis], shape.dim(axis));
      }
      return Shape.of(dims);
    }
  }

  /**
   * Every {@code step}-th element along an axis.
   *
   * @param axis along which
   * @param start the first
   * @param step distance to the next, perhaps negative
   * @param size how many
   */
  record Slice(int axis, int start, int step, int size) implements Movement {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      int[] dims = inputs.getFirst().dims();
      checkAxis(axis, inputs.getFirst());
      long last = start + (size - 1L) * step;
      boolean inside =
          size <= 0 || (start >= 0 && start < dims[axis] && last >= 0 && last < dims[axis]);
      if (size < 0 || step == 0 || !inside) {
        throw new IllegalArgumentException(
            size
                + " elements from "
                + start
                + " by "
                + step
                + " of axis "
                + axis
                + " of "
                + inputs.getFirst());
      }
      dims[axis] = size;
      return Shape.of(dims);
    }
  }

  /**
   * Some elements along an axis, in any order.
   *
   * @param axis along which
   * @param indices which
   */
  record Gather(int axis, List<Integer> indices) implements Movement {
    /** Copies the list. */
    public Gather {
      indices = List.copyOf(indices);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      int[] dims = inputs.getFirst().dims();
      checkAxis(axis, inputs.getFirst());
      for (int index : indices) {
        if (index < 0 || index >= dims[axis]) {
          throw new IllegalArgumentException(
              "element " + index + " of axis " + axis + " of " + inputs.getFirst());
        }
      }
      dims[axis] = indices.size();
      return Shape.of(dims);
    }
  }

  /** What {@link Pad} puts around the elements. */
  enum Padding {
    /** A value. */
    CONSTANT,
    /** The nearest element. */
    EDGE,
    /** The elements mirrored at the outermost, which is not repeated. */
    REFLECT,
    /** The elements from the other end. */
    WRAP
  }

  /**
   * More elements around those that there are.
   *
   * @param padding which
   * @param before how many come before, for each axis
   * @param after how many come behind, for each axis
   * @param value of a constant padding
   */
  record Pad(Padding padding, List<Integer> before, List<Integer> after, float value)
      implements Movement {
    /** Copies the lists. */
    public Pad {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      int[] dims = inputs.getFirst().dims();
      if (before.size() != dims.length || after.size() != dims.length) {
        throw new IllegalArgumentException(
            "paddings " + before + " and " + after + " of " + inputs.getFirst());
      }
      for (int i = 0; i < dims.length; i++) {
        int most = Math.max(before.get(i), after.get(i));
        boolean fits =
            switch (padding) {
              case CONSTANT -> true;
              case EDGE -> most == 0 || dims[i] > 0;
              case REFLECT -> most == 0 || most < dims[i];
              case WRAP -> most <= dims[i];
            };
        if (!fits || Math.min(before.get(i), after.get(i)) < 0) {
          throw new IllegalArgumentException(
              "paddings " + before + " and " + after + " of " + inputs.getFirst());
        }
        dims[i] = Math.addExact(dims[i], Math.addExact(before.get(i), after.get(i)));
      }
      return Shape.of(dims);
    }
  }

  /**
   * The axes in another order.
   *
   * @param axes for each axis of the output, which of the input it is
   */
  record Transpose(List<Integer> axes) implements Movement {
    /** Copies the list. */
    public Transpose {
      axes = List.copyOf(axes);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      Shape input = inputs.getFirst();
      List<Integer> sorted = axes.stream().sorted().toList();
      if (!sorted.equals(IntStream.range(0, input.rank()).boxed().toList())) {
        throw new IllegalArgumentException("axes " + axes + " of " + input);
      }
      int[] dims = new int[axes.size()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = input.dim(axes.get(i));
      }
      return Shape.of(dims);
    }
  }

  /** The same elements in another shape. */
  record Reshape(Shape shape) implements Movement {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      if (inputs.getFirst().size() != shape.size()) {
        throw new IllegalArgumentException(inputs.getFirst() + " as " + shape);
      }
      return shape;
    }
  }

  /** The input repeated, broadcast with a shape. */
  record Expand(Shape shape) implements Movement {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      return Elementwise.broadcast(List.of(inputs.getFirst(), shape));
    }
  }

  /** Values that are the same for every example: a parameter that isn't trained. */
  record Constant(Shape shape) implements Movement {
    /** Role of the values. */
    public static final String VALUE = "value";

    @Override
    public int arity() {
      return 0;
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      return shape;
    }

    @Override
    public List<ParameterSpec> parameters() {
      return List.of(new ParameterSpec(VALUE, shape, Parameter.Kind.CONSTANT));
    }
  }

  private static void checkAxis(int axis, Shape shape) {
    if (axis < 0 || axis >= shape.rank()) {
      throw new IllegalArgumentException("axis " + axis + " of " + shape);
    }
  }
}
