package org.espalier.io.onnx.translate;

import java.util.Arrays;
import org.espalier.tensor.Shape;

/**
 * Scales and zero points of numbers that are known: {@code real = (number − zero) · scale}. There
 * is one of each for all numbers, for each index of an axis, or for each block along it.
 */
final class Scaling {
  private final float[] scales;
  private final long[] zeros;
  private final int axis;

  /** How many numbers have the same index along the axis, one behind the other. */
  private final int inner;

  private final int extent;

  /** How many indices of the axis share a scale. */
  private final int block;

  /** How far scales lie apart whose numbers differ in an axis before, in this and behind it. */
  private final int strideBefore;

  private final int strideAlong;
  private final int strideBehind;

  /**
   * Takes the scales and zero points of a node.
   *
   * @param shape of the numbers
   * @param zeros as many as scales
   * @param along the axis that the node names
   * @param blockSize how many indices of the axis share a scale, of which then each number beside
   *     the axis has its own; 0 if one scale is for all of an index
   * @throws IllegalArgumentException if there are other scales than that
   */
  Scaling(Shape shape, Value.Reals scale, long[] zeros, long along, long blockSize) {
    this.scales = scale.values();
    this.zeros = zeros;
    boolean one = scales.length == 1 && blockSize == 0;
    int[] dims = shape.dims();
    axis = one ? 0 : axis(shape, along);
    inner = one ? 1 : Shape.of(Arrays.copyOfRange(dims, axis + 1, dims.length)).size();
    extent = one ? 1 : dims[axis];
    boolean blocks = blockSize != 0;
    block = blocks ? Math.toIntExact(blockSize) : 1;
    strideAlong = one ? 0 : blocks ? inner : 1;
    strideBehind = blocks ? 1 : 0;
    if (block < 1) {
      throw new IllegalArgumentException("blocks of " + block);
    }
    strideBefore = blocks ? Math.multiplyExact(Math.ceilDiv(extent, block), inner) : 0;
    if (one) {
      return;
    }
    Shape fitting = Shape.of(extent);
    if (blocks) {
      dims[axis] = Math.ceilDiv(extent, block);
      fitting = Shape.of(dims);
    }
    if (!scale.shape().equals(fitting)) {
      throw new IllegalArgumentException(
          "scales " + scale.shape() + ", not " + fitting + " for axis " + axis + " of " + shape);
    }
  }

  private static int axis(Shape shape, long along) {
    long positive = along < 0 ? along + shape.rank() : along;
    if (positive < 0 || positive >= shape.rank()) {
      throw new IllegalArgumentException("axis " + along + " of " + shape.rank());
    }
    return (int) positive;
  }

  /** Returns what numbers stand for. */
  Value.Reals reals(Value.Wholes numbers) {
    float[] reals = new float[numbers.values().length];
    for (int i = 0; i < reals.length; i++) {
      int at = at(i);
      reals[i] = (float) ((double) (numbers.values()[i] - zeros[at]) * scales[at]);
    }
    return strideBehind == 0
        ? new Value.Reals(numbers.shape(), reals, new Value.Steps(axis, scales))
        : new Value.Reals(numbers.shape(), reals);
  }

  /**
   * Returns the numbers that stand for real ones: the nearest, of two the even one, as far as there
   * are any.
   */
  Value.Wholes numbers(Value.Reals reals, NumberRange range) {
    long[] numbers = new long[reals.values().length];
    for (int i = 0; i < numbers.length; i++) {
      int at = at(i);
      float value = reals.values()[i];
      if (Float.isNaN(value)) {
        throw new IllegalArgumentException("a constant is NaN");
      }
      numbers[i] = range.clamp(Math.rint(value / scales[at]) + zeros[at]);
    }
    return new Value.Wholes(reals.shape(), numbers);
  }

  private int at(int i) {
    return i / inner / extent * strideBefore
        + i / inner % extent / block * strideAlong
        + i % inner * strideBehind;
  }
}
