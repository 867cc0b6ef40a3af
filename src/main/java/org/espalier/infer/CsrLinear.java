package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparse.CsrMatrix;
import org.espalier.tensor.Tensor;

/** The product with a {@link CsrMatrix}. */
final class CsrLinear extends SparseLinear implements LinearKernel.Single {
  private final SparseKernels kernels = Kernels.sparse();
  private final CsrMatrix weight;

  CsrLinear(CsrMatrix weight, Tensor bias, Clamp clamp, ThreadPool workers) {
    super(bias, clamp, workers);
    this.weight = weight;
  }

  @Override
  public int inputs() {
    return weight.cols();
  }

  @Override
  public void single(Tensor in, Tensor out) {
    run(0, in, out, weight.nnz(), weight.rows());
  }

  @Override
  public void batch(int examples, Tensor in, Tensor out) {
    run(wholeVectors(examples), in, out, (long) weight.nnz() * examples, weight.rows());
  }

  @Override
  void compute(int from, int to, float[] bias, int bo, Clamp clamp) {
    if (batch == 0) {
      kernels.csrSpmv(weight, from, to, x, xo, bias, bo, clamp, y, yo);
    } else {
      kernels.csrSpmm(weight, from, to, batch, x, xo, ldx, bias, bo, clamp, y, yo, ldy);
    }
  }
}
