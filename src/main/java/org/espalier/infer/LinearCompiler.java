package org.espalier.infer;

import java.util.Locale;
import org.espalier.infer.KernelSelector.Choice;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.kernel.gemm.PackedMatrix;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Chooses how a fully connected layer is computed and lays its weights out. */
final class LinearCompiler {
  private final PlanOptions options;
  private final KernelSelector selector;

  LinearCompiler(PlanOptions options, @Nullable KernelMeter meter) {
    this.options = options;
    this.selector = new KernelSelector(options, meter);
  }

  LinearStep compile(String name, Tensor weight, Tensor bias, Clamp clamp) {
    Workload workload = Workload.linear(weight, options.weights().of(weight));
    Choice choice = choose(name, workload, work(weight, workload));
    Weights.Single one = single(choice.one(), weight);
    Weights many =
        options.maxBatch() == 1 || choice.one() == choice.many()
            ? one
            : batch(choice.many(), weight);
    long bytes = one.bytes() + (many.equals(one) ? 0 : many.bytes());
    LayerSummary summary =
        new LayerSummary(
            name,
            choice.one(),
            choice.many(),
            choice.reason(),
            clamp.equals(Clamp.RELU),
            weight.rows(),
            weight.cols(),
            workload.nonZeros(),
            bytes + (long) Float.BYTES * weight.rows(),
            2 * (choice.one() == WeightFormat.DENSE ? workload.weights() : workload.nonZeros()),
            2 * workload.weights(),
            choice.costs());
    return new LinearStep(summary, withoutNegativeZero(bias), one, many, workload);
  }

  private Choice choose(String name, Workload workload, KernelSelector.Work work) {
    int cols = workload.cols();
    if (cols > CsrMatrix.MAX_COLS) {
      if (options.kernel() != WeightFormat.DENSE && options.kernel() != WeightFormat.AUTO) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s has %d inputs; a %s layer has at most %d",
                name,
                cols,
                options.kernel(),
                CsrMatrix.MAX_COLS));
      }
      return Choice.of(WeightFormat.DENSE, "more than " + CsrMatrix.MAX_COLS + " inputs");
    }
    return selector.choose(workload, Math.min(options.maxBatch(), PlanOptions.BATCH), work);
  }

  /** What kernels do on one thread, for examples of ones. */
  KernelSelector.Work work(Tensor weight, Workload workload) {
    return (format, batch) -> {
      Tensor bias = Tensor.zeros(weight.rows());
      ThreadPool alone = new ThreadPool(1);
      Gemm gemm = new Gemm(alone, Gemm.Form.NT, Gemm.Epilogue.BIAS);
      if (batch == 1) {
        Tensor in = activations(false, 1, workload.cols());
        Tensor out = activations(false, 1, workload.rows());
        in.fill(1);
        Weights.Single weights = single(format, weight);
        LinearKernel.Single kernel = LinearKernel.single(weights, bias, Clamp.NONE, gemm, alone);
        return () -> kernel.single(in, out);
      }
      LinearKernel kernel = LinearKernel.of(batch(format, weight), bias, Clamp.NONE, gemm, alone);
      Tensor in = activations(kernel.inColumns(), batch, workload.cols());
      Tensor out = activations(kernel.inColumns(), batch, workload.rows());
      in.fill(1);
      return () -> kernel.batch(batch, in, out);
    };
  }

  private static Tensor activations(boolean inColumns, int batch, int features) {
    int lanes = Kernels.sparse().lanes();
    return inColumns
        ? Tensor.zeros(features, Math.ceilDiv(batch, lanes) * lanes)
        : Tensor.zeros(batch, features);
  }

  /** Lays a weight out for single examples. */
  private Weights.Single single(WeightFormat format, Tensor weight) {
    return switch (format) {
      case AUTO, DENSE -> dense(weight);
      case CSR -> new Weights.Csr(CsrMatrix.of(weight));
      case SELL -> sell(weight);
      case BSR -> new Weights.Bsr(BlockPattern.matrix(weight));
      case BLOCKED_CSR -> throw new IllegalArgumentException(format + " serves batches only");
    };
  }

  /** Lays a weight out for batches. */
  private Weights batch(WeightFormat format, Tensor weight) {
    return format == WeightFormat.BLOCKED_CSR
        ? new Weights.CacheBlocked(
            CacheBlockedMatrix.of(CsrMatrix.of(weight), options.weights().of(weight)))
        : single(format, weight);
  }

  private Weights.Dense dense(Tensor weight) {
    return new Weights.Dense(PackedMatrix.narrow(weight, options.weights().of(weight)));
  }

  private Weights.Sell sell(Tensor weight) {
    CsrMatrix csr = CsrMatrix.of(weight);
    Precision precision = options.weights().of(weight);
    return new Weights.Sell(
        SellMatrix.of(csr, Kernels.sparse().sellForm(csr, precision), precision));
  }

  /**
   * Copies a bias. −0 becomes +0, so that a sum of −0, which only some kernels give, comes out as
   * +0 from all of them.
   */
  static Tensor withoutNegativeZero(Tensor bias) {
    Tensor b = bias.copy();
    for (int i = 0; i < b.cols(); i++) {
      b.set(0, i, b.get(0, i) + 0f);
    }
    return b;
  }
}
