package org.espalier.train;

import org.espalier.model.Graph;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** What {@link Trainer} does with one batch, so that it can be measured without loading data. */
public final class TrainingStep {
  private static final long SEED = 1;

  private final Network network;
  private final Optimizer optimizer;
  private final Loss loss = new Loss(0);
  private final Clock clock = new Clock(1, Long.MAX_VALUE);

  /** Makes one that changes the graph's parameters. */
  public TrainingStep(
      Graph graph, Sparsifier method, OptimizerOptions options, int batch, ThreadPool workers) {
    network = new Network(graph, method, SEED, batch, options.clips(), workers);
    optimizer = Optimizer.of(options, network.trainables(), workers);
  }

  /** Returns the outputs of a forward pass for training, packed row by row. */
  public float[] logits(Tensor x) {
    return network.forward(Phase.TRAIN, clock, x, x.rows()).toArray();
  }

  /**
   * Trains on one batch.
   *
   * @return the loss before the step
   */
  public double run(Tensor x, int[] labels) {
    Tensor logits = network.forward(Phase.TRAIN, clock, x, labels.length);
    loss.begin(labels.length);
    loss.add(logits, labels, labels.length, network.outputGradient());
    double mean = loss.mean() + network.penalty();
    network.backward(labels.length);
    optimizer.step(clock);
    clock.set(clock.step() + 1);
    network.afterStep(clock);
    if (!Double.isFinite(mean)) {
      throw new IllegalStateException("the loss is " + mean);
    }
    return mean;
  }
}
