package org.espalier.model;

import java.util.List;
import java.util.Map;

/**
 * A network with all that is needed to use it: what a model file holds.
 *
 * @param graph operators and parameters
 * @param preprocessing how stored values become input
 * @param classes names of the outputs
 * @param provenance where it comes from: recipe, seed, digest of the data, accuracy, what was
 *     pruned
 */
public record Model(
    Graph graph,
    Preprocessing preprocessing,
    List<String> classes,
    Map<String, String> provenance) {
  /**
   * Copies the collections and checks that there is a name for each output, and a channel or
   * something of a column for each input.
   */
  public Model {
    classes = List.copyOf(classes);
    provenance = Map.copyOf(provenance);
    if (classes.size() != graph.outputShape().size()) {
      throw new IllegalArgumentException(
          classes.size() + " class names for " + graph.outputShape().size() + " outputs");
    }
    if (preprocessing instanceof Preprocessing.Columns table
        && table.inputs() != graph.inputShape().size()) {
      throw new IllegalArgumentException(
          "columns for " + table.inputs() + " inputs, not " + graph.inputShape().size());
    }
    if (preprocessing instanceof Preprocessing.Pixels pixels
        && !pixels.fits(graph.inputShape().dim(0))) {
      throw new IllegalArgumentException(
          pixels.channels().size() + " channels of pixels for input " + graph.inputShape());
    }
  }
}
