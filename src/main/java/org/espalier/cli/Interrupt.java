package org.espalier.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ctrl-C or SIGTERM, as seen by a job that has something to keep. While this is open a signal does
 * not end the program at once: the job, which asks {@link #getAsBoolean()} at every step, finds
 * true, writes its checkpoint, says so and closes; then the JVM ends with the signal's exit code. A
 * job that doesn't close in time is ended all the same.
 *
 * <pre>{@code
 * try (Interrupt interrupt = Interrupt.open()) {
 *   trainer.run(interrupt);
 *   out.println(…);
 * }
 * }</pre>
 */
final class Interrupt implements BooleanSupplier, AutoCloseable {
  private static final long GRACE_SECONDS = 30;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::request, "espalier-interrupt");
  private volatile boolean requested;

  private Interrupt() {}

  /** Starts to watch for signals. */
  static Interrupt open() {
    Interrupt interrupt = new Interrupt();
    Runtime.getRuntime().addShutdownHook(interrupt.hook);
    return interrupt;
  }

  /** Returns whether the job shall stop. */
  @Override
  public boolean getAsBoolean() {
    return requested;
  }

  /** The hook: asks the job to stop and waits until it has. */
  private void request() {
    requested = true;
    try {
      closed.await(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says that nothing is left to be kept; the JVM may end. */
  @Override
  public void close() {
    closed.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the JVM has begun to end, and the hook, which no longer waits, is part of that
      }
    }
  }
}
