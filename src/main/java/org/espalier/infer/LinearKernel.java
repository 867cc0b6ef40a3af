package org.espalier.infer;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** A fully connected layer at work on batches in a session; serves one caller at a time. */
sealed interface LinearKernel permits LinearKernel.Single, SparseLinear {
  /** Whether a batch lies with an example a column, not a row. */
  boolean inColumns();

  /** Returns the number of inputs of the layer. */
  int inputs();

  /** Computes as many examples. */
  void batch(int examples, Tensor in, Tensor out);

  /** One that serves single examples, too. */
  sealed interface Single extends LinearKernel
      permits DenseLinear, CsrLinear, SellLinear, BsrLinear {
    /** Computes one example, the first row of each tensor. */
    void single(Tensor in, Tensor out);
  }

  /**
   * Returns a layer at work on batches.
   *
   * @param bias a value for each output, none of them −0
   * @param gemm for dense weights, with the layer's epilogue
   * @param workers the threads that share the rows of other weights
   */
  static LinearKernel of(Weights weights, Tensor bias, Clamp clamp, Gemm gemm, ThreadPool workers) {
    return switch (weights) {
      case Weights.Single w -> single(w, bias, clamp, gemm, workers);
      case Weights.CacheBlocked w -> new CacheBlockedLinear(w.matrix(), bias, clamp, workers);
    };
  }

  /**
   * Returns a layer at work on single examples and batches; the parameters are those of {@link
   * #of}.
   */
  static Single single(
      Weights.Single weights, Tensor bias, Clamp clamp, Gemm gemm, ThreadPool workers) {
    return switch (weights) {
      case Weights.Dense w -> new DenseLinear(w.matrix(), bias, gemm);
      case Weights.Csr w -> new CsrLinear(w.matrix(), bias, clamp, workers);
      case Weights.Sell w -> new SellLinear(w.matrix(), bias, clamp, workers);
      case Weights.Bsr w -> new BsrLinear(w.matrix(), bias, clamp, workers);
    };
  }
}
