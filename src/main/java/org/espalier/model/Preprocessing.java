package org.espalier.model;

/**
 * How bytes become the network's input: {@code x = (byte / 255 − mean) / deviation}.
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

  /** Returns the input value of a byte, taken as unsigned. */
  public float apply(byte b) {
    return ((b & 0xff) / 255f - mean) / deviation;
  }
}
