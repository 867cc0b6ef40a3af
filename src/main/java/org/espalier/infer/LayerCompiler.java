package org.espalier.infer;

import java.util.Locale;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.PackedMatrix;
import org.espalier.sparse.ColumnBlocks;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.WindowMatrix;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Chooses how a layer is computed and lays its weights out. */
final class LayerCompiler {
  /**
   * Density below which the sparse kernels are faster than the dense one. Measured at 256 bits with
   * {@code PlanBenchmark}, time of the dense plan over that of the sparse one:
   *
   * <pre>
   *   density            50 %   30 %   20 %   10 %    5 %
   *   LeNet-300-100
   *     batch 1           0.7    1.0    1.3    1.9    2.6
   *     batch 8           0.7    1.1    1.2    1.6    4.0
   *     batch 64          0.9    1.6    1.9    3.2    5.6
   *   1024 to 1024
   *     batch 1           0.8    1.0    1.4    1.9    2.9
   *     batch 8           0.7    1.0    1.2    2.0    4.1
   *     batch 64          0.8    1.4    1.9    2.6    5.1
   * </pre>
   */
  static final double SPARSE_BELOW = 0.3;

  private final PlanOptions options;

  LayerCompiler(PlanOptions options) {
    this.options = options;
  }

  private record Choice(Kernel kernel, String reason) {}

  /** The one place where a kernel is chosen. */
  private Choice choose(String name, int cols, double density) {
    boolean tooWide = cols > CsrMatrix.MAX_COLS;
    if (options.kernel() == Kernel.CSR && tooWide) {
      throw new IllegalArgumentException(
          String.format(
              "%s has %d inputs; a CSR layer has at most %d", name, cols, CsrMatrix.MAX_COLS));
    }
    if (options.kernel() != Kernel.AUTO) {
      return new Choice(options.kernel(), "asked for");
    }
    String percent = String.format(Locale.ROOT, "density %.1f %%", 100 * density);
    if (tooWide) {
      return new Choice(Kernel.DENSE, percent + ", more than " + CsrMatrix.MAX_COLS + " inputs");
    }
    return density < SPARSE_BELOW
        ? new Choice(Kernel.CSR, percent + " is below break-even")
        : new Choice(Kernel.DENSE, percent + " is not below break-even");
  }

  Layer compile(String name, Tensor weight, Tensor bias, boolean relu) {
    int rows = weight.rows();
    int cols = weight.cols();
    long all = (long) rows * cols;
    long nnz = nonZeros(weight);
    Choice choice = choose(name, cols, all == 0 ? 0 : (double) nnz / all);
    Tensor b = withoutNegativeZero(bias);
    if (choice.kernel() == Kernel.DENSE) {
      PackedMatrix packed = PackedMatrix.of(weight);
      long bytes = packed.bytes() + (long) Float.BYTES * rows;
      LayerSummary summary =
          new LayerSummary(
              name, Kernel.DENSE, choice.reason(), relu, rows, cols, nnz, bytes, 2 * all, 2 * all);
      return new Layer.Dense(summary, b, packed);
    }
    CsrMatrix csr = CsrMatrix.of(weight);
    WindowMatrix one = WindowMatrix.of(csr, Kernels.sparse().form());
    @Nullable ColumnBlocks many = options.maxBatch() > 1 ? ColumnBlocks.of(csr) : null;
    long bytes = one.bytes() + (many == null ? 0 : many.bytes()) + (long) Float.BYTES * rows;
    LayerSummary summary =
        new LayerSummary(
            name, Kernel.CSR, choice.reason(), relu, rows, cols, nnz, bytes, 2 * nnz, 2 * all);
    return new Layer.Sparse(summary, b, one, many);
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
