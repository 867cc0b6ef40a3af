package org.espalier.reference;

import java.util.ArrayList;
import java.util.List;
import org.espalier.tensor.Shape;

/**
 * The axes of a tensor in two parts.
 *
 * @param kept places along the axes that were not named
 * @param along places along those that were, in row-major order of the tensor
 */
record Axes(Places kept, Places along) {
  static Axes of(Shape shape, List<Integer> axes) {
    int[][] steps = Places.rowMajor(shape);
    List<int[]> kept = new ArrayList<>();
    List<int[]> along = new ArrayList<>();
    for (int axis = 0; axis < steps.length; axis++) {
      (axes.contains(axis) ? along : kept).add(steps[axis]);
    }
    return new Axes(
        new Places(kept.toArray(int[][]::new)), new Places(along.toArray(int[][]::new)));
  }
}
