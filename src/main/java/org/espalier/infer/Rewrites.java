package org.espalier.infer;

import org.espalier.model.Graph;
import org.espalier.rewrite.ChannelRemoval;
import org.espalier.rewrite.FoldBatchNorm;

/** How a network may be rewritten before it is compiled. */
public enum Rewrites {
  /** Not at all: results equal those of the network bit for bit, up to the sign of a zero. */
  NONE {
    @Override
    Graph apply(Graph graph) {
      return graph;
    }
  },
  /**
   * Batch normalisations go into the weights of convolutions; results are equal within rounding.
   */
  FOLDED {
    @Override
    Graph apply(Graph graph) {
      return FoldBatchNorm.apply(graph);
    }
  },
  /**
   * Besides, units and channels that emit a constant are taken out, and what it adds goes into the
   * biases of who reads them; so are those that nobody reads.
   */
  SMALLER {
    @Override
    Graph apply(Graph graph) {
      return FoldBatchNorm.apply(ChannelRemoval.apply(graph));
    }
  };

  /** Returns the network that is compiled. */
  abstract Graph apply(Graph graph);
}
