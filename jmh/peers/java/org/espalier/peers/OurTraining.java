package org.espalier.peers;

import org.espalier.model.Graph;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;
import org.espalier.train.OptimizerOptions;
import org.espalier.train.TrainingStep;

/** Our training of a graph, whose parameters it changes. */
final class OurTraining {
  private static final long SEED = 1;

  private final Network network;
  private final TrainingStep step;

  OurTraining(Graph graph, Sparsifier method, OptimizerOptions options, int batch, int threads) {
    ThreadPool workers = new ThreadPool(threads);
    network = new Network(graph, method, SEED, batch, options.clips(), workers);
    step = new TrainingStep(network, options, workers);
  }

  /** Returns the outputs of a forward pass for training, packed row by row. */
  float[] logits(Tensor x) {
    Clock clock = new Clock(1, Long.MAX_VALUE);
    return network.forward(Phase.TRAIN, clock, x, x.rows()).toArray();
  }

  /** Trains on one batch and returns the loss before the step. */
  double run(Tensor x, int[] labels) {
    return step.run(x, labels);
  }
}
