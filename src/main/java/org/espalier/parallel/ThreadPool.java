package org.espalier.parallel;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;

/**
 * The one thread pool. A job is a number of pieces, each of which writes outputs of its own; the
 * threads take pieces as they become free, and since no sum is ever cut at a piece's border, the
 * result does not depend on how many threads there are or which takes what.
 *
 * <p>Running a job allocates nothing. A job must not start another on the same pool; jobs of
 * several callers run one after the other.
 */
public final class ThreadPool implements AutoCloseable {
  /** The pieces of a job. */
  @FunctionalInterface
  public interface Pieces {
    /** Computes piece {@code index}; called once for each index, from any thread. */
    void compute(int index);
  }

  /** Iterations of waiting awake, about 50 µs, before a thread sleeps. */
  private static final int SPINS = 2_000;

  /** Low half of a ticket that is good for nothing. */
  private static final int NO_PIECE = Integer.MAX_VALUE;

  private static final Cleaner CLEANER = Cleaner.create();

  private final Pool pool;
  private final Cleaner.Cleanable end;

  /**
   * Makes a pool. Its threads end when it is closed, or some time after nobody refers to it any
   * more.
   *
   * @param threads how many threads compute, the caller's included; at least 1
   * @throws InputException if the system gives no more threads
   */
  public ThreadPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
    pool = new Pool(threads);
    end = CLEANER.register(this, pool::close);
    try {
      pool.start();
    } catch (OutOfMemoryError e) { // which is how Java says it
      pool.close();
      throw new InputException(
          threads + " threads: the system gives no more than " + pool.started() + " of them", e);
    }
  }

  /** Returns how many threads compute, the caller's included. */
  public int threads() {
    return pool.helpers.length + 1;
  }

  /**
   * Computes pieces 0 to {@code n} − 1 and returns when all are done. If pieces throw, the rest are
   * still computed and the first exception seen is thrown here.
   */
  public void run(int n, Pieces job) {
    try {
      pool.run(n, job);
    } finally {
      Reference.reachabilityFence(this); // or the threads could be ended meanwhile
    }
  }

  /** Ends the helper threads. */
  @Override
  public void close() {
    end.clean();
  }

  /** What the helper threads see: nothing here refers to the {@link ThreadPool} that own it. */
  private static final class Pool {
    private final Thread[] helpers;

    /** How long to wait awake: not at all if that would take a processor from who computes. */
    private final int spins;

    /**
     * High half: number of the job; low half: the next piece. Only who advances it owns a piece.
     */
    private final AtomicLong ticket = new AtomicLong();

    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile int count;
    private volatile @Nullable Pieces pieces;
    private volatile @Nullable Thread caller;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    Pool(int threads) {
      helpers = new Thread[threads - 1];
      spins = threads > Runtime.getRuntime().availableProcessors() ? 0 : SPINS;
      for (int i = 0; i < helpers.length; i++) {
        helpers[i] =
            Thread.ofPlatform().daemon().name("espalier-worker-" + (i + 1)).unstarted(this::help);
      }
    }

    void start() {
      for (Thread helper : helpers) {
        helper.start();
      }
    }

    /** Returns how many threads there are, the caller's included. */
    long started() {
      return 1 + Arrays.stream(helpers).filter(t -> t.getState() != Thread.State.NEW).count();
    }

    void run(int n, Pieces job) {
      if (helpers.length == 0 || n <= 1) {
        for (int i = 0; i < n; i++) {
          job.compute(i);
        }
        return;
      }
      synchronized (this) {
        if (closed) {
          throw new IllegalStateException("the pool is closed");
        }
        // A thread may still look at the last job's ticket: it must not win a piece of this one
        // with
        // it.
        long number = (ticket.get() >>> 32) + 2;
        ticket.set(((number - 1) << 32) | NO_PIECE);
        caller = Thread.currentThread();
        failure = null;
        pieces = job;
        count = n;
        unfinished.set(n);
        ticket.set(number << 32);
        for (int i = 0; i < Math.min(helpers.length, n - 1); i++) { // more would find no piece
          LockSupport.unpark(helpers[i]);
        }
        take();
        for (int waited = 0; unfinished.get() > 0; waited++) {
          rest(waited);
        }
        pieces = null;
        Throwable thrown = failure;
        if (thrown instanceof RuntimeException e) {
          throw e;
        }
        if (thrown instanceof Error e) {
          throw e;
        }
      }
    }

    private void help() {
      long seen = 0;
      int waited = 0;
      while (!closed) {
        long job = ticket.get() >>> 32;
        if (job == seen) {
          rest(waited++);
        } else {
          seen = job;
          waited = 0;
          take();
        }
      }
    }

    /** Computes pieces of the current job until none is left to take. */
    private void take() {
      while (true) {
        long t = ticket.get();
        Pieces job = pieces;
        int index = (int) t;
        if (job == null || index >= count) {
          return;
        }
        // If this succeeds the job was unfinished all along, so that `job` and `count` were its
        // own.
        if (ticket.compareAndSet(t, t + 1)) {
          try {
            job.compute(index);
          } catch (RuntimeException | Error e) {
            failure = e;
          }
          if (unfinished.decrementAndGet() == 0) {
            LockSupport.unpark(caller);
          }
        }
      }
    }

    private void rest(int waited) {
      if (waited < spins) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }

    void close() {
      synchronized (this) {
        closed = true;
      }
      for (Thread helper : helpers) {
        LockSupport.unpark(helper);
      }
    }
  }
}
