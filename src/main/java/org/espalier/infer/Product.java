package org.espalier.infer;

import org.espalier.kernel.gemm.Gemm;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** A layer at work in a session; serves one caller at a time. */
sealed interface Product permits DenseProduct, SharedProduct {
  /** Whether a batch lies with an example a column, not a row. */
  boolean inColumns();

  /** Returns the number of inputs of the layer. */
  int inputs();

  /** Computes one example, the first row of each tensor. */
  void one(Tensor in, Tensor out);

  /** Computes as many examples. */
  void many(int examples, Tensor in, Tensor out);

  /**
   * Returns a layer at work.
   *
   * @param bias a value for each output, none of them −0
   * @param gemm for dense weights, with the layer's epilogue
   * @param workers the threads that share the rows of other weights
   */
  static Product of(Weights weights, Tensor bias, boolean relu, Gemm gemm, ThreadPool workers) {
    return switch (weights) {
      case Weights.Dense w -> new DenseProduct(w.matrix(), bias, gemm);
      case Weights.Windows w -> new WindowProduct(w.matrix(), bias, relu, workers);
      case Weights.Columns w -> new ColumnProduct(w.matrix(), bias, relu, workers);
      case Weights.Blocks w -> new BlockProduct(w.matrix(), bias, relu, workers);
    };
  }
}
