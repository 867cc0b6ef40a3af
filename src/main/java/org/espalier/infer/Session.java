package org.espalier.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Plan}: holds the activations, all of them allocated here, so that once the largest
 * batch has run, running allocates nothing. Serves one caller at a time; each thread takes a
 * session of its own.
 */
public final class Session {
  /** Batches of more are never computed an example at a time. */
  private static final int MOST_SINGLES = 16;

  /**
   * Floats of 4 KB. What lies so far apart shares a set of a near cache, so that to write a vector
   * of examples at such a distance from each other takes three times as long as to put them
   * elsewhere first.
   */
  private static final int PAGE = 1024;

  private final SparseKernels kernels = Kernels.sparse();
  private final int inputs;
  private final int outputs;
  private final int step;

  /** Batches up to this one are computed an example at a time. */
  private final int singles;

  /** What works on feature maps, in front of the vectors. */
  private final Optional<ConvSession> features;

  /** What becomes of them, in rows. */
  private final Tensor[] made;

  private final VectorPlan vectors;

  /** For single examples, in the order of the stages that are products. */
  private final List<LinearKernel.Single> ones;

  /** The same for batches. */
  private final List<LinearKernel> manys;

  /** For each place, the vectors that lie there with an example a row. */
  private final Tensor[] rows;

  /** The same with an example a column. */
  private final Tensor[] columns;

  /** For each place, in which of the two ways they do. */
  private final boolean[] inColumns;

  /** The thread that computes, if there is one. */
  private final AtomicReference<@Nullable Thread> owner = new AtomicReference<>();

  Session(Plan plan, ThreadPool workers) {
    inputs = plan.inputShape().size();
    outputs = plan.outputShape().size();
    vectors = plan.vectors();
    step = Math.min(plan.maxBatch(), PlanOptions.BATCH);
    features = plan.features().map(f -> new ConvSession(f, step, workers));
    Gemm gemm = new Gemm(workers, Gemm.Form.NT, Gemm.Epilogue.BIAS);
    Gemm gemmRelu = new Gemm(workers, Gemm.Form.NT, Gemm.Epilogue.BIAS_RELU);
    ones = new ArrayList<>();
    manys = new ArrayList<>();
    for (LinearStep layer : vectors.layers()) {
      boolean relu = layer.summary().relu();
      Gemm dense = relu ? gemmRelu : gemm;
      ones.add(LinearKernel.single(layer.one(), layer.bias(), relu, dense, workers));
      manys.add(
          layer.many().equals(layer.one())
              ? ones.getLast()
              : LinearKernel.of(layer.many(), layer.bias(), relu, dense, workers));
    }
    singles = singles(vectors.layers(), step);
    boolean allInColumns = manys.stream().allMatch(LinearKernel::inColumns);
    boolean anyInColumns = manys.stream().anyMatch(LinearKernel::inColumns);
    boolean needsRows = !allInColumns || manys.isEmpty() || features.isPresent();
    int inRows = needsRows || outputs % PAGE == 0 ? step : 1;
    int examples = anyInColumns && step > 1 ? step : 0;
    int places = vectors.widths().size();
    rows = new Tensor[places];
    columns = new Tensor[places];
    for (int i = 0; i < places; i++) {
      int width = vectors.widths().get(i);
      rows[i] = Tensor.zeros(inRows, width % PAGE == 0 ? width + Long.SIZE : width);
      columns[i] = Tensor.zeros(width, examples);
    }
    inColumns = new boolean[places];
    made = vectors.features().stream().map(place -> rows[place]).toArray(Tensor[]::new);
  }

  /** Returns up to how many examples are expected to take less time one by one. */
  private static int singles(List<LinearStep> layers, int step) {
    for (int n = Math.min(step, MOST_SINGLES); n > 1; n--) {
      double oneByOne = 0;
      double together = 0;
      for (LinearStep layer : layers) {
        LayerSummary s = layer.summary();
        oneByOne += n * CostModel.HERE.nanos(layer.workload(), s.one(), 1);
        together += CostModel.HERE.nanos(layer.workload(), s.many(), n);
      }
      if (oneByOne <= together) {
        return n;
      }
    }
    return 1;
  }

  /**
   * Computes a batch.
   *
   * @param batch number of examples
   * @param x the examples, one behind the other, each in row-major order
   * @param y receives the outputs, one behind the other
   * @throws IllegalArgumentException if an array is too short
   * @throws ConcurrentModificationException if another thread is at it
   */
  public void run(int batch, float[] x, float[] y) {
    run(batch, x, 0, inputs, y, 0, outputs);
  }

  /**
   * Computes a batch.
   *
   * @param batch number of examples
   * @param xo index in {@code x} of the first example
   * @param ldx distance between the starts of consecutive examples
   * @param yo index in {@code y} of the first output
   * @param ldy distance between the starts of consecutive outputs
   * @throws IllegalArgumentException if an array is too short or examples overlap
   * @throws ConcurrentModificationException if another thread is at it; that one's results stand
   */
  public void run(int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    check("x", batch, x.length, xo, ldx, inputs);
    check("y", batch, y.length, yo, ldy, outputs);
    Thread here = Thread.currentThread();
    Thread other = owner.compareAndExchange(null, here);
    if (other != null) {
      throw new ConcurrentModificationException(
          "a session serves one thread at a time: "
              + other.getName()
              + " is at it while "
              + here.getName()
              + " calls; each thread takes one of its own, see Plan.session()");
    }
    try {
      for (int done = 0; done < batch; ) {
        int n = Math.min(step, batch - done);
        n = features.isEmpty() && n <= singles ? 1 : n;
        run(n, x, xo + done * ldx, ldx);
        give(n, y, yo + done * ldy, ldy);
        done += n;
      }
    } finally {
      owner.setRelease(null);
    }
  }

  private void run(int n, float[] x, int xo, int ldx) {
    Arrays.fill(inColumns, false);
    if (features.isPresent()) {
      features.get().run(n, x, xo, ldx, made);
    }
    if (vectors.input() >= 0) {
      take(n, x, xo, ldx, vectors.input());
    }
    List<VectorStage> stages = vectors.stages();
    int product = 0;
    for (int i = 0; i < stages.size(); i++) {
      switch (stages.get(i)) {
        case VectorStage.Product p -> multiply(n, product++, p.x(), p.y());
        case VectorStage.Rectifier r -> rectify(n, r);
        case VectorStage.Sum s -> add(n, s);
      }
    }
  }

  private static void check(String name, int batch, int length, int offset, int ld, int size) {
    if (batch < 0 || offset < 0 || ld < size || offset + (batch - 1L) * ld + size > length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: %d examples of %d, %d apart, from %d don't lie in %d elements",
              name,
              batch,
              size,
              ld,
              offset,
              length));
    }
  }

  private void take(int n, float[] x, int xo, int ldx, int place) {
    inColumns[place] = n > 1 && !manys.isEmpty() && manys.getFirst().inColumns();
    if (inColumns[place]) {
      Tensor to = columns[place];
      kernels.transpose(n, inputs, x, xo, ldx, to.data(), to.offset(), to.ld());
      clearBehind(n, inputs, to);
    } else {
      Tensor to = rows[place];
      for (int i = 0; i < n; i++) {
        System.arraycopy(x, xo + i * ldx, to.data(), to.row(i), inputs);
      }
    }
  }

  private void multiply(int n, int index, int x, int y) {
    if (n == 1) {
      ones.get(index).single(rows[x], rows[y]);
    } else {
      LinearKernel product = manys.get(index);
      turn(n, product.inputs(), x, product.inColumns());
      inColumns[y] = inColumns[x];
      product.batch(n, at(x), at(y));
    }
  }

  private void rectify(int n, VectorStage.Rectifier r) {
    inColumns[r.y()] = inColumns[r.x()];
    Tensor x = at(r.x());
    Tensor y = at(r.y());
    int length = length(n, r.width(), r.x());
    for (int i = 0; i < lines(n, r.width(), r.x()); i++) {
      Kernels.vector().relu(length, x.data(), x.row(i), y.data(), y.row(i));
    }
  }

  private void add(int n, VectorStage.Sum s) {
    turn(n, s.width(), s.other(), inColumns[s.x()]);
    inColumns[s.y()] = inColumns[s.x()];
    Tensor x = at(s.x());
    Tensor other = at(s.other());
    Tensor y = at(s.y());
    int length = length(n, s.width(), s.x());
    for (int i = 0; i < lines(n, s.width(), s.x()); i++) {
      if (s.x() != s.y()) {
        System.arraycopy(x.data(), x.row(i), y.data(), y.row(i), length);
      }
      Kernels.vector().add(length, other.data(), other.row(i), y.data(), y.row(i));
    }
  }

  /** Returns the vectors at a place, as they lie. */
  private Tensor at(int place) {
    return inColumns[place] ? columns[place] : rows[place];
  }

  /** Returns how many lines the vectors at a place take. */
  private int lines(int n, int width, int place) {
    return inColumns[place] ? width : n;
  }

  /** Returns how long a line is: whole vectors of the processor where examples lie in columns. */
  private int length(int n, int width, int place) {
    return inColumns[place] ? Math.ceilDiv(n, kernels.lanes()) * kernels.lanes() : width;
  }

  /** Makes rows of columns or columns of rows, unless the vectors lie so already. */
  private void turn(int n, int features, int place, boolean toColumns) {
    if (inColumns[place] == toColumns) {
      return;
    }
    Tensor from = at(place);
    inColumns[place] = toColumns;
    Tensor to = at(place);
    kernels.transpose(
        toColumns ? n : features,
        toColumns ? features : n,
        from.data(),
        from.offset(),
        from.ld(),
        to.data(),
        to.offset(),
        to.ld());
    if (toColumns) {
      clearBehind(n, features, to);
    }
  }

  /**
   * Zeroes the columns that fill up a vector behind the last example. Left over from earlier
   * batches, they would go from layer to layer again and again, and might grow to infinity, which
   * sparse kernels must treat with care.
   */
  private void clearBehind(int n, int features, Tensor t) {
    int behind = Math.ceilDiv(n, kernels.lanes()) * kernels.lanes() - n;
    for (int r = 0; behind > 0 && r < features; r++) {
      Arrays.fill(t.data(), t.row(r) + n, t.row(r) + n + behind, 0f);
    }
  }

  private void give(int n, float[] y, int yo, int ldy) {
    Tensor row = rows[vectors.output()];
    if (!inColumns[vectors.output()]) {
      giveRows(n, row, y, yo, ldy);
    } else if (ldy % PAGE == 0) {
      giveColumns(n, row.data(), row.offset(), row.ld());
      giveRows(n, row, y, yo, ldy);
    } else {
      giveColumns(n, y, yo, ldy);
    }
  }

  private void giveColumns(int n, float[] y, int yo, int ldy) {
    Tensor from = columns[vectors.output()];
    kernels.transpose(outputs, n, from.data(), from.offset(), from.ld(), y, yo, ldy);
  }

  private void giveRows(int n, Tensor from, float[] y, int yo, int ldy) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(from.data(), from.row(i), y, yo + i * ldy, outputs);
    }
  }
}
