package org.espalier.infer;

import org.espalier.tensor.PaddedNchw;

/** Feature maps of an image or of a group of images side by side. */
final class FeatureMaps {
  private final PaddedNchw planes;
  private final float[] data;

  /** Takes an array that is at least {@link PaddedNchw#length} long. */
  FeatureMaps(PaddedNchw planes, float[] data) {
    this.planes = planes;
    this.data = data;
  }

  /** Returns their layout. */
  PaddedNchw planes() {
    return planes;
  }

  /** Returns where they are. */
  float[] data() {
    return data;
  }

  /** Returns where the first pixel of a channel is. */
  int first(int channel) {
    return planes.first(channel);
  }
}
