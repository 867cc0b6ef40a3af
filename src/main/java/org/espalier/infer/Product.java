package org.espalier.infer;

import org.espalier.tensor.Tensor;

/** A layer at work in a session; serves one caller at a time. */
sealed interface Product permits DenseProduct, SharedProduct {
  /** Whether {@link #many} takes and gives an example a column, not a row. */
  boolean inColumns();

  /** Returns the number of inputs of the layer. */
  int inputs();

  /** Computes one example, the first row of each tensor. */
  void one(Tensor in, Tensor out);

  /** Computes as many examples. */
  void many(int examples, Tensor in, Tensor out);
}
