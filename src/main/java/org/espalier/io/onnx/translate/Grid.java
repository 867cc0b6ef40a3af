package org.espalier.io.onnx.translate;

import java.util.Optional;
import org.espalier.model.Elementwise.Arithmetic;

/**
 * How whole numbers of a file stand for the real ones that are computed in their place: {@code
 * number = real / scale + zero}.
 *
 * @param scale above 0
 * @param zero the number that stands for 0
 * @param dynamic whether the file computes scale and zero while it runs: then any will do for what
 *     is not rounded, and 1 and 0 are taken; the numbers themselves are not known
 */
record Grid(float scale, float zero, boolean dynamic) {
  /** Of what stands for itself. */
  static final Grid NONE = new Grid(1, 0, false);

  /** Of what a dynamic quantisation gives. */
  static final Grid DYNAMIC = new Grid(1, 0, true);

  /** A scale and a zero point that the file says. */
  Grid(float scale, float zero) {
    this(scale, zero, false);
  }

  /**
   * Returns the grid on which the same real values stand for what a function makes of the numbers:
   * without their zero point, or as many as the scale says. Nothing if there is no such grid.
   */
  Optional<Grid> after(Arithmetic function, float operand) {
    if (function == Arithmetic.SUB) {
      return Optional.of(new Grid(scale, zero - operand, dynamic));
    }
    boolean scales = function == Arithmetic.MUL && zero == 0 && operand == scale;
    return scales ? Optional.of(NONE) : Optional.empty();
  }

  /** Returns the grid of products of numbers, where 0 stands for 0 on both grids. */
  Grid times(Grid other) {
    return new Grid(scale * other.scale, 0, dynamic || other.dynamic);
  }
}
