package org.espalier.train;

import java.util.List;
import java.util.Map;
import org.espalier.kernel.Kernels;
import org.espalier.op.Trainable;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/**
 * The exponential moving average of all trainables over the steps. It starts with what the first
 * step gives, as PyTorch's does. Training goes on with the trainables themselves; to be evaluated
 * they change places with their averages for a while.
 */
final class Ema implements ParameterPass.Row {
  private final float decay;
  private final float entering;
  private final List<Trainable> trainables;
  private final Tensor[] averages;
  private final ParameterPass sweep;
  private boolean first;

  /** A row that is on its way between a trainable and its average. */
  private final float[] between;

  Ema(double decay, List<Trainable> trainables, ThreadPool workers) {
    this.decay = (float) decay;
    this.entering = (float) (1 - decay);
    this.trainables = List.copyOf(trainables);
    this.averages = trainables.stream().map(t -> t.value().copy()).toArray(Tensor[]::new);
    this.sweep = new ParameterPass(trainables, workers, this);
    this.between = new float[trainables.stream().mapToInt(t -> t.value().cols()).max().orElse(0)];
  }

  /** Takes the trainables in after so many steps, at least 1. */
  void update(long steps) {
    first = steps == 1;
    sweep.run();
  }

  @Override
  public void sweep(int i, int row) {
    Tensor w = trainables.get(i).value();
    Tensor a = averages[i];
    if (first) {
      System.arraycopy(w.data(), w.row(row), a.data(), a.row(row), w.cols());
    } else {
      Kernels.optimizer()
          .average(w.cols(), w.data(), w.row(row), a.data(), a.row(row), decay, entering);
    }
  }

  /** Lets the trainables and their averages change places; a second call undoes it. */
  void swap() {
    for (int i = 0; i < averages.length; i++) {
      Tensor w = trainables.get(i).value();
      Tensor a = averages[i];
      int n = w.cols();
      for (int r = 0; r < w.rows(); r++) {
        System.arraycopy(w.data(), w.row(r), between, 0, n);
        System.arraycopy(a.data(), a.row(r), w.data(), w.row(r), n);
        System.arraycopy(between, 0, a.data(), a.row(r), n);
      }
    }
  }

  /** Adds the averages to a state, by name, not copied. */
  void addState(Map<String, Tensor> state) {
    for (int i = 0; i < averages.length; i++) {
      state.put("average/" + trainables.get(i).name(), averages[i]);
    }
  }
}
