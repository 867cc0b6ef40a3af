package org.espalier.model;

import java.util.List;
import java.util.Map;

/**
 * A network with all that is needed to use it: what a model file holds.
 *
 * @param graph operators and parameters
 * @param preprocessing how stored values become input
 * @param classes names of the outputs; none for outputs without names
 * @param provenance where it comes from: recipe, seed, digest of the data, accuracy, what was
 *     pruned
 */
public record Model(
    Graph graph,
    Preprocessing preprocessing,
    List<String> classes,
    Map<String, String> provenance) {
  /**
   * Copies the collections and checks that there is a name for each output or none at all, and a
   * channel or something of a column for each input.
   */
  public Model {
    classes = List.copyOf(classes);
    provenance = Map.copyOf(provenance);
    if (!classes.isEmpty() && classes.size() != graph.outputShape().size()) {
      throw new IllegalArgumentException(
          classes.size() + " class names for " + graph.outputShape().size() + " outputs");
    }
    if (preprocessing instanceof Preprocessing.Columns table
        && table.inputs() != graph.inputShape().size()) {
      throw new IllegalArgumentException(
          "columns for " + table.inputs() + " inputs, not " + graph.inputShape().size());
    }
    if (preprocessing instanceof Preprocessing.Pixels pixels
        && (graph.inputShape().rank() == 0 || !pixels.fits(graph.inputShape().dim(0)))) {
      throw new IllegalArgumentException(
          pixels.channels().size() + " channels of pixels for input " + graph.inputShape());
    }
  }

  /** Returns the name of an output: that of its class, or its index. */
  public String className(int output) {
    return classes.isEmpty() ? Integer.toString(output) : classes.get(output);
  }
}
