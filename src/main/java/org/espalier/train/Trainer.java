package org.espalier.train;

import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.data.Batch;
import org.espalier.data.Batches;
import org.espalier.data.Dataset;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Parameter;
import org.espalier.model.Preprocessing;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.op.StageListener;
import org.espalier.op.Trainable;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Trains a graph in place; {@link #trained()} is what came of it. Everything random depends on the
 * seed, the step and the example alone, so a run gives the same bits for any number of threads, and
 * a run that was interrupted and goes on from its {@link #state()} the same as one that was not.
 */
public final class Trainer {
  /** Name in {@link #memory} of what the trainer itself adds up over an epoch. */
  private static final String EPOCH = "epoch";

  private final Graph graph;
  private final TrainOptions options;
  private final Network network;
  private final TrainingStep step;
  private final Clock clock;
  private final Dataset training;
  private final Dataset evaluated;
  private final Preprocessing preprocessing;
  private final Evaluation evaluation;

  /** Examples that go through the network together; the last of an epoch may be fewer. */
  private final int batchSize;

  /** Examples of a step; the last of an epoch may have fewer. */
  private final int stepSize;

  // Since the epoch began.
  private double lossSum;
  private long seen;
  private long correct;
  private double churnSum;
  private long churnCount;

  // Since the epoch began, or since a checkpoint was taken up inside it.
  private long timed;
  private long trainNanos;
  private long selectionBefore;
  private long waitNanos;
  private long selectedBefore;
  private long missedBefore;

  /**
   * Makes a trainer at step 0.
   *
   * @param graph the network, initialised; training changes its parameters
   * @param sparsifier the method
   * @param options the rest
   * @param training examples to train on
   * @param evaluated examples to evaluate on after each epoch
   * @param preprocessing how bytes become input
   * @param workers the threads
   * @throws InputException if it doesn't fit into memory
   */
  public Trainer(
      Graph graph,
      Sparsifier sparsifier,
      TrainOptions options,
      Dataset training,
      Dataset evaluated,
      Preprocessing preprocessing,
      ThreadPool workers) {
    this.graph = graph;
    this.options = options;
    batchSize = Math.min(options.batch(), training.size());
    stepSize = (int) Math.min((long) batchSize * options.accumulate(), training.size());
    requireMemory();
    this.network =
        new Network(
            graph, sparsifier, options.seed(), batchSize, options.optimizer().clips(), workers);
    int stepsPerEpoch = Math.ceilDiv(training.size(), stepSize);
    this.clock = new Clock(stepsPerEpoch, (long) stepsPerEpoch * options.epochs());
    this.step =
        new TrainingStep(
            network, options.optimizer(), options.labelSmoothing(), options.ema(), clock, workers);
    this.training = training;
    this.evaluated = evaluated;
    this.preprocessing = preprocessing;
    this.evaluation = new Evaluation(network, preprocessing, batchSize);
  }

  /** Checks that network, optimiser and averages fit into memory together. */
  private void requireMemory() {
    long trained = Network.trainedFloats(graph);
    Network.footprint(graph, batchSize)
        .addFloats(
            "the optimiser's moments", Footprint.product(trained, options.optimizer().moments()))
        .addFloats("averages of the parameters", options.ema() > 0 ? trained : 0)
        .require();
  }

  /** Returns where training stands. */
  public Clock clock() {
    return clock;
  }

  /** Returns the network that is trained. */
  @Internal
  public Network network() {
    return network;
  }

  /**
   * Trains until the end or until it is interrupted.
   *
   * @param interrupted asked after each step; true ends training at a point from which it can go on
   * @return whether training is complete
   * @throws InputException if the loss or a parameter becomes NaN or infinite
   */
  public boolean run(TrainingListener listener, BooleanSupplier interrupted) {
    try (Batches batches =
        Batches.shuffled(
            training,
            preprocessing,
            options.augmentation(),
            batchSize,
            options.seed(),
            nextBatch(),
            Kernels.random())) {
      while (clock.step() < clock.totalSteps()) {
        if (clock.step() % clock.stepsPerEpoch() == 0) {
          beginEpoch();
        }
        boolean stop;
        do {
          long start = System.nanoTime();
          step(batches, listener);
          trainNanos += System.nanoTime() - start;
          stop = interrupted.getAsBoolean();
        } while (!stop && clock.step() % clock.stepsPerEpoch() != 0);
        if (clock.step() % clock.stepsPerEpoch() == 0) {
          listener.epoch(report());
        }
        listener.savePoint();
        if (stop) {
          return clock.step() >= clock.totalSteps();
        }
      }
    }
    return true;
  }

  private void beginEpoch() {
    lossSum = 0;
    seen = 0;
    correct = 0;
    churnSum = 0;
    churnCount = 0;
    timed = 0;
    trainNanos = 0;
    selectionBefore = network.transformNanos();
    waitNanos = 0;
    selectedBefore = network.rowsSelected();
    missedBefore = network.bracketsMissed();
  }

  /** Returns the number of the batch with which the next step begins. */
  private long nextBatch() {
    long epoch = clock.step() / clock.stepsPerEpoch();
    long inEpoch = clock.step() % clock.stepsPerEpoch() * options.accumulate();
    return epoch * Math.ceilDiv(training.size(), batchSize) + inEpoch;
  }

  /** Sets who is told of the stages of each step, or null for nobody. */
  @Internal
  public void listen(@Nullable StageListener listener) {
    step.listen(listener);
  }

  private void step(Batches batches, TrainingListener listener) {
    int begin = (int) (clock.step() % clock.stepsPerEpoch()) * stepSize;
    int examples = Math.min(stepSize, training.size() - begin);
    step.begin(examples);
    while (step.isIncomplete()) {
      long start = System.nanoTime();
      Batch batch = batches.next();
      waitNanos += System.nanoTime() - start;
      step.loaded();
      step.add(batch.x(), batch.labels(), batch.size());
    }
    double mean = step.end();
    countChurn();
    step.counted();
    lossSum += mean * examples;
    seen += examples;
    timed += examples;
    correct += step.correct();
    listener.step(
        clock.step(),
        mean,
        (double) step.correct() / examples,
        imagesPerSecond(),
        selectionShare());
  }

  private void countChurn() {
    double churn = network.churn();
    if (churn >= 0) {
      churnSum += churn;
      churnCount++;
    }
  }

  private EpochReport report() {
    if (network.firstNonFinite(0).isPresent()) {
      throw step.diverged("the last update made a parameter NaN or infinite", 0);
    }
    return new EpochReport(
        (int) (clock.step() / clock.stepsPerEpoch()),
        clock.step(),
        lossSum / seen,
        (double) correct / seen,
        accuracy(Phase.EVALUATE, evaluated),
        network.prunes()
            ? OptionalDouble.of(accuracy(Phase.EVALUATE_PRUNED, evaluated))
            : OptionalDouble.empty(),
        options.optimizer().learningRate().now(clock),
        churnCount == 0 ? OptionalDouble.empty() : OptionalDouble.of(churnSum / churnCount),
        missShare(),
        imagesPerSecond(),
        selectionShare(),
        share(waitNanos));
  }

  private OptionalDouble missShare() {
    long selected = network.rowsSelected() - selectedBefore;
    long missed = network.bracketsMissed() - missedBefore;
    return selected == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) missed / selected);
  }

  private double imagesPerSecond() {
    return timed * 1e9 / Math.max(1, trainNanos);
  }

  private double selectionShare() {
    return share(network.transformNanos() - selectionBefore);
  }

  private double share(long nanos) {
    return (double) nanos / Math.max(1, trainNanos);
  }

  /**
   * Returns all tensors on which the rest of training depends, by name, not copied: parameters, the
   * method's own, what the optimiser keeps, and averages.
   */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Parameter p : graph.parameters()) {
      state.put(p.name(), p.value());
    }
    for (Trainable t : network.trainables()) {
      state.put(t.name(), t.value());
    }
    step.addState(state);
    return state;
  }

  /**
   * Returns what is remembered beside {@link #state()}, by name: no result depends on it, but what
   * listeners are told of masks and of an epoch that was broken off. It is copied.
   */
  public Map<String, long[]> memory() {
    Map<String, long[]> memory = new LinkedHashMap<>();
    memory.put(
        EPOCH,
        new long[] {
          Double.doubleToRawLongBits(lossSum),
          seen,
          correct,
          Double.doubleToRawLongBits(churnSum),
          churnCount,
          selectedBefore,
          missedBefore
        });
    network
        .transforms()
        .forEach(
            (node, transform) -> {
              if (transform.memoryWords() > 0) {
                LongBuffer words = LongBuffer.allocate(transform.memoryWords());
                transform.saveMemory(words);
                memory.put(node + "/masks", words.array());
              }
            });
    return memory;
  }

  /**
   * Takes up what {@link #memory()} gave, once {@link #state()} and clock are what they were then.
   *
   * @throws IllegalArgumentException if it can't have been given so
   */
  public void remember(Map<String, long[]> memory) {
    LongBuffer epoch = LongBuffer.wrap(memory.get(EPOCH));
    lossSum = Double.longBitsToDouble(epoch.get());
    seen = epoch.get();
    correct = epoch.get();
    churnSum = Double.longBitsToDouble(epoch.get());
    churnCount = epoch.get();
    selectedBefore = epoch.get();
    missedBefore = epoch.get();
    network
        .transforms()
        .forEach(
            (node, transform) -> {
              if (transform.memoryWords() > 0) {
                transform.restoreMemory(LongBuffer.wrap(memory.get(node + "/masks")));
              }
            });
  }

  /** Returns the share of examples whose highest output, by averaged weights, is the label's. */
  public double accuracy(Phase phase, Dataset data) {
    return step.averaged(() -> evaluation.accuracy(phase, clock, data));
  }

  /**
   * Returns the network that training has given so far: the graph itself, or where weights are
   * averaged a copy with the averages in it.
   */
  public Graph trained() {
    return step.averages() ? step.averaged(graph::copy) : graph;
  }
}
