package org.espalier.train;

import org.espalier.data.Batch;
import org.espalier.data.Batches;
import org.espalier.data.Dataset;
import org.espalier.model.Graph;
import org.espalier.model.Preprocessing;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;

/**
 * Takes the running statistics of batch normalisations anew, by one pass over training data without
 * changing a weight: pruning shifts what a layer emits, and statistics from before then mislead.
 */
public final class Recalibration {
  private static final int BATCH = 128;

  private Recalibration() {}

  /**
   * Sets the running means and variances of a graph to the mean over the batches of a dataset, in
   * order, the smaller one at the end left out.
   *
   * @param data training examples, at least one
   */
  public static void apply(
      Graph graph, Dataset data, Preprocessing preprocessing, ThreadPool workers) {
    int batch = Math.min(BATCH, data.size());
    Network network = new Network(graph, Sparsifier.NONE, 0, batch, false, workers);
    Clock clock = new Clock(1, 1);
    try (Batches batches = Batches.inOrder(data, preprocessing, batch)) {
      for (int i = 0; i < data.size() / batch; i++) {
        Batch examples = batches.next();
        network.forward(Phase.RECALIBRATE, clock, examples.x(), examples.size());
      }
    }
  }
}
