package org.espalier.infer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.tensor.PaddedNchw;

/**
 * The part of a plan that works on feature maps, in front of the part that works on vectors.
 *
 * @param layers what to compute, each behind what it reads; the first is the source
 * @param outputs names of the layers whose maps become vectors
 * @param names of these layers, by those of the steps whose output they compute
 * @param summaries what became of each convolution
 */
record ConvPlan(
    List<ConvStep> layers,
    List<String> outputs,
    Map<String, String> names,
    List<LayerSummary> summaries) {
  /** Copies the collections. */
  ConvPlan {
    layers = List.copyOf(layers);
    outputs = List.copyOf(outputs);
    names = Map.copyOf(names);
    summaries = List.copyOf(summaries);
  }

  /** Returns how many values of an image each layer gives, by its name. */
  Map<String, Integer> widths() {
    Map<String, Integer> widths = new HashMap<>();
    for (ConvStep layer : layers) {
      PaddedNchw planes = layer.output();
      widths.put(layer.name(), planes.channels() * planes.height() * planes.width());
    }
    return widths;
  }
}
