package org.espalier.reference;

import java.util.List;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/** Operators that only move elements; every bit is kept, those of NaNs too. */
final class MovementLoops {
  private MovementLoops() {}

  static ReferenceKernel copy(Shape shape) {
    int n = shape.size();
    return (x, xo, y, yo) -> System.arraycopy(x[0], xo[0], y, yo, n);
  }

  static ReferenceKernel constant(Shape shape, float[] values) {
    int n = shape.size();
    return (_, _, y, yo) -> System.arraycopy(values, 0, y, yo, n);
  }

  static ReferenceKernel concat(Movement.Concat concat, List<Shape> shapes, Shape output) {
    int outer = 1;
    for (int i = 0; i < concat.axis(); i++) {
      outer *= output.dim(i);
    }
    int blocks = outer;
    int[] sizes = new int[shapes.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = outer == 0 ? 0 : shapes.get(i).size() / outer;
    }
    return (x, xo, y, yo) -> {
      int to = yo;
      for (int block = 0; block < blocks; block++) {
        for (int i = 0; i < sizes.length; i++) {
          System.arraycopy(x[i], xo[i] + block * sizes[i], y, to, sizes[i]);
          to += sizes[i];
        }
      }
    };
  }

  static ReferenceKernel slice(Movement.Slice slice, Shape input) {
    int[] coordinates = new int[slice.size()];
    for (int i = 0; i < coordinates.length; i++) {
      coordinates[i] = slice.start() + i * slice.step();
    }
    return along(slice.axis(), coordinates, input);
  }

  static ReferenceKernel gather(Movement.Gather gather, Shape input) {
    return along(gather.axis(), gather.indices().stream().mapToInt(i -> i).toArray(), input);
  }

  private static ReferenceKernel along(int axis, int[] coordinates, Shape input) {
    int[][] steps = Places.rowMajor(input);
    steps[axis] = at(coordinates, steps[axis]);
    return new Places(steps).copying(0);
  }

  static ReferenceKernel pad(Movement.Pad pad, Shape input, Shape output) {
    int[][] steps = Places.rowMajor(input);
    for (int axis = 0; axis < steps.length; axis++) {
      int n = input.dim(axis);
      int[] coordinates = new int[output.dim(axis)];
      for (int i = 0; i < coordinates.length; i++) {
        int place = i - pad.before().get(axis);
        boolean inside = place >= 0 && place < n;
        coordinates[i] =
            inside
                ? place
                : switch (pad.padding()) {
                  case CONSTANT -> Places.NOWHERE;
                  case EDGE -> place < 0 ? 0 : n - 1;
                  case REFLECT -> place < 0 ? -place : 2 * (n - 1) - place;
                  case WRAP -> Math.floorMod(place, n);
                };
      }
      steps[axis] = at(coordinates, steps[axis]);
    }
    return new Places(steps).copying(pad.value());
  }

  static ReferenceKernel transpose(Movement.Transpose transpose, Shape input) {
    int[][] from = Places.rowMajor(input);
    int[][] steps = new int[from.length][];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = from[transpose.axes().get(i)];
    }
    return new Places(steps).copying(0);
  }

  static ReferenceKernel expand(Shape input, Shape output) {
    return Places.broadcast(input, output).copying(0);
  }

  /** Channels that the input doesn't have are +0. */
  static ReferenceKernel shortcut(Operator.Shortcut shortcut, Shape input, Shape output) {
    int[][] steps = Places.rowMajor(input);
    for (int axis = 0; axis < steps.length; axis++) {
      int[] coordinates = new int[output.dim(axis)];
      for (int i = 0; i < coordinates.length; i++) {
        coordinates[i] = axis > 0 ? i * shortcut.stride() : i < input.dim(0) ? i : Places.NOWHERE;
      }
      steps[axis] = at(coordinates, steps[axis]);
    }
    return new Places(steps).copying(0);
  }

  /** Returns what the given coordinates of an axis add to the place. */
  static int[] at(int[] coordinates, int[] steps) {
    int[] chosen = new int[coordinates.length];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = coordinates[i] == Places.NOWHERE ? Places.NOWHERE : steps[coordinates[i]];
    }
    return chosen;
  }
}
