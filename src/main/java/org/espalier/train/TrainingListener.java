package org.espalier.train;

/** Is told how training goes. Called from the thread that trains. */
public interface TrainingListener {
  /** Listens to nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * A step has been done.
   *
   * @param step steps done so far
   * @param loss of the step
   * @param accuracy share of the step's examples that were right
   * @param imagesPerSecond since the epoch began
   * @param selectionShare share of the time since then that deciding effective weights took
   */
  default void step(
      long step, double loss, double accuracy, double imagesPerSecond, double selectionShare) {}

  /** An epoch has been done and evaluated. */
  default void epoch(EpochReport report) {}

  /** Training stands at a point from which it can go on later: the place to save it. */
  default void savePoint() {}
}
