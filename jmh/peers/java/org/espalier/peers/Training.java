package org.espalier.peers;

/** Trains on one batch after the other. */
interface Training {
  /**
   * Trains on a batch.
   *
   * @param batch its number; they are taken round and round
   * @return the loss before the step
   */
  double step(int batch);

  /** Returns the job of training on and on, a step a call. */
  default Job job() {
    int[] next = {0};
    return Job.of(() -> step(next[0]++));
  }

  /**
   * Holds that two trainings from the same start have the same losses.
   *
   * @param tolerance how far they may be apart, as a share of the loss; 0 for the same bits
   */
  static void compare(Training ours, Training theirs, int steps, double tolerance) {
    for (int i = 0; i < steps; i++) {
      double our = ours.step(i);
      double their = theirs.step(i);
      if (!(Math.abs(our - their) <= tolerance * their)) {
        throw Pairing.differ("the loss of step " + i, our, their);
      }
    }
  }
}
