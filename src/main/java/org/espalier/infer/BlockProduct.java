package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.sparse.BlockMatrix;
import org.espalier.sparse.WindowMatrix;
import org.espalier.tensor.Tensor;

/**
 * The product of a layer of blocks, its rows divided among threads; serves one caller at a time.
 */
final class BlockProduct implements Product, Workers.Pieces {
  /** Multiplications that are worth a piece of their own: some microseconds. */
  private static final long PIECE = 1 << 16;

  private static final float[] NOTHING = {};

  private final Layer.Blocks layer;
  private final BlockMatrix blocks;
  private final Workers workers;
  private final float[] sums;

  /** For each input, where its row of a batch begins. */
  private final int[] distances;

  private int batch;
  private int parts;
  private int pieces;
  private float[] x = NOTHING;
  private int xo;
  private int ldx;
  private float[] y = NOTHING;
  private int yo;
  private int ldy;

  BlockProduct(Layer.Blocks layer, Workers workers) {
    this.layer = layer;
    this.blocks = layer.blocks();
    this.workers = workers;
    WindowMatrix one = layer.one();
    this.sums = new float[one == null ? blocks.groups() * BlockMatrix.ROWS : one.laneRows().length];
    this.distances = new int[blocks.cols()];
  }

  @Override
  public boolean inColumns() {
    return true;
  }

  @Override
  public int inputs() {
    return blocks.cols();
  }

  @Override
  public void one(Tensor in, Tensor out) {
    WindowMatrix one = layer.one();
    run(0, in, out, blocks.nnz(), one == null ? blocks.groups() : one.blocks());
  }

  /** Whole vectors are computed: what lies behind the last example is there, but means nothing. */
  @Override
  public void many(int examples, Tensor in, Tensor out) {
    int lanes = Kernels.sparse().lanes();
    if (ldx != in.ld()) {
      ldx = in.ld();
      for (int c = 0; c < distances.length; c++) {
        distances[c] = c * ldx;
      }
    }
    int whole = Math.ceilDiv(examples, lanes) * lanes;
    run(whole, in, out, (long) blocks.nnz() * examples, blocks.quads());
  }

  private void run(int examples, Tensor in, Tensor out, long work, int atMost) {
    batch = examples;
    parts = atMost;
    x = in.data();
    xo = in.offset();
    y = out.data();
    yo = out.offset();
    ldy = out.ld();
    long wanted = Math.min(work / PIECE, workers.threads() == 1 ? 1 : 2L * workers.threads());
    pieces = (int) Math.max(1, Math.min(wanted, parts));
    workers.run(pieces, this);
    x = NOTHING;
    y = NOTHING;
  }

  @Override
  public void compute(int index) {
    float[] bias = layer.bias().data();
    int bo = layer.bias().offset();
    boolean relu = layer.summary().relu();
    WindowMatrix one = layer.one();
    int from = (int) ((long) parts * index / pieces);
    int to = (int) ((long) parts * (index + 1) / pieces);
    if (batch > 0) {
      Kernels.blocks()
          .runs(blocks, from, to, batch, x, xo, distances, bias, bo, null, 0, 0, relu, y, yo, ldy);
    } else if (one == null) {
      Kernels.blocks().spmv(blocks, from, to, x, xo, bias, bo, relu, sums, y, yo);
    } else {
      Kernels.sparse().spmv(one, from, to, x, xo, bias, bo, relu, sums, y, yo);
    }
  }
}
