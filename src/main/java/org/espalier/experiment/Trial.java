package org.espalier.experiment;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;

/**
 * Several engines under the same load, by turns in one JVM: a block of a fraction of a second of
 * each, round after round, so that all see the same machine. Before anything is timed their results
 * are compared with those of the first.
 */
public final class Trial implements AutoCloseable {
  private static final long LONGEST_BLOCK = 100_000_000;

  /** Rounds, unless a block would be longer than the longest: enough for quartiles. */
  private static final int ROUNDS = 20;

  /** A compiler that is not quiet prolongs the warm-up, but not beyond so many times its length. */
  private static final int MOST_WARM_UPS = 10;

  private final int batch;
  private final Load load;
  private final ExecutorService threads;
  private final List<Side> sides = new ArrayList<>();

  /** Requests that were taken from the queue. */
  private final AtomicLong taken = new AtomicLong();

  /**
   * Prepares requests and compares the answers.
   *
   * @throws IllegalStateException if an engine's results are not those of the first
   */
  public Trial(List<? extends Engine> engines, int batch, Load load) {
    this.batch = batch;
    this.load = load;
    this.threads =
        Executors.newFixedThreadPool(
            load.streams(), Thread.ofPlatform().daemon().name("espalier-stream-", 1).factory());
    try {
      float[] x = noise(batch * engines.getFirst().inputs());
      engines.forEach(engine -> sides.add(new Side(engine, x)));
      sides.forEach(this::compare);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static float[] noise(int n) {
    var random = new SplittableRandom(1);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    return x;
  }

  private void compare(Side side) {
    side.difference = difference(sides.getFirst().answer(), side.answer());
    if (!(side.difference <= side.engine.tolerance())) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s differs from %s by %s of the largest output; at most %s is expected",
              side.engine.name(),
              sides.getFirst().engine.name(),
              side.difference,
              side.engine.tolerance()));
    }
  }

  /** Returns the largest difference between outputs as a share of the largest of ours. */
  public static double difference(float[] ours, float[] theirs) {
    double largest = 0;
    double apart = 0;
    for (int i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs(ours[i]));
      apart = Math.max(apart, Math.abs((double) ours[i] - theirs[i]));
    }
    return apart == 0 ? 0 : apart / largest;
  }

  /** Returns how far each engine's outputs are from the first's, as a share of the largest. */
  public List<Double> differences() {
    return sides.stream().map(side -> side.difference).toList();
  }

  /**
   * Measures.
   *
   * @param warmUp seconds of each engine before that; more until the JVM's compiler has been quiet
   *     for half as long, which on a busy machine takes its time
   * @param seconds how long to measure each
   * @return for each engine what its requests took
   */
  public List<Latency> measure(double warmUp, double seconds) {
    long nanos = (long) (seconds * 1e9);
    long block = Math.clamp(nanos / ROUNDS, 1, LONGEST_BLOCK);
    warmUp((long) (warmUp * 1e9), block);
    long count =
        load.paced()
            ? Math.max(1, Math.round(load.rate() * block / 1e9))
            : sides.stream().mapToLong(side -> side.mostInBlock).min().orElseThrow();
    sides.forEach(Side::forget);
    for (long spent = 0; spent < nanos; spent += block) {
      for (Side side : sides) {
        if (load.queued()) {
          side.answerQueue(count);
        } else {
          side.answerFor(block);
        }
      }
    }
    return sides.stream().map(Side::result).toList();
  }

  /** Each caller waits for its answers, whatever the load: so all are as fast as they can. */
  private void warmUp(long nanos, long block) {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    long compiled = compiler.getTotalCompilationTime();
    long quiet = 0;
    long spent = 0;
    do {
      sides.forEach(side -> side.answerFor(block));
      sides.forEach(Side::forget);
      spent += block;
      quiet += block;
      if (compiler.getTotalCompilationTime() != compiled) {
        compiled = compiler.getTotalCompilationTime();
        quiet = 0;
      }
    } while (spent < nanos || (quiet < nanos / 2 && spent < MOST_WARM_UPS * nanos));
  }

  @Override
  public void close() {
    threads.shutdownNow();
    sides.forEach(side -> side.streams.forEach(stream -> stream.request().close()));
  }

  private static void await(Future<?> running) {
    try {
      running.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException fault
          ? fault
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    }
  }

  /** One of the engines. */
  private final class Side {
    private final Engine engine;
    private final List<RequestStream> streams = new ArrayList<>();
    private final List<Double> rounds = new ArrayList<>();
    private long elapsed;
    private long mostInBlock;
    private double difference;

    Side(Engine engine, float[] x) {
      this.engine = engine;
      for (int i = 0; i < load.streams(); i++) {
        streams.add(new RequestStream(engine.prepare(batch, x)));
      }
    }

    float[] answer() {
      Engine.Request request = streams.getFirst().request();
      request.run();
      return request.outputs();
    }

    void answerFor(long nanos) {
      block(0, (stream, _) -> stream.answerFor(nanos));
    }

    void answerQueue(long count) {
      double interval = load.paced() ? 1e9 / load.rate() : 0;
      taken.set(0);
      block(count, (stream, begin) -> stream.answerQueue(taken, count, begin, interval));
    }

    private void block(long atLeast, ObjLongConsumer<RequestStream> work) {
      streams.forEach(stream -> stream.beginBlock(atLeast));
      long begin = System.nanoTime();
      List<Future<?>> running = new ArrayList<>();
      for (RequestStream stream : streams) {
        running.add(threads.submit(() -> work.accept(stream, begin)));
      }
      running.forEach(Trial::await);
      long passed = System.nanoTime() - begin;
      elapsed += passed;
      long[] took = all(RequestStream::nanosOfBlock);
      mostInBlock = Math.max(mostInBlock, took.length);
      boolean atOnce = load.queued() && !load.paced();
      rounds.add(atOnce ? (double) passed / took.length : took[took.length / 2]);
    }

    private long[] all(Function<RequestStream, long[]> nanos) {
      return streams.stream().flatMapToLong(s -> Arrays.stream(nanos.apply(s))).sorted().toArray();
    }

    void forget() {
      streams.forEach(RequestStream::forget);
      rounds.clear();
      elapsed = 0;
    }

    Latency result() {
      double[] costs = rounds.stream().mapToDouble(Double::doubleValue).toArray();
      return new Latency(all(RequestStream::nanos), batch, elapsed, costs);
    }
  }
}
