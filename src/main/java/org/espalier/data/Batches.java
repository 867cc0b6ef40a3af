package org.espalier.data;

import java.util.Arrays;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a dataset, epoch after epoch without end, prepared by one background thread while
 * the caller works on the batch before. Which examples batch b has is a pure function of the seed
 * and b, so that a resumed run sees what the uninterrupted one would have. The last batch of an
 * epoch is smaller where the batch size doesn't divide the dataset.
 *
 * <p>There are two buffers: a batch is valid until the next is asked for. Neither thread allocates
 * anything after construction. One thread may call.
 */
@Internal
public final class Batches implements AutoCloseable {
  private final Dataset data;
  private final Writer writer;
  private final int batchSize;
  private final int perEpoch;

  /** Null where the examples keep their order. */
  private final @Nullable Shuffle shuffle;

  /** The examples of the epoch that is being prepared; belongs to the background thread. */
  private final int[] order;

  /** Two buffers, used in turn. */
  private final Batch[] full = new Batch[2];

  /** The same for the smaller batch at the end of an epoch, if there is one. */
  private final Batch[] last = new Batch[2];

  private final Thread thread;
  private long waitedNanos;

  // Numbers of batches since the first; guarded by `this`. The background thread may be at most one
  // ahead of the batch that the caller holds, else it would write over it.
  private long ready;
  private long given;
  private boolean closed;
  private @Nullable Throwable failure;

  private final long first;

  /** Writes an example as it is shown in an epoch. */
  @FunctionalInterface
  private interface Writer {
    void write(long epoch, int example, float[] x, int xo);
  }

  private Batches(
      Dataset data, Writer writer, int batchSize, @Nullable Shuffle shuffle, long first) {
    if (batchSize < 1 || first < 0) {
      throw new IllegalArgumentException("batch size " + batchSize + ", first batch " + first);
    }
    this.data = data;
    this.writer = writer;
    this.batchSize = Math.min(batchSize, data.size());
    this.perEpoch = Math.ceilDiv(data.size(), this.batchSize);
    this.shuffle = shuffle;
    this.first = first;
    this.order = new int[data.size()];
    int rest = data.size() % this.batchSize;
    for (int i = 0; i < full.length; i++) {
      full[i] = newBatch(this.batchSize);
      last[i] = rest == 0 ? full[i] : newBatch(rest);
    }
    this.thread = Thread.ofPlatform().daemon().name("espalier-batches").unstarted(this::prepare);
  }

  /**
   * Starts a stream of batches that are shuffled anew in each epoch.
   *
   * @param augmentation how the images are varied, which depends on seed, epoch and example alone
   * @param batchSize examples in a batch; cut to the size of the dataset
   * @param seed the run's seed
   * @param first number of the batch to start with, counted from 0 at the start of epoch 0
   * @throws InputException if what is to be varied are no images
   */
  public static Batches shuffled(
      Dataset data,
      Preprocessing preprocessing,
      Augmentation augmentation,
      int batchSize,
      long seed,
      long first,
      RandomKernels random) {
    Shuffle shuffle = new Shuffle(RandomKey.of(seed, "shuffle"), data.size(), random);
    return start(
        new Batches(
            data,
            writer(data, preprocessing, augmentation, seed, random),
            batchSize,
            shuffle,
            first));
  }

  /** Starts a stream of batches in the order of the dataset, which repeats itself. */
  public static Batches inOrder(Dataset data, Preprocessing preprocessing, int batchSize) {
    return start(new Batches(data, plain(data, preprocessing), batchSize, null, 0));
  }

  private static Writer plain(Dataset data, Preprocessing preprocessing) {
    Examples.Inputs inputs = data.examples().inputs(preprocessing);
    return (_, example, x, xo) -> inputs.write(example, x, xo);
  }

  private static Writer writer(
      Dataset data,
      Preprocessing preprocessing,
      Augmentation augmentation,
      long seed,
      RandomKernels random) {
    if (augmentation.equals(Augmentation.NONE)) {
      return plain(data, preprocessing);
    }
    if (!(data.examples() instanceof Images images)) {
      throw InputException.expected(data.name(), "images, for augmentation", "a table");
    }
    RandomKey key = RandomKey.of(seed, "augmentation");
    return new Augmenter(images, preprocessing, augmentation, key, random)::write;
  }

  private static Batches start(Batches batches) {
    batches.thread.start();
    return batches;
  }

  private Batch newBatch(int size) {
    return new Batch(Tensor.zeros(size, data.examples().shape().size()), new int[size]);
  }

  /** Returns the number of batches in an epoch. */
  public int perEpoch() {
    return perEpoch;
  }

  /**
   * Returns the next batch and gives the one before back to be overwritten.
   *
   * @throws IllegalStateException if the stream is closed
   */
  public synchronized Batch next() {
    if (given == ready && failure == null && !closed) {
      long start = System.nanoTime();
      awaitUninterruptibly();
      waitedNanos += System.nanoTime() - start;
    }
    if (closed) {
      throw new IllegalStateException("the batches are closed");
    }
    if (given == ready && failure instanceof RuntimeException e) {
      throw e;
    }
    if (given == ready && failure instanceof Error e) {
      throw e;
    }
    Batch batch = buffer(given++);
    notifyAll();
    return batch;
  }

  /** Returns how long the caller has waited in {@link #next} because preparation was slower. */
  public synchronized long waitedNanos() {
    return waitedNanos;
  }

  /** Waits for a batch; an interruption is kept for the caller to see afterwards. */
  private synchronized void awaitUninterruptibly() {
    boolean interrupted = false;
    while (given == ready && failure == null && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Batch buffer(long sinceFirst) {
    boolean isLast = (first + sinceFirst) % perEpoch == perEpoch - 1;
    return (isLast ? last : full)[(int) (sinceFirst & 1)];
  }

  /** The background thread's work. */
  private void prepare() {
    try {
      for (long b = 0; awaitFreeBuffer(b); b++) {
        int inEpoch = (int) ((first + b) % perEpoch);
        long epoch = (first + b) / perEpoch;
        if (b == 0 || inEpoch == 0) {
          startEpoch(epoch);
        }
        fill(buffer(b), epoch, inEpoch * batchSize);
        publish(b + 1);
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void startEpoch(long epoch) {
    Arrays.setAll(order, i -> i);
    if (shuffle != null) {
      shuffle.shuffle(epoch, order);
    }
  }

  private void fill(Batch batch, long epoch, int from) {
    Tensor x = batch.x();
    for (int i = 0; i < batch.size(); i++) {
      int example = order[from + i];
      writer.write(epoch, example, x.data(), x.row(i));
      batch.labels()[i] = data.label(example);
    }
  }

  /** Waits until batch {@code b} can be written; false means that the stream was closed. */
  private synchronized boolean awaitFreeBuffer(long b) {
    // The caller holds batch given − 1, so of the two buffers the one of given − 2 is free.
    while (b > given && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IllegalStateException("somebody interrupted the preparation of batches", e);
      }
    }
    return !closed;
  }

  private synchronized void publish(long count) {
    ready = count;
    notifyAll();
  }

  private synchronized void fail(Throwable thrown) {
    failure = thrown;
    notifyAll();
  }

  /** Ends the background thread and returns when it has ended. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
