package org.espalier.infer;

import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.SparseKernels;
import org.espalier.kernel.Workers;
import org.espalier.sparse.CsrMatrix;
import org.espalier.tensor.Tensor;

/** The product of a sparse layer, its rows divided among threads; serves one caller at a time. */
final class SparseProduct implements Product, Workers.Pieces {
  /** Multiplications that are worth a piece of their own: some microseconds. */
  private static final long PIECE = 1 << 16;

  /** Added to a row's entries for what a row costs by itself. */
  private static final int ROW_COST = 4;

  private static final float[] NOTHING = {};

  private final SparseKernels kernels = Kernels.sparse();
  private final Layer.Sparse layer;
  private final Workers workers;

  /** Cost of the rows before each place of the row order; empty if no batches are computed. */
  private final int[] costBefore;

  private final float[] sums;
  private int batch;
  private int pieces;
  private float[] x = NOTHING;
  private int xo;
  private int ldx;
  private float[] y = NOTHING;
  private int yo;
  private int ldy;

  SparseProduct(Layer.Sparse layer, Workers workers) {
    this.layer = layer;
    this.workers = workers;
    this.costBefore = layer.many() == null ? new int[0] : costs(layer.many());
    this.sums = new float[layer.one().laneRows().length];
  }

  private static int[] costs(CsrMatrix w) {
    int[] before = new int[w.rows() + 1];
    for (int i = 0; i < w.rows(); i++) {
      int r = w.rowOrder()[i];
      before[i + 1] = before[i] + w.rowPtr()[r + 1] - w.rowPtr()[r] + ROW_COST;
    }
    return before;
  }

  @Override
  public boolean inColumns() {
    return true;
  }

  @Override
  public int inputs() {
    return layer.summary().cols();
  }

  @Override
  public void one(Tensor in, Tensor out) {
    run(0, in, out, layer.one().nnz(), layer.one().blocks());
  }

  /** Whole vectors are computed: what lies behind the last example is there, but means nothing. */
  @Override
  public void many(int examples, Tensor in, Tensor out) {
    int whole = Math.ceilDiv(examples, kernels.lanes()) * kernels.lanes();
    run(whole, in, out, (long) layer.one().nnz() * examples, layer.one().rows());
  }

  private void run(int examples, Tensor in, Tensor out, long work, int atMost) {
    batch = examples;
    x = in.data();
    xo = in.offset();
    ldx = in.ld();
    y = out.data();
    yo = out.offset();
    ldy = out.ld();
    long wanted = Math.min(work / PIECE, workers.threads() == 1 ? 1 : 2L * workers.threads());
    pieces = (int) Math.max(1, Math.min(wanted, atMost));
    workers.run(pieces, this);
    x = NOTHING;
    y = NOTHING;
  }

  @Override
  public void compute(int index) {
    float[] bias = layer.bias().data();
    int bo = layer.bias().offset();
    boolean relu = layer.summary().relu();
    CsrMatrix many = layer.many();
    if (batch == 0 || many == null) {
      int blocks = layer.one().blocks();
      int from = (int) ((long) blocks * index / pieces);
      int to = (int) ((long) blocks * (index + 1) / pieces);
      kernels.spmv(layer.one(), from, to, x, xo, bias, bo, relu, sums, y, yo);
    } else {
      kernels.spmm(many, cut(index), cut(index + 1), batch, x, xo, ldx, bias, bo, relu, y, yo, ldy);
    }
  }

  /** Returns the place in the row order at which a piece begins. */
  private int cut(int index) {
    int rows = costBefore.length - 1;
    int found = Arrays.binarySearch(costBefore, (int) ((long) costBefore[rows] * index / pieces));
    return found >= 0 ? found : -found - 1;
  }
}
