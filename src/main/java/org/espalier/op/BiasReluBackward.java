package org.espalier.op;

import org.espalier.kernel.Kernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/**
 * What backward begins with: the gradient of a layer's output goes back through the rectifier, if
 * there is one, and its sums over the batch are the bias's gradient, in one pass over both.
 */
final class BiasReluBackward implements ThreadPool.Pieces {
  /** Columns that one thread takes at a time: their sums stay in the nearest cache. */
  private static final int COLUMNS = 512;

  private final ThreadPool workers;
  private final boolean relu;
  private final Tensor y;
  private final Tensor dy;
  private Tensor db;
  private int batch;
  private boolean resumed;

  BiasReluBackward(Activation output, boolean relu, ThreadPool workers) {
    this.workers = workers;
    this.relu = relu;
    this.y = output.value();
    this.dy = output.requiredGradient();
    this.db = dy;
  }

  /**
   * Turns the gradient behind the rectifier into the one in front of it and sums that up.
   *
   * @param resume whether the sums go on from those of the examples before
   * @param sums receives them
   */
  void run(int examples, boolean resume, Tensor sums) {
    db = sums;
    batch = examples;
    resumed = resume;
    workers.run(Math.ceilDiv(y.cols(), COLUMNS), this);
  }

  @Override
  public void compute(int piece) {
    int j = piece * COLUMNS;
    int n = Math.min(COLUMNS, y.cols() - j);
    if (relu) {
      Kernels.vector()
          .reluBackwardSums(
              batch,
              n,
              y.data(),
              y.row(0) + j,
              y.ld(),
              dy.data(),
              dy.row(0) + j,
              dy.ld(),
              resumed,
              db.data(),
              db.row(0) + j);
    } else {
      Kernels.vector()
          .columnSums(
              batch, n, dy.data(), dy.row(0) + j, dy.ld(), resumed, db.data(), db.row(0) + j);
    }
  }
}
