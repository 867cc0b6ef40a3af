package org.espalier.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.espalier.kernel.Gemm;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.SparseKernels;
import org.espalier.kernel.Workers;
import org.espalier.sparse.WindowMatrix;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;

/**
 * Runs a {@link Plan}: holds the activations, all of them allocated here, so that once the largest
 * batch has run, running allocates nothing. Serves one caller at a time; each thread takes a
 * session of its own.
 */
public final class Session {
  /**
   * Examples that cost as much by themselves as one vector of them together, for each lane of a
   * vector, where no lane of a {@link org.espalier.sparse.WindowMatrix} idles; by its padding fewer
   * where some do. Measured with 1024 to 1024 units and 16 lanes: 7 at a density of 20 % and of 10
   * %, 6 at 5 %; with 8 lanes 4 at 50 %, 3 at 20 %, 2 from 10 % down.
   */
  private static final double SPARSE_SINGLES_PER_LANE = 0.5;

  /** The same for dense layers, whose batches are computed in tiles of several examples. */
  private static final int DENSE_SINGLES = 2;

  /**
   * The same for dense layers with narrow weights, which are widened for a batch at the cost of an
   * example and a half.
   */
  private static final int NARROW_SINGLES = 4;

  /**
   * Floats of 4 KB. What lies so far apart shares a set of a near cache, so that to write a vector
   * of examples at such a distance from each other takes three times as long as to put them
   * elsewhere first.
   */
  private static final int PAGE = 1024;

  private final SparseKernels kernels = Kernels.sparse();
  private final boolean reluOnInput;
  private final int inputs;

  /** Values of an example that the products begin with. */
  private final int widthIn;

  private final int outputs;
  private final int step;

  /** Batches up to this one are computed an example at a time. */
  private final int singles;

  /** What works on feature maps, in front of the products. */
  private final Optional<FeatureSession> features;

  private final List<Product> products;

  /** Activations with an example a row; a product reads one of them and writes the other. */
  private final Tensor[] rows;

  /** Activations with an example a column. */
  private final Tensor[] columns;

  /** Which of the two holds the activations, and how. */
  private int current;

  private boolean inColumns;

  Session(Plan plan, Workers workers) {
    reluOnInput = plan.reluOnInput();
    inputs = plan.inputShape().size();
    outputs = plan.outputShape().size();
    step = Math.min(plan.maxBatch(), PlanOptions.BATCH);
    features = plan.features().map(f -> new FeatureSession(f, step, workers));
    widthIn = plan.features().map(Features::outputs).orElse(inputs);
    Gemm gemm = new Gemm(workers, Gemm.Form.NT, Gemm.Epilogue.BIAS);
    Gemm gemmRelu = new Gemm(workers, Gemm.Form.NT, Gemm.Epilogue.BIAS_RELU);
    products = new ArrayList<>();
    int widest = Math.max(widthIn, outputs);
    int denseSingles = DENSE_SINGLES;
    double denseWork = 0;
    double sparseWork = 0;
    double sparseSlots = 0;
    for (Layer layer : plan.layers()) {
      widest = Math.max(widest, layer.summary().rows());
      switch (layer) {
        case Layer.Dense d -> {
          products.add(new DenseProduct(d, d.summary().relu() ? gemmRelu : gemm));
          denseWork += d.summary().flops();
          denseSingles = d.weight().precision() == Precision.FP32 ? denseSingles : NARROW_SINGLES;
        }
        case Layer.Sparse s -> {
          products.add(new SparseProduct(s, workers));
          sparseWork += s.summary().flops();
          sparseSlots += s.summary().flops() * s.one().padding();
        }
        case Layer.Blocks b -> {
          products.add(new BlockProduct(b, workers));
          sparseWork += b.summary().flops();
          WindowMatrix one = b.one();
          double padding = one == null ? b.blocks().padding() : one.padding();
          sparseSlots += b.summary().flops() * padding;
        }
      }
    }
    singles =
        sparseWork > denseWork
            ? (int)
                Math.max(
                    kernels.lanes() * 0.25,
                    SPARSE_SINGLES_PER_LANE * kernels.lanes() * sparseWork / sparseSlots)
            : denseSingles;
    boolean allInColumns = products.stream().allMatch(Product::inColumns);
    boolean anyInColumns = products.stream().anyMatch(Product::inColumns);
    boolean needsRows = !allInColumns || products.isEmpty() || features.isPresent();
    rows =
        two(
            needsRows || outputs % PAGE == 0 ? step : 1,
            widest % PAGE == 0 ? widest + Long.SIZE : widest);
    columns = two(widest, anyInColumns && step > 1 ? step : 0);
  }

  private static Tensor[] two(int rows, int cols) {
    return new Tensor[] {Tensor.zeros(rows, cols), Tensor.zeros(rows, cols)};
  }

  /**
   * Computes a batch.
   *
   * @param batch number of examples
   * @param x the examples, one behind the other, each in row-major order
   * @param y receives the outputs, one behind the other
   * @throws IllegalArgumentException if an array is too short
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
   */
  public void run(int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    check("x", batch, x.length, xo, ldx, inputs);
    check("y", batch, y.length, yo, ldy, outputs);
    for (int done = 0; done < batch; ) {
      int n = Math.min(step, batch - done);
      if (features.isPresent()) {
        features.get().run(n, x, xo + done * ldx, ldx, rows[0]);
        current = 0;
        inColumns = false;
      } else {
        n = n <= singles ? 1 : n;
        take(n, x, xo + done * ldx, ldx);
      }
      for (int i = 0; i < products.size(); i++) {
        multiply(n, products.get(i));
      }
      give(n, y, yo + done * ldy, ldy);
      done += n;
    }
  }

  private static void check(String name, int batch, int length, int offset, int ld, int size) {
    if (batch < 0 || offset < 0 || ld < size || offset + (batch - 1L) * ld + size > length) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %d examples of %d, %d apart, from %d don't lie in %d elements",
              name, batch, size, ld, offset, length));
    }
  }

  private void take(int n, float[] x, int xo, int ldx) {
    current = 0;
    inColumns = n > 1 && !products.isEmpty() && products.getFirst().inColumns();
    if (inColumns) {
      Tensor to = columns[0];
      kernels.transpose(n, inputs, x, xo, ldx, to.data(), to.offset(), to.ld());
      clearBehind(n, inputs, to);
    } else {
      for (int i = 0; i < n; i++) {
        System.arraycopy(x, xo + i * ldx, rows[0].data(), rows[0].row(i), inputs);
      }
    }
    if (reluOnInput) {
      rectify(inColumns ? columns[0] : rows[0], inColumns ? inputs : n, inColumns ? n : inputs);
    }
  }

  private static void rectify(Tensor t, int rows, int cols) {
    for (int r = 0; r < rows; r++) {
      Kernels.vector().relu(cols, t.data(), t.row(r), t.data(), t.row(r));
    }
  }

  private void multiply(int n, Product product) {
    if (n == 1) {
      product.one(rows[current], rows[1 - current]);
    } else {
      if (product.inColumns() != inColumns) {
        turn(n, product.inputs());
      }
      Tensor[] activations = inColumns ? columns : rows;
      product.many(n, activations[current], activations[1 - current]);
    }
    current = 1 - current;
  }

  /** Makes rows of columns or columns of rows. */
  private void turn(int n, int features) {
    Tensor from = inColumns ? columns[current] : rows[current];
    Tensor to = inColumns ? rows[current] : columns[current];
    kernels.transpose(
        inColumns ? features : n,
        inColumns ? n : features,
        from.data(),
        from.offset(),
        from.ld(),
        to.data(),
        to.offset(),
        to.ld());
    inColumns = !inColumns;
    if (inColumns) {
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
    if (inColumns && n > 1 && ldy % PAGE == 0) {
      giveColumns(n, rows[0].data(), rows[0].offset(), rows[0].ld());
      giveRows(n, rows[0], y, yo, ldy);
    } else if (inColumns) {
      giveColumns(n, y, yo, ldy);
    } else {
      giveRows(n, rows[current], y, yo, ldy);
    }
  }

  private void giveColumns(int n, float[] y, int yo, int ldy) {
    Tensor from = columns[current];
    kernels.transpose(outputs, n, from.data(), from.offset(), from.ld(), y, yo, ldy);
  }

  private void giveRows(int n, Tensor from, float[] y, int yo, int ldy) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(from.data(), from.row(i), y, yo + i * ldy, outputs);
    }
  }
}
