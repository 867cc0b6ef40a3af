package org.espalier.train;

import java.util.List;
import java.util.Map;
import org.espalier.kernel.Kernels;
import org.espalier.op.Clock;
import org.espalier.op.Trainable;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** Changes parameters by their gradients, in one sweep over all of them. */
sealed interface Optimizer permits Sgd, Adam {
  /** Makes the optimiser that the options ask for, at step 0. */
  static Optimizer of(OptimizerOptions options, List<Trainable> trainables, ThreadPool workers) {
    return switch (options) {
      case SgdOptions sgd -> new Sgd(sgd, trainables, workers);
      case AdamOptions adam -> new Adam(adam, trainables, workers);
    };
  }

  /** Changes all trainables by one step. */
  void step(Clock clock);

  /** Adds the tensors on which later steps depend, by name, not copied. */
  void addState(Map<String, Tensor> state);

  /** Returns a tensor of zeros for each trainable. */
  static Tensor[] zerosLike(List<Trainable> trainables) {
    return trainables.stream().map(t -> Tensor.zeros(t.value().shape())).toArray(Tensor[]::new);
  }

  /**
   * Returns what gradients are multiplied with, so that their norm is at most the clip norm. The
   * gradients are masked here: whoever clips has the operators write them so.
   */
  static float clipScale(OptimizerOptions options, List<Trainable> trainables) {
    if (!options.clips()) {
      return 1;
    }
    double sum = 0;
    for (int i = 0; i < trainables.size(); i++) {
      Tensor g = trainables.get(i).gradient();
      for (int r = 0; r < g.rows(); r++) {
        sum += Kernels.vector().squaredNorm(g.cols(), g.data(), g.row(r));
      }
    }
    double norm = Math.sqrt(sum);
    return norm > options.clipNorm() ? (float) (options.clipNorm() / norm) : 1;
  }
}
