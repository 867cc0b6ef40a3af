package org.espalier.infer;

import java.util.List;
import org.espalier.model.Graph;
import org.espalier.model.Step;

/**
 * The part of a plan that works on feature maps, in front of the layers that work on vectors.
 *
 * @param graph the network that holds its parameters, a copy of the plan's own
 * @param steps what to do, up to where maps become vectors
 */
record Features(Graph graph, List<Step> steps) {
  /** Copies the list. */
  Features {
    steps = List.copyOf(steps);
  }

  /** Returns how many values of an image go on to the layers behind. */
  int outputs() {
    return steps.getLast().output().size();
  }
}
