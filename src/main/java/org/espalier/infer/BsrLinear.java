package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparse.BsrMatrix;
import org.espalier.tensor.Tensor;

/** The product with a {@link BsrMatrix}; with single examples if its blocks are high. */
final class BsrLinear extends SparseLinear implements LinearKernel.Single {
  private final SparseKernels kernels = Kernels.sparse();
  private final BsrMatrix weight;
  private final float[] sums;

  /** For each input, where its row of a batch begins. */
  private final int[] distances;

  /** How far apart these rows lie. */
  private int apart;

  BsrLinear(BsrMatrix weight, Tensor bias, Clamp clamp, ThreadPool workers) {
    super(bias, clamp, workers);
    this.weight = weight;
    this.sums = new float[weight.groups() * BsrMatrix.ROWS];
    this.distances = new int[weight.cols()];
  }

  @Override
  public int inputs() {
    return weight.cols();
  }

  @Override
  public void single(Tensor in, Tensor out) {
    run(0, in, out, weight.nnz(), weight.groups());
  }

  @Override
  public void batch(int examples, Tensor in, Tensor out) {
    if (apart != in.ld()) {
      apart = in.ld();
      for (int c = 0; c < distances.length; c++) {
        distances[c] = c * apart;
      }
    }
    run(wholeVectors(examples), in, out, (long) weight.nnz() * examples, weight.quads());
  }

  @Override
  void compute(int from, int to, float[] bias, int bo, Clamp clamp) {
    if (batch == 0) {
      kernels.bsrSpmv(weight, from, to, x, xo, bias, bo, clamp, sums, y, yo);
    } else {
      kernels.bsrSpmm(
          weight, from, to, batch, x, xo, distances, bias, bo, null, 0, 0, clamp, y, yo, ldy);
    }
  }
}
