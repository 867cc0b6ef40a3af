package org.espalier.infer;

import java.util.List;

/**
 * What a plan computes and where: feature maps and other values by turns. Values that cross from
 * one phase to another, and all that aren't maps, lie in places, which are numbered from 0.
 *
 * @param phases what to compute, in order
 * @param widths elements of an example that each place has room for
 * @param inputs for each input of the network its place, or −1 if it is read as maps alone
 * @param outputs for each output of the network its place
 */
record Schedule(
    List<Phase> phases, List<Integer> widths, List<Integer> inputs, List<Integer> outputs) {
  /** Copies the lists. */
  Schedule {
    phases = List.copyOf(phases);
    widths = List.copyOf(widths);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** Returns the fully connected layers, in order. */
  List<LinearStep> layers() {
    return phases.stream()
        .filter(phase -> phase instanceof Phase.Rows)
        .flatMap(phase -> ((Phase.Rows) phase).stages().stream())
        .filter(stage -> stage instanceof VectorStage.Product)
        .map(stage -> ((VectorStage.Product) stage).layer())
        .toList();
  }

  /** Returns whether any phase works on maps. */
  boolean hasMaps() {
    return phases.stream().anyMatch(phase -> phase instanceof Phase.Maps);
  }

  /** Returns whether there are stages by plain loops. */
  boolean hasLoops() {
    return phases.stream()
        .filter(phase -> phase instanceof Phase.Rows)
        .flatMap(phase -> ((Phase.Rows) phase).stages().stream())
        .anyMatch(stage -> stage instanceof VectorStage.Loops);
  }
}
