package org.espalier.data;

import org.espalier.io.Sha256;

/**
 * Data in two parts.
 *
 * @param training what the network learns from
 * @param heldOut what it is judged by: test data, or a validation part cut off the training data
 */
public record Split(Dataset training, Dataset heldOut) {
  /** Checks that both parts have examples of one shape and the same classes. */
  public Split {
    if (!training.examples().shape().equals(heldOut.examples().shape())
        || !training.classes().equals(heldOut.classes())) {
      throw new IllegalArgumentException(
          training + " and " + heldOut + " differ in shape or classes");
    }
  }

  /** Returns the SHA-256 of both parts, as 64 hexadecimal digits. */
  public String digest() {
    return new Sha256().add(training.digest()).add(heldOut.digest()).hex();
  }
}
