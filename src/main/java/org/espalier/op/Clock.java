package org.espalier.op;

/** Where training stands. One object for a run, moved on by the trainer, read by all others. */
public final class Clock {
  private final int stepsPerEpoch;
  private final long totalSteps;
  private long step;

  /**
   * Makes a clock at step 0.
   *
   * @param stepsPerEpoch steps that one pass over the training data takes, at least 1
   * @param totalSteps steps of the whole training
   */
  public Clock(int stepsPerEpoch, long totalSteps) {
    this.stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = totalSteps;
  }

  /** Returns how many steps have been done. */
  public long step() {
    return step;
  }

  /** Returns the steps of one epoch. */
  public int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** Returns the steps of the whole training. */
  public long totalSteps() {
    return totalSteps;
  }

  /** Sets how many steps have been done. */
  public void set(long step) {
    this.step = step;
  }
}
