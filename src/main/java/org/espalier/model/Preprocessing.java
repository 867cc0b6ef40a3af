package org.espalier.model;

/**
 * How bytes become the network's input: {@code x = (byte / 255 − mean) / deviation}, computed as
 * {@code fma(byte, scale, shift)}.
 *
 * @param mean mean of the training data, of bytes scaled to [0, 1]
 * @param deviation their standard deviation, above 0
 */
public record Preprocessing(float mean, float deviation) {
  /** Checks the deviation. */
  public Preprocessing {
    if (!(deviation > 0) || !Float.isFinite(deviation) || !Float.isFinite(mean)) {
      throw new IllegalArgumentException(
          "preprocessing needs a finite mean and a deviation above 0, got "
              + mean
              + ", "
              + deviation);
    }
  }

  /** Returns by what a byte is multiplied: 1 / (255 · deviation). */
  public float scale() {
    return (float) (1 / (255.0 * deviation));
  }

  /** Returns what is added then: −mean / deviation. */
  public float shift() {
    return (float) (-(double) mean / deviation);
  }
}
