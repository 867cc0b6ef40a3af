package org.espalier.train;

import org.espalier.data.Dataset;
import org.espalier.model.Preprocessing;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.tensor.Tensor;

/** Counts right answers of a network that is being trained. */
final class Evaluation {
  private final Network network;
  private final Preprocessing preprocessing;
  private final int batch;

  Evaluation(Network network, Preprocessing preprocessing, int batch) {
    this.network = network;
    this.preprocessing = preprocessing;
    this.batch = batch;
  }

  /** Returns the share of examples whose highest output is the label's. */
  double accuracy(Phase phase, Clock clock, Dataset data) {
    int right = 0;
    for (int from = 0; from < data.size(); from += batch) {
      int n = Math.min(batch, data.size() - from);
      Tensor x = data.examples().toInput(from, from + n, preprocessing);
      Tensor logits = network.forward(phase, clock, x, n);
      for (int i = 0; i < n; i++) {
        if (Loss.argMax(logits, i) == data.label(from + i)) {
          right++;
        }
      }
    }
    return (double) right / data.size();
  }
}
