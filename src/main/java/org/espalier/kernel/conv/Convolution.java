package org.espalier.kernel.conv;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.contract.VectorKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A convolution at one place of a network, forward and backward. Maps lie as {@link Nchw16n} says
 * and are read where they lie; only the weights are packed, once a run, and masked as they are.
 *
 * <p>Every pixel of a map is one fma chain from +0: an output's over input channel, row and column
 * of the window ascending, a bias added last; that of an input's gradient over output channel, row
 * and column of the window ascending. What falls into the padding is left out. The gradient of a
 * weight has sixteen lanes, image {@code n} in lane {@code n mod 16}, each an fma chain over groups
 * of images, then rows, then columns of the output ascending; they are merged by the fixed tree of
 * {@link VectorKernels}. So no result depends on threads, width or how the work is cut.
 *
 * <p>All buffers are made at construction; running allocates nothing. An object serves one caller
 * at a time. Results must not share storage with other arguments. Lanes of images that the batch
 * doesn't have may be written in maps and count in no sum.
 */
public final class Convolution {
  private final ConvGeometry geometry;
  private final Nchw16n output;
  private final int maxImages;
  private final ConvDataPass forward;
  private final ConvDataPass backward;
  private final ConvWeightGradient weights;
  private final ConvBiasGradient biases;

  /**
   * Plans a convolution.
   *
   * @param maxImages the most that a run may have
   * @param workers the threads that it runs on
   */
  public Convolution(ConvGeometry geometry, int maxImages, ThreadPool workers) {
    this(geometry, maxImages, workers, Kernels.conv());
  }

  /** The same, with kernels that need not be the chosen ones. */
  public Convolution(
      ConvGeometry geometry, int maxImages, ThreadPool workers, ConvKernels kernels) {
    this.geometry = geometry;
    output = geometry.output();
    this.maxImages = maxImages;
    forward = ConvDataPass.forward(geometry, workers, kernels);
    backward = ConvDataPass.backward(geometry, workers, kernels);
    weights = new ConvWeightGradient(geometry, workers, kernels);
    biases = new ConvBiasGradient(output, workers, kernels);
  }

  /** Returns the geometry. */
  public ConvGeometry geometry() {
    return geometry;
  }

  /**
   * Computes {@code y = act(w·x + bias)}.
   *
   * @param x maps of the input
   * @param w weights {@code [outputs][fanIn]}
   * @param keep bits of the weights, or null if all count; one whose bit is clear counts as +0, NaN
   *     included
   * @param units output channels that are computed, or null for all; the others become {@code
   *     act(bias)}
   * @param inputs channels of {@code x} that are read, or null for all; the others hold +0, and as
   *     long as all values are finite and no sum is −0 it makes no difference to the result
   * @param bias one row of a value for each output, added last, or null for none
   * @param clamp the bounds between which sums are kept
   * @param y maps of the output
   * @throws IllegalArgumentException if an argument is of the wrong size
   */
  public void forward(
      int images,
      Tensor x,
      Tensor w,
      @Nullable BitMask keep,
      @Nullable Subset units,
      @Nullable Subset inputs,
      @Nullable Tensor bias,
      Clamp clamp,
      Tensor y) {
    checkRun(images, units, inputs);
    check("x", x, geometry.input(), images);
    check("y", y, output, images);
    checkWeights("w", w, keep);
    if (bias != null) {
      checkSize("bias", bias.rows(), bias.cols(), 1, geometry.outputs());
    }
    forward.run(images, x, w, keep, inputs, units, false, bias, clamp, y);
  }

  /**
   * Computes {@code dx}, the gradient with respect to the input.
   *
   * @param dy gradient with respect to the output, before its activation
   * @param keep as in {@link #forward}
   * @param units output channels that contribute, or null for all; the others' gradient is +0
   * @param inputs channels of {@code dx} that are computed, or null for all; the others become +0
   *     or, with {@code resume}, are left as they are
   * @param resume whether the chains go on from what stands in {@code dx} instead of +0
   * @throws IllegalArgumentException if an argument is of the wrong size
   */
  public void inputGradient(
      int images,
      Tensor dy,
      Tensor w,
      @Nullable BitMask keep,
      @Nullable Subset units,
      @Nullable Subset inputs,
      boolean resume,
      Tensor dx) {
    checkRun(images, units, inputs);
    check("dy", dy, output, images);
    check("dx", dx, geometry.input(), images);
    checkWeights("w", w, keep);
    backward.run(images, dy, w, keep, units, inputs, resume, null, Clamp.NONE, dx);
  }

  /**
   * Computes {@code dw}, the gradient with respect to the weights.
   *
   * @param units output channels whose rows are computed, or null for all; other rows are left as
   *     they are
   * @param inputs channels of {@code x} that are read, or null for all; the others hold +0, and so
   *     do, without {@code resume}, the gradients of their weights
   * @param resume whether the sums are added to what stands in {@code dw}
   * @throws IllegalArgumentException if an argument is of the wrong size
   */
  public void weightGradient(
      int images,
      Tensor dy,
      Tensor x,
      @Nullable Subset units,
      @Nullable Subset inputs,
      boolean resume,
      Tensor dw) {
    checkRun(images, units, inputs);
    check("dy", dy, output, images);
    check("x", x, geometry.input(), images);
    checkWeights("dw", dw, null);
    weights.run(images, dy, x, units, inputs, resume, dw);
  }

  /**
   * Computes {@code db}, one row of a value for each output: the sum of the channel's gradients, in
   * lanes like those of the weights, each a chain of additions.
   *
   * @param resume whether the sums are added to what stands in {@code db}
   * @throws IllegalArgumentException if an argument is of the wrong size
   */
  public void biasGradient(int images, Tensor dy, boolean resume, Tensor db) {
    checkRun(images, null, null);
    check("dy", dy, output, images);
    checkSize("db", db.rows(), db.cols(), 1, geometry.outputs());
    biases.run(images, dy, resume, db);
  }

  private void checkRun(int images, @Nullable Subset units, @Nullable Subset inputs) {
    if (images < 0 || images > maxImages) {
      throw new IllegalArgumentException(images + " images, must be 0 to " + maxImages);
    }
    if (units != null && units.size() != geometry.outputs()) {
      throw new IllegalArgumentException(
          "units are some of " + units.size() + ", not of " + geometry.outputs());
    }
    if (inputs != null && inputs.size() != geometry.input().channels()) {
      throw new IllegalArgumentException(
          "inputs are some of " + inputs.size() + ", not of " + geometry.input().channels());
    }
  }

  private static void check(String name, Tensor t, Nchw16n planes, int images) {
    int rows = Nchw16n.groups(images) * planes.channels();
    checkSize(name, t.rows(), t.cols(), rows, planes.pixels() * Nchw16n.LANES);
    if (t.ld() != planes.ld()) {
      throw new IllegalArgumentException(
          name + " has rows " + t.ld() + " apart, must be " + planes.ld());
    }
  }

  private void checkWeights(String name, Tensor w, @Nullable BitMask keep) {
    checkSize(name, w.rows(), w.cols(), geometry.outputs(), geometry.fanIn());
    if (keep != null) {
      checkSize("keep", keep.rows(), keep.cols(), geometry.outputs(), geometry.fanIn());
    }
  }

  private static void checkSize(String name, int rows, int cols, int minRows, int minCols) {
    if (rows < minRows || cols < minCols) {
      throw new IllegalArgumentException(
          name + " is " + rows + "x" + cols + ", must be at least " + minRows + "x" + minCols);
    }
  }
}
