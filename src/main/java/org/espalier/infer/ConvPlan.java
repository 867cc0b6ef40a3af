package org.espalier.infer;

import java.util.List;

/**
 * A part of a plan that works on feature maps, image by image or on sixteen images side by side.
 *
 * @param layers what to compute, each behind what it reads; the sources come first
 * @param sources how many of them are sources
 * @param outputs names of the layers whose maps others read, in rows
 */
record ConvPlan(List<ConvStep> layers, int sources, List<String> outputs) {
  /** Copies the lists. */
  ConvPlan {
    layers = List.copyOf(layers);
    outputs = List.copyOf(outputs);
  }

  /** Returns the largest maps between two layers, as floats of an image. */
  long largest() {
    return layers.stream().mapToLong(l -> l.output().length()).max().orElse(0);
  }
}
