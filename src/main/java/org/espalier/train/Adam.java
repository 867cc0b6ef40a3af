package org.espalier.train;

import java.util.List;
import java.util.Map;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.AdamStep;
import org.espalier.op.Clock;
import org.espalier.op.Trainable;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** Adam and AdamW: mask, clipping, decay, both moments and the update in one sweep. */
final class Adam implements Optimizer, ParameterPass.Row {
  private final AdamOptions options;
  private final List<Trainable> trainables;
  private final Tensor[] firstMoments;
  private final Tensor[] secondMoments;
  private final AdamStep factors;
  private final ParameterPass sweep;
  private float shrink;
  private float gradientScale;

  Adam(AdamOptions options, List<Trainable> trainables, ThreadPool workers) {
    this.options = options;
    this.trainables = List.copyOf(trainables);
    this.firstMoments = Optimizer.zerosLike(trainables);
    this.secondMoments = Optimizer.zerosLike(trainables);
    this.factors = new AdamStep(options.beta1(), options.beta2(), options.epsilon());
    this.sweep = new ParameterPass(trainables, workers, this);
  }

  @Override
  public void addState(Map<String, Tensor> state) {
    for (int i = 0; i < firstMoments.length; i++) {
      state.put("first-moment/" + trainables.get(i).name(), firstMoments[i]);
      state.put("second-moment/" + trainables.get(i).name(), secondMoments[i]);
    }
  }

  @Override
  public void step(Clock clock) {
    float rate = options.learningRate().now(clock);
    factors.set(clock.step() + 1, rate);
    shrink = (float) (1 - rate * options.weightDecay());
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
    Tensor m = firstMoments[i];
    Tensor v = secondMoments[i];
    boolean decays = t.decays();
    Kernels.optimizer()
        .adam(
            w.cols(),
            w.data(),
            w.row(row),
            t.gradientData(row),
            t.gradientRow(row),
            m.data(),
            m.row(row),
            v.data(),
            v.row(row),
            t.maskWords(row),
            t.maskRow(row),
            gradientScale,
            decays && !options.decoupled() ? (float) options.weightDecay() : 0,
            decays && options.decoupled() ? shrink : 1,
            factors);
  }
}
