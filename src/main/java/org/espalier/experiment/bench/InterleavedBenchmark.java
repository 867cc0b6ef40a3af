package org.espalier.experiment.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import org.espalier.InputException;
import org.espalier.experiment.timing.Conditions;
import org.espalier.experiment.timing.PairedTiming;
import org.espalier.experiment.timing.Rounds;
import org.espalier.machine.Gauges;

/**
 * Several engines under the same load, by {@link PairedTiming}. Before anything is timed their
 * results are compared with those of the first.
 */
public final class InterleavedBenchmark implements AutoCloseable {
  /**
   * What came out.
   *
   * @param latencies what requests took, engine by engine
   * @param conditions under which that was measured
   * @param names of the engines
   */
  public record Outcome(List<LatencyStats> latencies, Conditions conditions, List<String> names) {
    /** Copies the lists. */
    public Outcome {
      latencies = List.copyOf(latencies);
      names = List.copyOf(names);
    }

    /**
     * Returns why the times of an engine should not be believed; nothing if there is no reason.
     *
     * @param i which of them
     */
    public List<String> doubts(int i) {
      List<String> doubts = new ArrayList<>(conditions.doubts());
      doubts.addAll(Conditions.doubts(names.get(i), latencies.get(i).rounds()));
      return doubts;
    }

    /** Returns how many times as long an engine took as the first. */
    public double speedupOver(int i) {
      return latencies.getFirst().speedupOver(latencies.get(i));
    }

    /** Returns the same by turns: quartiles of the ratios of each round. */
    public double[] speedupByTurns(int i) {
      return latencies.getFirst().rounds().speedupOver(latencies.get(i).rounds());
    }

    /**
     * Returns why an engine's times, those of the first or the ratio of the two should not be
     * believed.
     */
    public List<String> doubtsOfSpeedup(int i) {
      Set<String> doubts = new LinkedHashSet<>(doubts(0));
      doubts.addAll(doubts(i));
      doubts.addAll(Conditions.doubts(speedupOver(i), speedupByTurns(i)));
      return List.copyOf(doubts);
    }
  }

  private final int batch;
  private final LoadProfile load;
  private final Gauges gauges;
  private final ExecutorService threads;
  private final List<Side> sides = new ArrayList<>();

  /** Requests that were taken from the queue. */
  private final AtomicLong taken = new AtomicLong();

  /**
   * Prepares requests and compares the answers.
   *
   * @throws InputException if the network's outputs aren't finite, or sessions for all streams
   *     don't fit into memory
   * @throws IllegalStateException if an engine's results are not those of the first
   * @throws DoesNotFitException if there is no room for so many examples
   */
  public InterleavedBenchmark(List<? extends Engine> engines, int batch, LoadProfile load) {
    this(engines, batch, load, Gauges.ofThisMachine());
  }

  /** The same, with gauges of one's own. */
  InterleavedBenchmark(List<? extends Engine> engines, int batch, LoadProfile load, Gauges gauges) {
    this.batch = batch;
    this.load = load;
    this.gauges = gauges;
    this.threads =
        Executors.newFixedThreadPool(
            load.streams(), Thread.ofPlatform().daemon().name("espalier-stream-", 1).factory());
    try {
      float[] x = noise(Math.multiplyExact(batch, engines.getFirst().inputs()));
      engines.forEach(engine -> sides.add(new Side(engine, x)));
      sides.forEach(this::compare);
    } catch (ArithmeticException | OutOfMemoryError e) {
      close();
      throw new DoesNotFitException(batch, engines.size(), e);
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
    float[] ours = sides.getFirst().answer();
    for (float y : ours) {
      if (!Float.isFinite(y)) {
        throw InputException.expected(
            "the network", "finite outputs for inputs from -1 to 1, to compare them", y);
      }
    }
    side.difference = difference(ours, side.answer());
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
   * @param warmUp seconds of each engine before that; more until the JVM has compiled them
   * @param seconds how long to measure each
   */
  public Outcome measure(double warmUp, double seconds) {
    int threads = sides.stream().mapToInt(side -> side.engine.threads()).max().orElseThrow();
    PairedTiming turns = new PairedTiming(gauges, warmUp, seconds, load.streams() * threads);
    turns.warmUp(sides.stream().map(side -> (PairedTiming.Side) side::warmUp).toList());
    long count =
        load.paced()
            ? Math.max(1, Math.round(load.rate() * turns.block() / 1e9))
            : sides.stream().mapToLong(side -> side.mostInBlock).min().orElseThrow();
    PairedTiming.Result result =
        turns.measure(
            sides.stream()
                .map(
                    side ->
                        (PairedTiming.Side)
                            nanos ->
                                load.queued() ? side.answerQueue(count) : side.answerFor(nanos))
                .toList());
    List<LatencyStats> latencies = new ArrayList<>();
    for (int i = 0; i < sides.size(); i++) {
      latencies.add(sides.get(i).result(result.rounds().get(i)));
    }
    return new Outcome(
        latencies, result.conditions(), sides.stream().map(side -> side.engine.name()).toList());
  }

  @Override
  public void close() {
    threads.shutdownNow();
    sides.forEach(side -> side.streams.forEach(stream -> stream.request().close()));
  }

  /** One of the engines. */
  private final class Side {
    private final Engine engine;
    private final List<RequestStream> streams = new ArrayList<>();
    private long elapsed;
    private long mostInBlock;
    private double difference;

    Side(Engine engine, float[] x) {
      this.engine = engine;
      engine.requireMemory(load.streams());
      for (int i = 0; i < load.streams(); i++) {
        streams.add(new RequestStream(engine.prepare(batch, x)));
      }
    }

    float[] answer() {
      Engine.Request request = streams.getFirst().request();
      request.run();
      return request.outputs();
    }

    /** Each caller waits for its answers, whatever the load: so all are as fast as they can. */
    double warmUp(long nanos) {
      double cost = answerFor(nanos);
      streams.forEach(RequestStream::forget);
      elapsed = 0;
      return cost;
    }

    double answerFor(long nanos) {
      return block(0, (stream, _) -> stream.answerFor(nanos));
    }

    double answerQueue(long count) {
      double interval = load.paced() ? 1e9 / load.rate() : 0;
      taken.set(0);
      return block(count, (stream, begin) -> stream.answerQueue(taken, count, begin, interval));
    }

    /** Returns what a request cost. */
    private double block(long atLeast, ObjLongConsumer<RequestStream> work) {
      streams.forEach(stream -> stream.beginBlock(atLeast));
      long begin = System.nanoTime();
      List<Future<?>> running = new ArrayList<>();
      for (RequestStream stream : streams) {
        running.add(threads.submit(() -> work.accept(stream, begin)));
      }
      running.forEach(this::await);
      long passed = System.nanoTime() - begin;
      elapsed += passed;
      long[] took = all(RequestStream::nanosOfBlock);
      mostInBlock = Math.max(mostInBlock, took.length);
      return load.atOnce() ? (double) passed / took.length : Math.max(1, took[took.length / 2]);
    }

    private void await(Future<?> running) {
      try {
        running.get();
      } catch (ExecutionException e) {
        throw switch (e.getCause()) {
          case RuntimeException fault -> fault;
          case OutOfMemoryError full -> new DoesNotFitException(batch, sides.size(), full);
          case null, default -> new IllegalStateException(e.getCause());
        };
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while measuring", e);
      }
    }

    private long[] all(Function<RequestStream, long[]> nanos) {
      return streams.stream().flatMapToLong(s -> Arrays.stream(nanos.apply(s))).sorted().toArray();
    }

    LatencyStats result(Rounds rounds) {
      return new LatencyStats(all(RequestStream::nanos), batch, elapsed, load.atOnce(), rounds);
    }
  }
}
