package org.espalier.infer;

import org.espalier.kernel.gemm.Gemm;
import org.espalier.kernel.gemm.PackedMatrix;
import org.espalier.tensor.Tensor;

/**
 * The product with every weight.
 *
 * @param gemm with the layer's epilogue; layers share it
 */
record DenseLinear(PackedMatrix weight, Tensor bias, Gemm gemm) implements LinearKernel.Single {
  @Override
  public boolean inColumns() {
    return false;
  }

  @Override
  public int inputs() {
    return weight.cols();
  }

  @Override
  public void single(Tensor in, Tensor out) {
    batch(1, in, out);
  }

  @Override
  public void batch(int examples, Tensor in, Tensor out) {
    gemm.run(examples, in, weight, out, bias);
  }
}
