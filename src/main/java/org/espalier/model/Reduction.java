package org.espalier.model;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.espalier.tensor.Shape;

/** Operators that compute sums and the like along axes of one example. */
public sealed interface Reduction extends Operator {
  /** How many values become one. */
  enum Kind {
    /** The sum. */
    SUM,
    /** The sum by the number of values. */
    MEAN,
    /** The largest; of none −∞. */
    MAX,
    /** The smallest; of none +∞. */
    MIN,
    /** The product. */
    PROD,
    /** The sum of absolute values. */
    L1,
    /** The root of the sum of squares. */
    L2,
    /** The sum of squares. */
    SUM_SQUARE,
    /** The logarithm of the sum. */
    LOG_SUM,
    /** The logarithm of the sum of exponentials. */
    LOG_SUM_EXP
  }

  /**
   * A value for all along some axes.
   *
   * @param kind which
   * @param axes along which, ascending
   * @param keep whether these axes stay, with an extent of 1
   */
  record Reduce(Kind kind, List<Integer> axes, boolean keep) implements Reduction {
    /** Copies the list. */
    public Reduce {
      axes = List.copyOf(axes);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      Shape input = inputs.getFirst();
      checkAxes(axes, input);
      int[] dims = input.dims();
      int n = 0;
      for (int i = 0; i < dims.length; i++) {
        if (!axes.contains(i)) {
          dims[n++] = dims[i];
        } else if (keep) {
          dims[n++] = 1;
        }
      }
      return Shape.of(Arrays.copyOf(dims, n));
    }
  }

  /**
   * {@code exp(x) / Σ exp(x)} along an axis, or its logarithm.
   *
   * @param axis along which
   * @param log whether it is the logarithm
   */
  record Softmax(int axis, boolean log) implements Reduction {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      checkAxes(List.of(axis), inputs.getFirst());
      return inputs.getFirst();
    }
  }

  /**
   * {@code (x − mean) / √(variance + epsilon)} with mean and variance of the values along some
   * axes: what instance, layer and group normalisation have in common.
   *
   * @param axes along which
   * @param epsilon added to the variance
   */
  record Standardize(List<Integer> axes, double epsilon) implements Reduction {
    /** Copies the list. */
    public Standardize {
      axes = List.copyOf(axes);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      checkAxes(axes, inputs.getFirst());
      return inputs.getFirst();
    }
  }

  /**
   * Local response normalisation across channels (Krizhevsky et al. 2012): {@code x / (bias +
   * alpha/size · Σ x²)^beta}, the sum over {@code size} channels around each.
   *
   * @param size channels of the sum
   * @param alpha factor of the mean of squares
   * @param beta exponent
   * @param bias what is added
   */
  record LocalResponse(int size, float alpha, float beta, float bias) implements Reduction {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      if (size < 1 || inputs.getFirst().rank() < 1) {
        throw new IllegalArgumentException(
            "normalisation over " + size + " channels of " + inputs.getFirst());
      }
      return inputs.getFirst();
    }
  }

  /**
   * The product of two inputs as matrices of their last two axes; the axes before are broadcast. A
   * vector counts as one row on the left and one column on the right.
   */
  record MatMul() implements Reduction {
    @Override
    public int arity() {
      return 2;
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      Shape x = inputs.getFirst();
      Shape y = inputs.getLast();
      boolean row = x.rank() == 1;
      boolean column = y.rank() == 1;
      if (x.rank() == 0
          || y.rank() == 0
          || x.dim(x.rank() - 1) != y.dim(column ? 0 : y.rank() - 2)) {
        throw new IllegalArgumentException("a product of " + x + " and " + y);
      }
      Shape batch = Elementwise.broadcast(List.of(outer(x), outer(y)));
      int rank = batch.rank();
      int[] dims = Arrays.copyOf(batch.dims(), rank + (row ? 0 : 1) + (column ? 0 : 1));
      if (!row) {
        dims[rank++] = x.dim(x.rank() - 2);
      }
      if (!column) {
        dims[rank] = y.dim(y.rank() - 1);
      }
      return Shape.of(dims);
    }

    private static Shape outer(Shape shape) {
      return Shape.of(Arrays.copyOf(shape.dims(), Math.max(0, shape.rank() - 2)));
    }
  }

  private static void checkAxes(List<Integer> axes, Shape shape) {
    boolean fit = new HashSet<>(axes).size() == axes.size();
    for (int axis : axes) {
      fit &= axis >= 0 && axis < shape.rank();
    }
    if (!fit) {
      throw new IllegalArgumentException("axes " + axes + " of " + shape);
    }
  }
}
