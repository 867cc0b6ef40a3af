package org.espalier.infer;

/** Hears from a session of one thread how far a run has come. */
interface RunListener {
  /** Hears nothing. */
  RunListener NONE =
      new RunListener() {
        @Override
        public void begins() {}

        @Override
        public void ends(int stage) {}
      };

  /** A run begins. */
  void begins();

  /**
   * A stage has ended, and the next one begins.
   *
   * @param stage its place among {@link Plan#stages}
   */
  void ends(int stage);
}
