package org.espalier.op;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer's products over the units that are kept and the inputs that are not silent: what is left
 * out is neither read nor multiplied. The bits are those of the whole products with +0 in place of
 * what is left out.
 *
 * <p>Between layers values stay as wide as the layer, so that nobody else needs to know; here they
 * are closed up in front of a product and spread out behind it. The rows of the weight are picked
 * while they are packed. Only where inputs are left out too the weight is closed up, about a
 * quarter of it, into a copy that forward pass and input gradient share.
 */
final class CompactedGemm implements ThreadPool.Pieces {
  /** Rows that one thread takes at a time. */
  private static final int ROWS = 8;

  private final ThreadPool workers;
  private final Scratch scratch;
  private final Gemm forward;
  private final Gemm inputGradient;
  private final Gemm weightGradient;
  private final boolean relu;
  private @Nullable Tensor closedWeight;

  // What the threads are doing: closing up or spreading out these rows.
  private boolean closing;
  private int rowCount;
  private Tensor from;
  private Tensor to;
  private @Nullable Tensor bias;

  /** Which rows of the spread-out side, or null for the first ones. */
  private @Nullable Subset rows;

  private Subset columns = new Subset(0);

  CompactedGemm(Tensor weight, boolean relu, Scratch scratch, ThreadPool workers) {
    this.workers = workers;
    this.relu = relu;
    this.scratch = scratch;
    this.from = weight;
    this.to = weight;
    this.forward = new Gemm(workers, Gemm.Form.NT, Gemm.Epilogue.NONE);
    this.inputGradient = new Gemm(workers, Gemm.Form.NN, Gemm.Epilogue.NONE);
    this.weightGradient = new Gemm(workers, Gemm.Form.TN, Gemm.Epilogue.NONE);
  }

  /**
   * Computes {@code y = x·wᵀ + b}, rectified if the layer is, with sums of +0 for units that are
   * not kept.
   *
   * @param units those kept, or null for all
   * @param inputs columns of {@code x} outside of which all is +0, or null for all
   */
  void forward(
      int batch,
      Tensor x,
      Tensor w,
      Tensor b,
      @Nullable Subset units,
      @Nullable Subset inputs,
      Tensor y) {
    int n = units == null ? w.rows() : units.count();
    Tensor sums = units == null ? y : scratch.outputs();
    if (inputs != null) {
      Tensor closed = closedWeight(w);
      closeUp(n, w, units, inputs, closed);
      closeUp(batch, x, null, inputs, scratch.inputs());
      forward.run(batch, n, inputs.count(), scratch.inputs(), closed, sums);
    } else if (units != null) {
      forward.run(batch, n, w.cols(), x, w, units, sums);
    } else {
      forward.run(batch, n, w.cols(), x, w, sums);
    }
    bias = b;
    if (units != null) {
      spreadOut(batch, sums, null, units, y);
    } else {
      addBias(batch, b, y, 0);
    }
    bias = null;
  }

  private void addBias(int n, Tensor b, Tensor y, int row) {
    Kernels.gemm()
        .biasColumns(
            n, y.cols(), b.data(), b.row(0), Clamp.rectifier(relu), y.data(), y.row(row), y.ld());
  }

  /** Returns the columns of the output's gradient that count, for the other two. */
  Tensor outputGradient(int batch, Tensor dy, @Nullable Subset units) {
    if (units == null) {
      return dy;
    }
    closeUp(batch, dy, null, units, scratch.outputs());
    return scratch.outputs();
  }

  /**
   * Computes the gradient of the input of the last {@link #forward}, +0 where the input is silent.
   *
   * @param dys what {@link #outputGradient} returned
   */
  void inputGradient(
      int batch, Tensor dys, Tensor w, @Nullable Subset units, @Nullable Subset inputs, Tensor dx) {
    int n = units == null ? w.rows() : units.count();
    if (inputs != null) {
      inputGradient.run(batch, inputs.count(), n, dys, closedWeight(w), scratch.inputs());
      spreadOut(batch, scratch.inputs(), null, inputs, dx);
    } else if (units != null) {
      inputGradient.run(batch, w.cols(), n, dys, w, units, dx);
    } else {
      inputGradient.run(batch, w.cols(), n, dys, w, dx);
    }
  }

  /**
   * Computes the rows of the weight's gradient that belong to units which are kept; after {@link
   * #inputGradient}, if that is called for.
   *
   * @param dys what {@link #outputGradient} returned
   * @param resume whether the sums go on from those of the examples before
   */
  void weightGradient(
      int batch,
      Tensor dys,
      Tensor x,
      @Nullable Subset units,
      @Nullable Subset inputs,
      boolean resume,
      Tensor dw) {
    int n = units == null ? dw.rows() : units.count();
    weightGradient.resume(resume);
    if (inputs != null) {
      closeUp(batch, x, null, inputs, scratch.inputs());
      // The copy of the weight has done its work, so that its storage can take the gradient.
      Tensor closed = closedWeight(dw);
      if (resume) {
        closeUp(n, dw, units, inputs, closed);
      }
      weightGradient.run(n, inputs.count(), batch, dys, scratch.inputs(), closed);
      spreadOut(n, closed, units, inputs, dw);
    } else if (units != null) {
      weightGradient.runInto(n, dw.cols(), batch, dys, x, dw, units);
    } else {
      weightGradient.run(n, dw.cols(), batch, dys, x, dw);
    }
  }

  private Tensor closedWeight(Tensor like) {
    Tensor closed = closedWeight;
    if (closed == null) {
      closed = Tensor.zeros(like.shape());
      closedWeight = closed;
    }
    return closed;
  }

  private void closeUp(int n, Tensor x, @Nullable Subset r, Subset c, Tensor y) {
    run(true, n, x, r, c, y);
  }

  private void spreadOut(int n, Tensor x, @Nullable Subset r, Subset c, Tensor y) {
    run(false, n, x, r, c, y);
  }

  private void run(boolean close, int n, Tensor x, @Nullable Subset r, Subset c, Tensor y) {
    closing = close;
    rowCount = n;
    from = x;
    rows = r;
    columns = c;
    to = y;
    workers.run(Math.ceilDiv(n, ROWS), this);
  }

  @Override
  public void compute(int piece) {
    BitMask bits = columns.bits();
    int count = columns.count();
    for (int i = piece * ROWS; i < Math.min((piece + 1) * ROWS, rowCount); i++) {
      int wide = rows == null ? i : rows.indices()[i];
      if (closing) {
        Kernels.vector()
            .compress(
                bits.cols(),
                from.data(),
                from.row(wide),
                bits.words(),
                0,
                count,
                to.data(),
                to.row(i));
      } else {
        Kernels.vector()
            .expand(
                bits.cols(),
                from.data(),
                from.row(i),
                bits.words(),
                0,
                count,
                to.data(),
                to.row(wide));
        if (bias != null) {
          addBias(1, bias, to, wide);
        }
      }
    }
  }
}
