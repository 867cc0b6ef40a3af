package org.espalier.infer;

import java.util.Locale;
import org.espalier.Internal;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.model.Operator;
import org.espalier.sparse.BsrMatrix;
import org.espalier.tensor.PaddedNchw;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;

/**
 * What the time of a layer's kernel depends on, besides the kernel, the batch and the machine.
 *
 * @param rows outputs: units or channels
 * @param cols inputs of an output: the fan-in
 * @param nonZeros weights that are not zero
 * @param blockHeight rows of the blocks that the zeros make a pattern of, 0 if of none
 * @param blockValues weights in those blocks, the zeros among them included
 * @param precision how narrow the weights are
 * @param groups of a convolution; 1 for a fully connected layer
 * @param depthwise whether the outputs of a convolution read one map each
 * @param span pixels that are computed of each output map of an image, borders included; 0 for a
 *     fully connected layer
 * @param width pixels of a row of an output map
 * @param pitch pixels from one row of an output map to the next
 * @param inputFloats floats of the maps of an image that a convolution reads
 */
@Internal
public record Workload(
    int rows,
    int cols,
    long nonZeros,
    int blockHeight,
    long blockValues,
    Precision precision,
    int groups,
    boolean depthwise,
    int span,
    int width,
    int pitch,
    long inputFloats) {
  /** Describes a fully connected layer by its weight, which is held at a precision. */
  public static Workload linear(Tensor weight, Precision precision) {
    return of(weight, true, precision, 1, false, 0, 0, 0, 0);
  }

  /** Describes a convolution from maps to others, both of one image. */
  static Workload convolution(
      Operator.Conv2d operator,
      Tensor weight,
      Precision precision,
      PaddedNchw input,
      PaddedNchw output) {
    return of(
        weight,
        operator.groups() == 1, // the rows of a block would read the maps of one group
        precision,
        operator.groups(),
        operator.isDepthwise(),
        output.span(),
        output.width(),
        output.pitch(),
        (long) input.channels() * input.ld());
  }

  private static Workload of(
      Tensor weight,
      boolean takesBlocks,
      Precision precision,
      int groups,
      boolean depthwise,
      int span,
      int width,
      int pitch,
      long inputFloats) {
    long nonZeros = weight.nonZeros();
    int height =
        takesBlocks && nonZeros > 0 && weight.cols() <= BsrMatrix.MAX_COLS
            ? BlockPattern.height(weight)
            : 0;
    double fill = height == 0 ? 1 : BsrMatrix.fill(weight, height);
    return new Workload(
        weight.rows(),
        weight.cols(),
        nonZeros,
        height,
        Math.round(nonZeros / fill),
        precision,
        groups,
        depthwise,
        span,
        width,
        pitch,
        inputFloats);
  }

  /** Returns this layer as it is if blocks suit it, else in the lowest, whatever they hold. */
  Workload inBlocks() {
    return blockHeight > 0
        ? this
        : new Workload(
            rows,
            cols,
            nonZeros,
            BsrMatrix.QUAD,
            weights(),
            precision,
            groups,
            depthwise,
            span,
            width,
            pitch,
            inputFloats);
  }

  /** Whether a single example can be computed in blocks, which low ones are too few lanes for. */
  boolean fillsVectors() {
    return isConvolution() || blockHeight == BsrMatrix.ROWS;
  }

  /** Whether a {@link org.espalier.sparse.SellMatrix} serves batches of this layer, too. */
  boolean sellServesBatches() {
    SparseKernels kernels = Kernels.sparse();
    return kernels.sellServesBatches(kernels.sellForm(cols, density(), precision), precision);
  }

  boolean isConvolution() {
    return span > 0;
  }

  /** Returns the number of weights, zeros included. */
  long weights() {
    return (long) rows * cols;
  }

  /** Returns which share of the weights is not zero. */
  double density() {
    return weights() == 0 ? 0 : (double) nonZeros / weights();
  }

  /**
   * Returns a description, the same for all that take about the same time: {@code 1024 of 1024,
   * fp32, 5.0 %}.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(rows).append(" of ").append(cols);
    if (isConvolution()) {
      text.append(", ").append(span).append(" pixels");
      if (depthwise) {
        text.append(", depthwise");
      } else if (groups > 1) {
        text.append(", ").append(groups).append(" groups");
      }
    }
    text.append(", ").append(precision.name().toLowerCase(Locale.ROOT));
    if (blockHeight > 0) {
      text.append(", blocks of ").append(blockHeight);
    }
    double percent = 100 * density();
    return text.append(
            String.format(Locale.ROOT, percent < 10 ? ", %.1f %%" : ", %.0f %%", percent))
        .toString();
  }
}
