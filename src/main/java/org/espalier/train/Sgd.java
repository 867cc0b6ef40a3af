package org.espalier.train;

import java.util.List;
import java.util.Map;
import org.espalier.kernel.Kernels;
import org.espalier.op.Clock;
import org.espalier.op.Trainable;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/**
 * Stochastic gradient descent with momentum: mask, clipping, weight decay, momentum and update of a
 * parameter in one sweep over it, in the order of the paper's reference.
 */
final class Sgd implements Optimizer, ParameterPass.Row {
  private final SgdOptions options;
  private final List<Trainable> trainables;
  private final Tensor[] momenta;
  private final ParameterPass sweep;
  private float rate;
  private float gradientScale;

  Sgd(SgdOptions options, List<Trainable> trainables, ThreadPool workers) {
    this.options = options;
    this.trainables = List.copyOf(trainables);
    this.momenta = Optimizer.zerosLike(trainables);
    this.sweep = new ParameterPass(trainables, workers, this);
  }

  @Override
  public void addState(Map<String, Tensor> state) {
    for (int i = 0; i < momenta.length; i++) {
      state.put("momentum/" + trainables.get(i).name(), momenta[i]);
    }
  }

  @Override
  public void step(Clock clock) {
    rate = options.learningRate().now(clock);
    gradientScale = Optimizer.clipScale(options, trainables);
    sweep.run();
  }

  @Override
  public void swept(int i, int from, int to) {
    trainables.get(i).rowsChanged(from, to);
  }

  @Override
  public void sweep(int i, int row) {
    Trainable t = trainables.get(i);
    Tensor w = t.value();
    Tensor v = momenta[i];
    Kernels.optimizer()
        .sgd(
            w.cols(),
            w.data(),
            w.row(row),
            t.gradientData(row),
            t.gradientRow(row),
            v.data(),
            v.row(row),
            t.maskWords(row),
            t.maskRow(row),
            gradientScale,
            rate,
            (float) options.momentum(),
            t.decays() ? (float) options.weightDecay() : 0,
            options.nesterov());
  }
}
