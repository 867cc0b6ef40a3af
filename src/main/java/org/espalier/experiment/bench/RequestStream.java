package org.espalier.experiment.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A session that answers requests on a thread of its own, and how long each took. */
final class RequestStream {
  /** A thread that sleeps may wake so much later: before that it waits awake. */
  private static final long AWAKE_NANOS = 100_000;

  private static final int FIRST_ROOM = 1 << 16;

  private final Engine.Request request;
  private long[] nanos = new long[FIRST_ROOM];
  private int requests;
  private int before;
  private int mostInBlock;

  RequestStream(Engine.Request request) {
    this.request = request;
  }

  Engine.Request request() {
    return request;
  }

  /** Returns how long each request took. */
  long[] nanos() {
    return Arrays.copyOf(nanos, requests);
  }

  /** Returns the same of those since {@link #beginBlock}. */
  long[] nanosOfBlock() {
    return Arrays.copyOfRange(nanos, before, requests);
  }

  /** Forgets all requests. */
  void forget() {
    mostInBlock = Math.max(mostInBlock, requests - before);
    requests = 0;
    before = 0;
  }

  /** Makes room for more requests than any block had, while nothing is timed. */
  void beginBlock(long atLeast) {
    mostInBlock = Math.max(mostInBlock, requests - before);
    before = requests;
    long room = requests + Math.max(FIRST_ROOM, Math.max(2L * mostInBlock, atLeast));
    if (room > nanos.length) {
      nanos = Arrays.copyOf(nanos, Math.toIntExact(room));
    }
  }

  /** Answers one request after the other for a while, at least one. */
  void answerFor(long duration) {
    long now = System.nanoTime();
    long end = now + duration;
    do {
      request.run();
      long after = System.nanoTime();
      add(after - now);
      now = after;
    } while (now - end < 0 && requests < nanos.length);
  }

  /**
   * Answers requests from a queue until there are none. They were made before and come in order:
   * who takes one before its time waits for it.
   *
   * @param taken how many requests were taken by any session
   * @param count how many there are
   * @param begin when the first comes
   * @param interval nanoseconds from one to the next
   */
  void answerQueue(AtomicLong taken, long count, long begin, double interval) {
    for (long i = taken.getAndIncrement(); i < count; i = taken.getAndIncrement()) {
      long came = begin + (long) (i * interval);
      for (long left = came - System.nanoTime(); left > 0; left = came - System.nanoTime()) {
        if (left > AWAKE_NANOS) {
          LockSupport.parkNanos(left - AWAKE_NANOS);
        } else {
          Thread.onSpinWait();
        }
      }
      request.run();
      add(System.nanoTime() - came);
    }
  }

  private void add(long took) {
    nanos[requests++] = took;
  }
}
