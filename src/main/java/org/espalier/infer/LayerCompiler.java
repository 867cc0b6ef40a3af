package org.espalier.infer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.espalier.infer.LayerSummary.Timing;
import org.espalier.kernel.Gemm;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.PackedMatrix;
import org.espalier.kernel.Workers;
import org.espalier.sparse.ColumnBlocks;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.WindowMatrix;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Chooses how a layer is computed and lays its weights out. */
final class LayerCompiler {
  /** Density up to which the sparse kernels may be faster; so they are measured. */
  private static final double CONTEST = 0.75;

  /** Weights of a layer that is worth measuring: others take a few microseconds either way. */
  private static final int WORTH_MEASURING = 1 << 14;

  /** Density below which the sparse kernels are chosen where nothing is measured. */
  private static final double SPARSE_BELOW = 0.3;

  private static final int[] ONE = {1};

  private final PlanOptions options;
  private final KernelTimes times;

  LayerCompiler(PlanOptions options) {
    this(options, KernelTimes.HERE);
  }

  LayerCompiler(PlanOptions options, KernelTimes times) {
    this.options = options;
    this.times = times;
  }

  private record Choice(Kernel kernel, String reason, List<Timing> timings) {
    Choice(Kernel kernel, String reason) {
      this(kernel, reason, List.of());
    }
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
    return choice.kernel() == Kernel.DENSE ? dense(raw, choice) : sparse(raw, choice);
  }

  private static Layer.Dense dense(Raw raw, Choice choice) {
    PackedMatrix packed = PackedMatrix.of(raw.weight);
    LayerSummary summary = summary(raw, choice, packed.bytes(), 2 * raw.all());
    return new Layer.Dense(summary, raw.bias, packed);
  }

  private Layer.Sparse sparse(Raw raw, Choice choice) {
    CsrMatrix csr = CsrMatrix.of(raw.weight);
    WindowMatrix one = WindowMatrix.of(csr, Kernels.sparse().form());
    @Nullable ColumnBlocks many = options.maxBatch() > 1 ? ColumnBlocks.of(csr) : null;
    long bytes = one.bytes() + (many == null ? 0 : many.bytes());
    return new Layer.Sparse(summary(raw, choice, bytes, 2 * raw.nnz), raw.bias, one, many);
  }

  private static LayerSummary summary(Raw raw, Choice choice, long bytes, long flops) {
    return new LayerSummary(
        raw.name,
        choice.kernel,
        choice.reason,
        raw.relu,
        raw.weight.rows(),
        raw.weight.cols(),
        raw.nnz,
        bytes + (long) Float.BYTES * raw.weight.rows(),
        flops,
        2 * raw.all(),
        choice.timings);
  }

  /** The one place where a kernel is chosen. */
  private Choice choose(Raw raw) {
    int cols = raw.weight.cols();
    boolean tooWide = cols > CsrMatrix.MAX_COLS;
    if (options.kernel() == Kernel.CSR && tooWide) {
      throw new IllegalArgumentException(
          String.format(
              "%s has %d inputs; a CSR layer has at most %d", raw.name, cols, CsrMatrix.MAX_COLS));
    }
    if (options.kernel() != Kernel.AUTO) {
      return new Choice(options.kernel(), "asked for");
    }
    String percent = String.format(Locale.ROOT, "density %.1f %%", 100 * raw.density());
    if (tooWide) {
      return new Choice(Kernel.DENSE, percent + ", more than " + CsrMatrix.MAX_COLS + " inputs");
    }
    if (raw.density() > CONTEST) {
      return new Choice(Kernel.DENSE, percent + ": hardly any zeros");
    }
    if (raw.all() < WORTH_MEASURING || !Kernels.choice().isSimd()) {
      return raw.density() < SPARSE_BELOW
          ? new Choice(Kernel.CSR, percent + ": few weights, not measured")
          : new Choice(Kernel.DENSE, percent + ": not few weights, not measured");
    }
    return fastest(raw, percent);
  }

  /** Chooses by the product of the times that batches of one and of the plan's size take. */
  private Choice fastest(Raw raw, String percent) {
    int step = Math.min(options.maxBatch(), PlanOptions.BATCH);
    int[] batches = step == 1 ? ONE : new int[] {1, step};
    // Layers of about the same density share their times.
    double grain = raw.density() < 0.1 ? 0.01 : 0.05;
    String question =
        String.format(
            Locale.ROOT,
            "%d outputs of %d inputs, density %.0f %%, batch %d",
            raw.weight.rows(),
            raw.weight.cols(),
            100 * grain * Math.round(raw.density() / grain),
            step);
    Set<String> names = new HashSet<>();
    for (int batch : batches) {
      names.add(workName(Kernel.DENSE, batch));
      names.add(workName(Kernel.CSR, batch));
    }
    Map<String, Double> measured = times.of(question, names, () -> candidates(raw, batches));
    List<Timing> timings = new ArrayList<>();
    StringBuilder reason = new StringBuilder(percent);
    double sparseOverDense = 1;
    for (int batch : batches) {
      double dense = micros(measured, Kernel.DENSE, batch);
      double sparse = micros(measured, Kernel.CSR, batch);
      timings.add(new Timing(Kernel.DENSE, batch, dense));
      timings.add(new Timing(Kernel.CSR, batch, sparse));
      sparseOverDense *= sparse / dense;
      reason.append(
          String.format(
              Locale.ROOT, "; batch %d: dense %.1f µs, csr %.1f µs", batch, dense, sparse));
    }
    Kernel kernel = sparseOverDense < 1 ? Kernel.CSR : Kernel.DENSE;
    return new Choice(kernel, reason.toString(), timings);
  }

  private static double micros(Map<String, Double> nanos, Kernel kernel, int batch) {
    return Objects.requireNonNull(nanos.get(workName(kernel, batch))) / 1e3;
  }

  private static String workName(Kernel kernel, int batch) {
    return kernel.name().toLowerCase(Locale.ROOT) + " " + batch;
  }

  private Map<String, Runnable> candidates(Raw raw, int[] batches) {
    Workers alone = new Workers(1);
    Gemm gemm = new Gemm(alone, Gemm.Form.NT, Gemm.Epilogue.BIAS);
    List<Product> products =
        List.of(
            new DenseProduct(dense(raw, new Choice(Kernel.DENSE, "")), gemm),
            new SparseProduct(sparse(raw, new Choice(Kernel.CSR, "")), alone));
    Map<String, Runnable> work = new LinkedHashMap<>();
    for (int batch : batches) {
      for (Product product : products) {
        boolean inColumns = batch > 1 && product.inColumns();
        Tensor in = tensor(inColumns, batch, raw.weight.cols());
        Tensor out = tensor(inColumns, batch, raw.weight.rows());
        in.fill(1);
        work.put(
            workName(product instanceof DenseProduct ? Kernel.DENSE : Kernel.CSR, batch),
            batch == 1 ? () -> product.one(in, out) : () -> product.many(batch, in, out));
      }
    }
    return work;
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
