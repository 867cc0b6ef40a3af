package org.espalier.experiment.bench;

/** Something that runs a network: a compiled plan, or another program. */
public interface Engine {
  /** Returns who it is. */
  String name();

  /** Returns how many threads work on a request. */
  int threads();

  /** Returns how many values an example has, those of all inputs. */
  int inputs();

  /**
   * Returns how far an output may be from ours, as a share of the largest; 0 for the same bits.
   * Further, and it would not be the same network.
   */
  double tolerance();

  /**
   * Checks that so many requests fit into memory at the same time.
   *
   * @throws org.espalier.InputException if it is known that they don't
   */
  void requireMemory(int requests);

  /**
   * Prepares a request, always the same, with a session and threads of its own.
   *
   * @param batch number of examples
   * @param x the examples, one behind the other; of several inputs, those of the first come first
   */
  Request prepare(int batch, float[] x);

  /** A request that can be made again and again, by one thread at a time. */
  interface Request extends AutoCloseable {
    /** Computes the outputs. */
    void run();

    /** Returns what was computed last: of each example the first output, one behind the other. */
    float[] outputs();

    /** Ends the session. */
    @Override
    void close();
  }
}
