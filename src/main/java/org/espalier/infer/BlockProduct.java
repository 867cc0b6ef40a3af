package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.sparse.BlockMatrix;
import org.espalier.sparse.WindowMatrix;
import org.espalier.tensor.Tensor;

/** The product of a layer of blocks. */
final class BlockProduct extends SharedProduct {
  private final Layer.Blocks layer;
  private final BlockMatrix blocks;
  private final float[] sums;

  /** For each input, where its row of a batch begins. */
  private final int[] distances;

  /** How far apart these rows lie. */
  private int apart;

  BlockProduct(Layer.Blocks layer, Workers workers) {
    super(workers);
    this.layer = layer;
    this.blocks = layer.blocks();
    WindowMatrix one = layer.one();
    this.sums = new float[one == null ? blocks.groups() * BlockMatrix.ROWS : one.laneRows().length];
    this.distances = new int[blocks.cols()];
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
    if (apart != in.ld()) {
      apart = in.ld();
      for (int c = 0; c < distances.length; c++) {
        distances[c] = c * apart;
      }
    }
    int whole = Math.ceilDiv(examples, lanes) * lanes;
    run(whole, in, out, (long) blocks.nnz() * examples, blocks.quads());
  }

  @Override
  void compute(int from, int to) {
    float[] bias = layer.bias().data();
    int bo = layer.bias().offset();
    boolean relu = layer.summary().relu();
    WindowMatrix one = layer.one();
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
