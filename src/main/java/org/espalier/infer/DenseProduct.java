package org.espalier.infer;

import org.espalier.kernel.Gemm;
import org.espalier.tensor.Tensor;

/**
 * The product of a dense layer.
 *
 * @param gemm with the layer's epilogue; layers share it
 */
record DenseProduct(Layer.Dense layer, Gemm gemm) implements Product {
  @Override
  public boolean inColumns() {
    return false;
  }

  @Override
  public int inputs() {
    return layer.summary().cols();
  }

  @Override
  public void one(Tensor in, Tensor out) {
    many(1, in, out);
  }

  @Override
  public void many(int examples, Tensor in, Tensor out) {
    gemm.run(examples, in, layer.weight(), out, layer.bias());
  }
}
