package org.espalier.infer;

import java.util.Optional;

/**
 * A stage of a plan: what runs by itself, one behind the other.
 *
 * @param name of the node, with whose value the stage ends; of a change of layout, of the maps
 * @param operator what it computes: {@code conv2d}, {@code concat}, {@code layout}
 * @param kernel by what: a {@link WeightFormat} or two, {@code pixels}, {@code copy}, or {@link
 *     #PLAIN_LOOPS}
 * @param layer what became of the layer that it is, if it has a weight
 */
public record StageSummary(
    String name, String operator, String kernel, Optional<LayerSummary> layer) {
  /** The kernel of operators that have none: their specification, an example after the other. */
  public static final String PLAIN_LOOPS = "plain loops";

  static StageSummary of(LayerSummary layer, String operator) {
    return new StageSummary(layer.name(), operator, layer.kernels(), Optional.of(layer));
  }

  static StageSummary of(String name, String operator, String kernel) {
    return new StageSummary(name, operator, kernel, Optional.empty());
  }
}
