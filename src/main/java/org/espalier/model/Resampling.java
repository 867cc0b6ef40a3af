package org.espalier.model;

import java.util.ArrayList;
import java.util.List;
import org.espalier.tensor.Shape;

/** Operators that give maps of other extents. */
public sealed interface Resampling extends Operator {
  /** How values between pixels are made. */
  enum Interpolation {
    /** The nearest pixel's. */
    NEAREST,
    /** Linearly along each axis. */
    LINEAR,
    /** By cubic convolution along each axis (Keys 1981). */
    CUBIC
  }

  /** Which place of the input a pixel of the output stands for, with ONNX's names. */
  enum Coordinates {
    /** {@code (x + 1/2)/scale − 1/2}. */
    HALF_PIXEL,
    /** The same, about the centre where extents are not whole. */
    HALF_PIXEL_SYMMETRIC,
    /** The same, or 0 where the output has one pixel. */
    PYTORCH_HALF_PIXEL,
    /** The corners' pixels stand for each other. */
    ALIGN_CORNERS,
    /** {@code x/scale}. */
    ASYMMETRIC
  }

  /** Which pixel is nearest. */
  enum Rounding {
    /** Of two equally near the lower. */
    ROUND_PREFER_FLOOR,
    /** Of two equally near the higher. */
    ROUND_PREFER_CEIL,
    /** The lower. */
    FLOOR,
    /** The higher. */
    CEIL
  }

  /**
   * A change of extents by interpolation.
   *
   * @param sizes the extents of the output
   * @param scales output by input for each axis, as the coordinates take it
   * @param interpolation how values between pixels are made
   * @param coordinates which place a pixel stands for
   * @param rounding which pixel is nearest
   * @param cubic the coefficient of cubic interpolation
   * @param excludeOutside whether pixels outside don't count, the others the more
   */
  record Resize(
      List<Integer> sizes,
      List<Float> scales,
      Interpolation interpolation,
      Coordinates coordinates,
      Rounding rounding,
      float cubic,
      boolean excludeOutside)
      implements Resampling {
    /** Copies the lists. */
    public Resize {
      sizes = List.copyOf(sizes);
      scales = List.copyOf(scales);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      if (sizes.size() != inputs.getFirst().rank() || scales.size() != sizes.size()) {
        throw new IllegalArgumentException("sizes " + sizes + " for " + inputs.getFirst());
      }
      return Shape.of(sizes.stream().mapToInt(i -> i).toArray());
    }
  }

  /**
   * The transpose of a convolution: each pixel of the input adds its window to the output. Its
   * weight is {@code [inputs][outputs/groups · height · width]}, the window's rows flipped nowhere.
   *
   * @param inputs channels that it reads
   * @param outputs channels that it writes
   * @param window whose padding is what is cut off the output
   * @param moreRows rows that the output has besides
   * @param moreColumns columns that the output has besides
   * @param groups into how many parts the channels fall
   * @param bias whether each output channel adds a number of its own
   */
  record ConvTranspose2d(
      int inputs,
      int outputs,
      Window window,
      int moreRows,
      int moreColumns,
      int groups,
      boolean bias)
      implements Resampling {
    /** Checks the numbers. */
    public ConvTranspose2d {
      if (groups < 1
          || inputs < 1
          || outputs < 1
          || inputs % groups != 0
          || outputs % groups != 0
          || moreRows < 0
          || moreColumns < 0) {
        throw new IllegalArgumentException(
            "a transposed convolution from "
                + inputs
                + " to "
                + outputs
                + " channels, "
                + groups
                + " groups, "
                + moreRows
                + " x "
                + moreColumns
                + " more");
      }
    }

    @Override
    public List<ParameterSpec> parameters() {
      List<ParameterSpec> specs = new ArrayList<>();
      Shape weight = Shape.of(inputs, outputs / groups, window.height(), window.width());
      specs.add(new ParameterSpec(WEIGHT, weight, Parameter.Kind.CONSTANT));
      if (bias) {
        specs.add(new ParameterSpec(BIAS, Shape.of(outputs), Parameter.Kind.CONSTANT));
      }
      return specs;
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      Shape x = inputs.getFirst();
      if (x.rank() != 3 || x.dim(0) != this.inputs) {
        throw new IllegalArgumentException(
            "a transposed convolution takes maps of " + this.inputs + " channels, got " + x);
      }
      long rows =
          (x.dim(1) - 1L) * window.strideY()
              + window.rows()
              + moreRows
              - window.top()
              - window.bottom();
      long columns =
          (x.dim(2) - 1L) * window.strideX()
              + window.columns()
              + moreColumns
              - window.left()
              - window.right();
      return Shape.of(outputs, Math.toIntExact(rows), Math.toIntExact(columns));
    }
  }
}
