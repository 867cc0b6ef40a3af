package org.espalier.op;

/**
 * Where training stands. One object for a run, moved on by the trainer, read by all others. The
 * examples of a step may come in several parts, one batch each, whose gradients are added up.
 */
public final class Clock {
  private final int stepsPerEpoch;
  private final long totalSteps;
  private long step;
  private int examplesBefore;
  private boolean lastPart = true;

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

  /** Sets how many steps have been done; the next has one part unless {@link #part} says more. */
  public void set(long step) {
    this.step = step;
    part(0, true);
  }

  /** Returns how many of the step's examples came in parts before the present one. */
  public int examplesBefore() {
    return examplesBefore;
  }

  /** Returns whether the present part is the first of the step. */
  public boolean isFirstPart() {
    return examplesBefore == 0;
  }

  /** Returns whether the present part is the last of the step. */
  public boolean isLastPart() {
    return lastPart;
  }

  /**
   * Sets which part of the step comes next.
   *
   * @param examplesBefore how many of the step's examples came before, 0 for the first part
   * @param last whether it is the last one
   */
  public void part(int examplesBefore, boolean last) {
    this.examplesBefore = examplesBefore;
    this.lastPart = last;
  }
}
