package org.espalier.sparsify;

import java.nio.LongBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.espalier.kernel.Kernels;
import org.espalier.op.Clock;
import org.espalier.op.EffectiveWeight;
import org.espalier.op.Phase;
import org.espalier.op.WeightTransform;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;

/**
 * Targeted dropout of single weights, ranked by magnitude within each unit. While training they are
 * ranked for the next step as soon as the optimiser has changed them.
 */
final class TargetedWeights implements WeightTransform, ThreadPool.Pieces {
  /** Elements that are worth a hand-over to another thread. */
  private static final int PIECE = 32 * 1024;

  private final TargetedDropout method;
  private final Tensor weight;
  private final RandomKey key;
  private final ThreadPool workers;
  private final int rowsPerPiece;

  /** All but the {@link #k} smallest of each row. */
  private final BitMask ranked;

  /** Those, and of the others what the draw spared. */
  private final BitMask keep;

  private final MaskHistory history;
  private final Brackets brackets;

  /** Rows ranked since the optimiser's last step began. */
  private final AtomicInteger rankedRows = new AtomicInteger();

  private final AtomicLong selected = new AtomicLong();
  private final AtomicLong missed = new AtomicLong();
  private long step;
  private int k;
  private boolean ranks;
  private boolean learns;
  private boolean training;

  /** Whether rows that count as ranked must be so again: what was ranked is in no checkpoint. */
  private boolean rankedIsLost;

  private double rate;

  TargetedWeights(TargetedDropout method, Tensor weight, RandomKey key, ThreadPool workers) {
    this.method = method;
    this.weight = weight;
    this.key = key;
    this.workers = workers;
    this.rowsPerPiece = Math.max(1, PIECE / Math.max(1, weight.cols()));
    this.ranked = new BitMask(weight.rows(), weight.cols());
    this.keep = new BitMask(weight.rows(), weight.cols());
    this.history = new MaskHistory(keep);
    this.brackets = new Brackets(weight, workers.threads());
  }

  @Override
  public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
    if (phase == Phase.EVALUATE || phase == Phase.RECALIBRATE) {
      effective.plain();
      return;
    }
    int candidates = method.target().candidates(weight.cols(), method.ramp(), clock);
    training = phase == Phase.TRAIN;
    // Not straight behind a step, other weights may be in place.
    boolean done = training && rankedRows.get() == weight.rows() && candidates == k;
    ranks = !done || rankedIsLost;
    learns = training && !done;
    rankedIsLost = false;
    rankedRows.set(0);
    k = candidates;
    step = clock.step();
    rate = method.dropRate() * method.ramp().drop(clock);
    workers.run(Math.ceilDiv(weight.rows(), rowsPerPiece), this);
    if (training) {
      history.next(keep);
    }
    effective.masked(training ? keep : ranked);
  }

  /** Ranks some rows, unless that is done, and draws for them. */
  @Override
  public void compute(int piece) {
    int from = piece * rowsPerPiece;
    int to = Math.min(from + rowsPerPiece, weight.rows());
    if (ranks) {
      rank(from, to, learns);
    }
    if (training) {
      int at = keep.row(from);
      System.arraycopy(ranked.words(), at, keep.words(), at, keep.row(to) - at);
      Kernels.random().spare(key, step, from, to - from, weight.cols(), rate, keep.words(), at);
    }
  }

  @Override
  public void afterRows(int from, int to) {
    rank(from, to, true);
    rankedRows.addAndGet(to - from);
  }

  private void rank(int from, int to, boolean counts) {
    int misses = brackets.select(from, to, k, ranked, counts);
    if (counts) {
      selected.addAndGet(to - from);
      missed.addAndGet(misses);
    }
  }

  @Override
  public boolean prunes() {
    return true;
  }

  @Override
  public double churn() {
    return history.churn();
  }

  @Override
  public int memoryWords() {
    return 4 + history.words() + brackets.words();
  }

  @Override
  public void saveMemory(LongBuffer to) {
    to.put(rankedRows.get()).put(k).put(selected.get()).put(missed.get());
    history.save(to);
    brackets.save(to);
  }

  @Override
  public void restoreMemory(LongBuffer from) {
    rankedRows.set((int) from.get());
    k = (int) from.get();
    selected.set(from.get());
    missed.set(from.get());
    rankedIsLost = true;
    history.restore(from);
    brackets.restore(from);
  }

  @Override
  public long rowsSelected() {
    return selected.get();
  }

  @Override
  public long bracketsMissed() {
    return missed.get();
  }
}
