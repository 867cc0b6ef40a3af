package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.SparseKernels;
import org.espalier.kernel.Workers;
import org.espalier.sparse.ColumnBlocks;
import org.espalier.tensor.Tensor;

/** The product of a sparse layer, its rows divided among threads; serves one caller at a time. */
final class SparseProduct implements Product, Workers.Pieces {
  /** Multiplications that are worth a piece of their own: some microseconds. */
  private static final long PIECE = 1 << 16;

  private static final float[] NOTHING = {};

  private final SparseKernels kernels = Kernels.sparse();
  private final Layer.Sparse layer;
  private final Workers workers;

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
    this.sums = new float[layer.one().laneRows().length];
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
    ColumnBlocks many = layer.many();
    int parts = many == null ? layer.one().blocks() : many.panels();
    run(whole, in, out, (long) layer.one().nnz() * examples, parts);
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
    ColumnBlocks many = layer.many();
    int parts = batch == 0 || many == null ? layer.one().blocks() : many.panels();
    int from = (int) ((long) parts * index / pieces);
    int to = (int) ((long) parts * (index + 1) / pieces);
    if (batch == 0) {
      kernels.spmv(layer.one(), from, to, x, xo, bias, bo, relu, sums, y, yo);
    } else if (many == null) {
      kernels.spmm(layer.one(), from, to, batch, x, xo, ldx, bias, bo, relu, y, yo, ldy);
    } else {
      kernels.spmm(many, from, to, batch, x, xo, ldx, bias, bo, relu, y, yo, ldy);
    }
  }
}
