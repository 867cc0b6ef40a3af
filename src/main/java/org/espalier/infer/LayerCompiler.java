package org.espalier.infer;

import java.util.Locale;
import org.espalier.infer.KernelSelector.Choice;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.kernel.gemm.PackedMatrix;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Chooses how a fully connected layer is computed and lays its weights out. */
final class LayerCompiler {
  private final PlanOptions options;
  private final KernelSelector selector;

  LayerCompiler(PlanOptions options, @Nullable KernelMeter meter) {
    this.options = options;
    this.selector = new KernelSelector(options, meter);
  }

  Layer compile(String name, Tensor weight, Tensor bias, boolean relu) {
    Workload workload = Workload.linear(weight, options.weights());
    Choice choice = choose(name, workload, work(weight, workload));
    Weights one = one(choice.one(), weight);
    Weights many =
        options.maxBatch() == 1 || servesBoth(one, choice) ? one : many(choice.many(), weight);
    long bytes = one.bytes() + (many.equals(one) ? 0 : many.bytes());
    LayerSummary summary =
        new LayerSummary(
            name,
            choice.one(),
            choice.many(),
            choice.reason(),
            relu,
            weight.rows(),
            weight.cols(),
            workload.nonZeros(),
            bytes + (long) Float.BYTES * weight.rows(),
            2 * (choice.one() == Kernel.DENSE ? workload.weights() : workload.nonZeros()),
            2 * workload.weights(),
            choice.costs());
    return new Layer(summary, withoutNegativeZero(bias), one, many, workload);
  }

  private Choice choose(String name, Workload workload, KernelSelector.Work work) {
    int cols = workload.cols();
    if (cols > CsrMatrix.MAX_COLS) {
      if (options.kernel() == Kernel.CSR || options.kernel() == Kernel.BLOCK) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s has %d inputs; a %s layer has at most %d",
                name,
                cols,
                options.kernel().name(),
                CsrMatrix.MAX_COLS));
      }
      return Choice.of(Kernel.DENSE, "more than " + CsrMatrix.MAX_COLS + " inputs");
    }
    return selector.choose(workload, Math.min(options.maxBatch(), PlanOptions.BATCH), work);
  }

  /** What kernels do on one thread, for examples of ones. */
  KernelSelector.Work work(Tensor weight, Workload workload) {
    return (kernel, batch) -> {
      Weights weights = batch == 1 ? one(kernel, weight) : many(kernel, weight);
      Tensor bias = Tensor.zeros(weight.rows());
      ThreadPool alone = new ThreadPool(1);
      Gemm gemm = new Gemm(alone, Gemm.Form.NT, Gemm.Epilogue.BIAS);
      Product product = Product.of(weights, bias, false, gemm, alone);
      boolean inColumns = batch > 1 && product.inColumns();
      Tensor in = activations(inColumns, batch, workload.cols());
      Tensor out = activations(inColumns, batch, workload.rows());
      in.fill(1);
      return batch == 1 ? () -> product.one(in, out) : () -> product.many(batch, in, out);
    };
  }

  private static Tensor activations(boolean inColumns, int batch, int features) {
    int lanes = Kernels.sparse().lanes();
    return inColumns
        ? Tensor.zeros(features, Math.ceilDiv(batch, lanes) * lanes)
        : Tensor.zeros(batch, features);
  }

  /** Whether the layout for a single example is also that which is wanted for batches. */
  private boolean servesBoth(Weights one, Choice choice) {
    if (choice.one() != choice.many()) {
      return false;
    }
    return switch (one) {
      case Weights.Dense _, Weights.Blocks _ -> true;
      case Weights.Windows w ->
          choice.many() == Kernel.CSR
              && options.compact()
              && Kernels.sparse().sellServesBatches(w.matrix().form(), w.matrix().precision());
      case Weights.Columns _ -> false;
    };
  }

  /** Lays a weight out for single examples. */
  Weights one(Kernel kernel, Tensor weight) {
    return switch (kernel) {
      case AUTO, DENSE -> dense(weight);
      case CSR -> windows(weight, options.weights());
      case BLOCK -> {
        BsrMatrix blocks = BlockPattern.matrix(weight);
        // low blocks don't fill vectors
        yield blocks.height() == BsrMatrix.ROWS
            ? new Weights.Blocks(blocks)
            : windows(weight, Precision.FP32);
      }
    };
  }

  /** Lays a weight out for batches. */
  Weights many(Kernel kernel, Tensor weight) {
    return switch (kernel) {
      case AUTO, DENSE -> dense(weight);
      case CSR ->
          new Weights.Columns(CacheBlockedMatrix.of(CsrMatrix.of(weight), options.weights()));
      case BLOCK -> new Weights.Blocks(BlockPattern.matrix(weight));
    };
  }

  private Weights dense(Tensor weight) {
    return new Weights.Dense(PackedMatrix.narrow(weight, options.weights()));
  }

  private static Weights windows(Tensor weight, Precision precision) {
    CsrMatrix csr = CsrMatrix.of(weight);
    return new Weights.Windows(
        SellMatrix.of(csr, Kernels.sparse().sellForm(csr, precision), precision));
  }

  /**
   * Copies a bias. −0 becomes +0, so that a sum of −0, which only some kernels give, comes out as
   * +0 from all of them.
   */
  private static Tensor withoutNegativeZero(Tensor bias) {
    Tensor b = bias.copy();
    for (int i = 0; i < b.cols(); i++) {
      b.set(0, i, b.get(0, i) + 0f);
    }
    return b;
  }
}
