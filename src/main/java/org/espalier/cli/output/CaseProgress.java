package org.espalier.cli.output;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.espalier.experiment.timing.Cases;

/**
 * Says on the error stream what is being measured and how long it may go on, once it lasts longer
 * than two seconds: a line for a new case, but not every instant, and now and then for an old one.
 */
public final class CaseProgress implements Cases, AutoCloseable {
  private static final long SILENCE = 2_000_000_000L;
  private static final long BETWEEN_CASES = 5_000_000_000L;
  private static final long SIGN_OF_LIFE = 30_000_000_000L;
  private static final long LOOK_MILLIS = 500;

  private final int count;
  private final PrintWriter err;
  private final LongSupplier clock;
  private final long start;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("espalier-progress").factory());

  private int current;
  private String what = "";
  private long begun;
  private int said;
  private long saidAt;

  /**
   * Begins.
   *
   * @param count how many cases there will be
   * @param clock nanoseconds
   */
  CaseProgress(int count, PrintWriter err, LongSupplier clock) {
    this.count = count;
    this.err = err;
    this.clock = clock;
    start = clock.getAsLong();
    saidAt = start + SILENCE - BETWEEN_CASES;
  }

  /** Begins, and looks by itself from time to time until it is closed. */
  public static CaseProgress start(int count, PrintWriter err) {
    CaseProgress progress = new CaseProgress(count, err, System::nanoTime);
    Future<?> _ =
        progress.timer.scheduleAtFixedRate(
            progress::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    return progress;
  }

  @Override
  public synchronized void begin(String what) {
    this.what = what;
    begun = clock.getAsLong();
    current++;
    look();
  }

  /** Says what is going on, if it is time to. */
  synchronized void look() {
    long now = clock.getAsLong();
    boolean news = current > said && now - saidAt >= BETWEEN_CASES;
    if (current > 0 && (news || (said > 0 && now - saidAt >= SIGN_OF_LIFE))) {
      err.println(line(now));
      err.flush();
      said = current;
      saidAt = now;
    }
  }

  private String line(long now) {
    StringBuilder line = new StringBuilder("measuring ").append(what);
    line.append(
        String.format(
            Locale.ROOT, ": case %d of %d, %s so far", current, count, duration(now - start)));
    int done = current - 1;
    long each = done > 0 ? (begun - start) / done : 0;
    long left = each * (count - done) - (now - begun);
    if (now - begun <= each) { // else this case is not like the others, and nobody knows
      line.append(", about ").append(duration(left)).append(" left");
    }
    return line.toString();
  }

  private static String duration(long nanos) {
    long seconds = Math.round(nanos / 1e9);
    return seconds < 120 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
