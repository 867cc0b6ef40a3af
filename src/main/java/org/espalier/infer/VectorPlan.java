package org.espalier.infer;

import java.util.List;

/**
 * The part of a plan that works on vectors, behind the part that works on feature maps.
 *
 * @param stages what to compute, each behind what it reads
 * @param widths elements of an example that each place has room for
 * @param input the place of the network's input, or −1 if nobody reads it as a vector
 * @param features the places of what the part before gives, in its order
 * @param output the place of the network's output
 */
record VectorPlan(
    List<VectorStage> stages, List<Integer> widths, int input, List<Integer> features, int output) {
  /** Copies the lists. */
  VectorPlan {
    stages = List.copyOf(stages);
    widths = List.copyOf(widths);
    features = List.copyOf(features);
  }

  /** Returns the layers, in order. */
  List<LinearStep> layers() {
    return stages.stream()
        .filter(stage -> stage instanceof VectorStage.Product)
        .map(stage -> ((VectorStage.Product) stage).layer())
        .toList();
  }
}
