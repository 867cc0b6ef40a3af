package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.tensor.Tensor;

/** The product of a batch with a {@link CacheBlockedMatrix}. */
final class CacheBlockedLinear extends SparseLinear {
  private final SparseKernels kernels = Kernels.sparse();
  private final CacheBlockedMatrix weight;

  CacheBlockedLinear(CacheBlockedMatrix weight, Tensor bias, Clamp clamp, ThreadPool workers) {
    super(bias, clamp, workers);
    this.weight = weight;
  }

  @Override
  public int inputs() {
    return weight.cols();
  }

  @Override
  public void batch(int examples, Tensor in, Tensor out) {
    run(wholeVectors(examples), in, out, (long) weight.nnz() * examples, weight.panels());
  }

  @Override
  void compute(int from, int to, float[] bias, int bo, Clamp clamp) {
    kernels.cacheBlockedSpmm(weight, from, to, batch, x, xo, ldx, bias, bo, clamp, y, yo, ldy);
  }
}
