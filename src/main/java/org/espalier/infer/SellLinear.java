package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Tensor;

/** The product with a {@link SellMatrix}. */
final class SellLinear extends SparseLinear implements LinearKernel.Single {
  private final SparseKernels kernels = Kernels.sparse();
  private final SellMatrix weight;
  private final float[] sums;

  SellLinear(SellMatrix weight, Tensor bias, Clamp clamp, ThreadPool workers) {
    super(bias, clamp, workers);
    this.weight = weight;
    this.sums = new float[weight.laneRows().length];
  }

  @Override
  public int inputs() {
    return weight.cols();
  }

  @Override
  public void single(Tensor in, Tensor out) {
    run(0, in, out, weight.nnz(), weight.blocks());
  }

  @Override
  public void batch(int examples, Tensor in, Tensor out) {
    run(wholeVectors(examples), in, out, (long) weight.nnz() * examples, weight.blocks());
  }

  @Override
  void compute(int from, int to, float[] bias, int bo, Clamp clamp) {
    if (batch == 0) {
      kernels.sellSpmv(weight, from, to, x, xo, bias, bo, clamp, sums, y, yo);
    } else {
      kernels.sellSpmm(weight, from, to, batch, x, xo, ldx, bias, bo, clamp, y, yo, ldy);
    }
  }
}
