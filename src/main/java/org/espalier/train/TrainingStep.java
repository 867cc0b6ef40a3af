package org.espalier.train;

import java.util.Map;
import java.util.function.Supplier;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Stage;
import org.espalier.op.StageListener;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One step of training: forward, loss and backward for the parts of a batch, then the optimiser,
 * the method and the averages. {@link Trainer} feeds it from a data set; a benchmark can without.
 */
@Internal
public final class TrainingStep {
  private final Network network;
  private final Optimizer optimizer;
  private final Loss loss;
  private final Clock clock;

  /** Null where the weights themselves are evaluated. */
  private final @Nullable Ema ema;

  private @Nullable StageListener stages;
  private int examples;
  private int done;

  /** Makes a step of a training without end, label smoothing and averages. */
  public TrainingStep(Network network, OptimizerOptions options, ThreadPool workers) {
    this(network, options, 0, 0, new Clock(1, Long.MAX_VALUE), workers);
  }

  /**
   * Makes a step.
   *
   * @param smoothing of labels, 0 for none
   * @param decay of the averages of the weights, 0 for none
   */
  TrainingStep(
      Network network,
      OptimizerOptions options,
      double smoothing,
      double decay,
      Clock clock,
      ThreadPool workers) {
    this.network = network;
    this.optimizer = Optimizer.of(options, network.trainables(), workers);
    this.loss = new Loss(smoothing);
    this.ema = decay > 0 ? new Ema(decay, network.trainables(), workers) : null;
    this.clock = clock;
  }

  /** Sets who is told of the stages of each step, or null for nobody. */
  void listen(@Nullable StageListener listener) {
    stages = listener;
    network.listen(listener);
  }

  private void ended(Stage stage) {
    if (stages != null) {
      stages.ended("", stage, 0);
    }
  }

  /**
   * Trains on one batch.
   *
   * @param x examples {@code [batch][features]}
   * @param labels a class for each
   * @return the mean loss before the step
   * @throws InputException if the loss is NaN or infinite
   */
  public double run(Tensor x, int[] labels) {
    begin(labels.length);
    add(x, labels, labels.length);
    return end();
  }

  /** Begins a step of so many examples. */
  void begin(int count) {
    if (stages != null) {
      stages.begin();
    }
    examples = count;
    done = 0;
    loss.begin(count);
  }

  /** Whether parts of the batch are missing. */
  boolean isIncomplete() {
    return done < examples;
  }

  /** Says that the next part of the batch is there. */
  void loaded() {
    ended(Stage.DATA);
  }

  /**
   * Adds the gradients of a part of the batch.
   *
   * @throws InputException if the loss is NaN or infinite
   */
  void add(Tensor x, int[] labels, int n) {
    clock.part(done, done + n == examples);
    Tensor logits = network.forward(Phase.TRAIN, clock, x, n);
    loss.add(logits, labels, n, network.outputGradient());
    double mean = mean();
    if (!Double.isFinite(mean)) {
      throw diverged("the loss is " + mean, n);
    }
    ended(Stage.LOSS);
    network.backward(n);
    done += n;
  }

  /**
   * Changes the weights by the gradients of all parts.
   *
   * @return the mean loss before that
   */
  double end() {
    double mean = mean();
    optimizer.step(clock);
    ended(Stage.OPTIMIZER);
    clock.set(clock.step() + 1);
    network.afterStep(clock);
    if (ema != null) {
      ema.update(clock.step());
    }
    return mean;
  }

  /** Says that whoever counts what a step did has counted it. */
  void counted() {
    ended(Stage.AFTER_STEP);
    if (stages != null) {
      stages.end();
    }
  }

  private double mean() {
    return loss.mean() + network.penalty();
  }

  /** Returns how many examples of the step had the highest logit at their label. */
  int correct() {
    return loss.correct();
  }

  /** Returns the error that training can't go on, with where the first number is that isn't one. */
  InputException diverged(String what, int batch) {
    return new InputException(
        "training diverged at step "
            + clock.step()
            + ": "
            + what
            + "; first NaN or infinity in "
            + network.firstNonFinite(batch).orElse("the loss itself")
            + "; a lower learning rate or clipNorm may help");
  }

  /** Adds what optimiser and averages keep to a state, by name, not copied. */
  void addState(Map<String, Tensor> state) {
    optimizer.addState(state);
    if (ema != null) {
      ema.addState(state);
    }
  }

  /** Whether averages of the weights are kept. */
  boolean averages() {
    return ema != null;
  }

  /** Does something while the averages of the weights, if any are kept, are in their place. */
  <T> T averaged(Supplier<T> work) {
    if (ema == null) {
      return work.get();
    }
    ema.swap();
    try {
      return work.get();
    } finally {
      ema.swap();
    }
  }
}
