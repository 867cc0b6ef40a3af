package org.espalier.infer;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.infer.KernelContest.Choice;
import org.espalier.kernel.Gemm;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.PackedMatrix;
import org.espalier.kernel.Workers;
import org.espalier.sparse.BlockMatrix;
import org.espalier.sparse.ColumnBlocks;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.WindowMatrix;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Chooses how a layer is computed and lays its weights out. */
final class LayerCompiler {
  private static final int[] ONE = {1};

  private final PlanOptions options;
  private final KernelContest contest;

  LayerCompiler(PlanOptions options) {
    this(options, KernelTimes.HERE);
  }

  LayerCompiler(PlanOptions options, KernelTimes times) {
    this.options = options;
    this.contest = new KernelContest(options, times);
  }

  /** What is known of a layer before it has a kernel. */
  private record Raw(String name, Tensor weight, Tensor bias, boolean relu, long nnz) {
    long all() {
      return (long) weight.rows() * weight.cols();
    }

    double density() {
      return all() == 0 ? 0 : (double) nnz / all();
    }
  }

  Layer compile(String name, Tensor weight, Tensor bias, boolean relu) {
    Raw raw = new Raw(name, weight, withoutNegativeZero(bias), relu, nonZeros(weight));
    Choice choice = choose(raw);
    return switch (choice.kernel()) {
      case AUTO, DENSE -> dense(raw, choice);
      case CSR -> sparse(raw, choice);
      case BLOCK -> blocks(raw, choice);
    };
  }

  private Layer.Dense dense(Raw raw, Choice choice) {
    PackedMatrix packed = PackedMatrix.narrow(raw.weight, options.weights());
    LayerSummary summary = summary(raw, choice, packed.bytes(), 2 * raw.all());
    return new Layer.Dense(summary, raw.bias, packed);
  }

  private Layer.Sparse sparse(Raw raw, Choice choice) {
    WindowMatrix one = windows(raw, options.weights());
    @Nullable ColumnBlocks many =
        options.maxBatch() == 1 || (options.compact() && Kernels.sparse().isForBatches(one))
            ? null
            : ColumnBlocks.of(CsrMatrix.of(raw.weight), options.weights());
    long bytes = one.bytes() + (many == null ? 0 : many.bytes());
    return new Layer.Sparse(summary(raw, choice, bytes, 2 * raw.nnz), raw.bias, one, many);
  }

  /** Single examples take the blocks only if these fill vectors. */
  private static Layer.Blocks blocks(Raw raw, Choice choice) {
    BlockMatrix blocks = BlockPattern.matrix(raw.weight);
    @Nullable WindowMatrix one =
        blocks.height() == BlockMatrix.ROWS ? null : windows(raw, Precision.FP32);
    long bytes = blocks.bytes() + (one == null ? 0 : one.bytes());
    return new Layer.Blocks(summary(raw, choice, bytes, 2 * raw.nnz), raw.bias, blocks, one);
  }

  private static WindowMatrix windows(Raw raw, Precision precision) {
    CsrMatrix csr = CsrMatrix.of(raw.weight);
    return WindowMatrix.of(csr, Kernels.sparse().form(csr, precision), precision);
  }

  private static LayerSummary summary(Raw raw, Choice choice, long bytes, long flops) {
    return new LayerSummary(
        raw.name,
        choice.kernel(),
        choice.reason(),
        raw.relu,
        raw.weight.rows(),
        raw.weight.cols(),
        raw.nnz,
        bytes + (long) Float.BYTES * raw.weight.rows(),
        flops,
        2 * raw.all(),
        choice.timings());
  }

  private Choice choose(Raw raw) {
    int cols = raw.weight.cols();
    if (cols > CsrMatrix.MAX_COLS) {
      if (options.kernel() == Kernel.CSR || options.kernel() == Kernel.BLOCK) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s has %d inputs; a %s layer has at most %d",
                raw.name,
                cols,
                options.kernel().name(),
                CsrMatrix.MAX_COLS));
      }
      return new Choice(Kernel.DENSE, "more than " + CsrMatrix.MAX_COLS + " inputs");
    }
    int step = Math.min(options.maxBatch(), PlanOptions.BATCH);
    String layer =
        raw.weight.rows()
            + " outputs of "
            + cols
            + " inputs, "
            + options.weights()
            + (options.compact() ? ", compact" : "");
    int[] batches = step == 1 ? ONE : new int[] {1, step};
    List<Kernel> candidates = BlockPattern.candidates(raw.weight, options.maxBatch() > 1);
    return contest.choose(
        layer + BlockPattern.describe(candidates, raw.weight),
        raw.all(),
        raw.density(),
        candidates,
        batches,
        () -> work(raw));
  }

  private KernelContest.Work work(Raw raw) {
    Map<Kernel, Product> products = new EnumMap<>(Kernel.class);
    return (kernel, batch) -> {
      Product product = products.computeIfAbsent(kernel, k -> product(k, raw));
      boolean inColumns = batch > 1 && product.inColumns();
      Tensor in = tensor(inColumns, batch, raw.weight.cols());
      Tensor out = tensor(inColumns, batch, raw.weight.rows());
      in.fill(1);
      return batch == 1 ? () -> product.one(in, out) : () -> product.many(batch, in, out);
    };
  }

  private Product product(Kernel kernel, Raw raw) {
    Workers alone = new Workers(1);
    Choice choice = new Choice(kernel, "");
    return switch (kernel) {
      case AUTO, DENSE ->
          new DenseProduct(dense(raw, choice), new Gemm(alone, Gemm.Form.NT, Gemm.Epilogue.BIAS));
      case CSR -> new SparseProduct(sparse(raw, choice), alone);
      case BLOCK -> new BlockProduct(blocks(raw, choice), alone);
    };
  }

  private static Tensor tensor(boolean inColumns, int batch, int features) {
    int lanes = Kernels.sparse().lanes();
    return inColumns
        ? Tensor.zeros(features, Math.ceilDiv(batch, lanes) * lanes)
        : Tensor.zeros(batch, features);
  }

  static long nonZeros(Tensor w) {
    long n = 0;
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.cols(); c++) {
        if (w.get(r, c) != 0) {
          n++;
        }
      }
    }
    return n;
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
