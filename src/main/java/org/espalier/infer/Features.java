package org.espalier.infer;

import java.util.List;
import org.espalier.tensor.PaddedPlanes;

/**
 * The part of a plan that works on feature maps, in front of the layers that work on vectors.
 *
 * @param layers what to compute, each behind what it reads; the first is the source
 * @param last name of the layer whose maps go on to the layers behind
 * @param summaries what became of each convolution
 */
record Features(List<MapLayer> layers, String last, List<LayerSummary> summaries) {
  /** Copies the lists. */
  Features {
    layers = List.copyOf(layers);
    summaries = List.copyOf(summaries);
  }

  /** Returns how many values of an image go on to the layers behind. */
  int outputs() {
    PaddedPlanes planes =
        layers.stream().filter(l -> l.name().equals(last)).findFirst().orElseThrow().output();
    return planes.channels() * planes.height() * planes.width();
  }
}
