package org.espalier.peers;

import org.jspecify.annotations.Nullable;

/**
 * What is timed.
 *
 * @param run the work
 * @param before done before each call and not timed, such as bringing the next weights; or null
 */
record Job(Runnable run, @Nullable Runnable before) {
  static Job of(Runnable run) {
    return new Job(run, null);
  }

  /** Returns the nanoseconds that one of so many calls takes. */
  double time(int calls) {
    if (before == null) {
      long start = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        run.run();
      }
      return (double) (System.nanoTime() - start) / calls;
    }
    long sum = 0;
    for (int i = 0; i < calls; i++) {
      before.run();
      long start = System.nanoTime();
      run.run();
      sum += System.nanoTime() - start;
    }
    return (double) sum / calls;
  }
}
