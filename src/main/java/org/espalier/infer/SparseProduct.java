package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.SparseKernels;
import org.espalier.kernel.Workers;
import org.espalier.sparse.ColumnBlocks;
import org.espalier.tensor.Tensor;

/** The product of a sparse layer. */
final class SparseProduct extends SharedProduct {
  private final SparseKernels kernels = Kernels.sparse();
  private final Layer.Sparse layer;
  private final float[] sums;

  SparseProduct(Layer.Sparse layer, Workers workers) {
    super(workers);
    this.layer = layer;
    this.sums = new float[layer.one().laneRows().length];
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

  @Override
  void compute(int from, int to) {
    float[] bias = layer.bias().data();
    int bo = layer.bias().offset();
    boolean relu = layer.summary().relu();
    ColumnBlocks many = layer.many();
    if (batch == 0) {
      kernels.spmv(layer.one(), from, to, x, xo, bias, bo, relu, sums, y, yo);
    } else if (many == null) {
      kernels.spmm(layer.one(), from, to, batch, x, xo, ldx, bias, bo, relu, y, yo, ldy);
    } else {
      kernels.spmm(many, from, to, batch, x, xo, ldx, bias, bo, relu, y, yo, ldy);
    }
  }
}
