package org.espalier.sparsify;

import java.nio.LongBuffer;
import java.util.Arrays;
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
 * Targeted dropout of blocks, ranked as {@link BlockScores} says; a block is dropped as a whole, by
 * one draw. While training they are ranked for the next step as soon as the optimiser has changed
 * all units of a block row.
 */
final class TargetedBlocks implements WeightTransform, ThreadPool.Pieces {
  /** Elements that are worth a hand-over to another thread. */
  private static final int PIECE = 64 * 1024;

  private final TargetedDropout method;
  private final Tensor weight;
  private final RandomKey key;
  private final ThreadPool workers;
  private final int height;
  private final int blockRows;
  private final int blockRowsPerPiece;
  private final BlockScores strength;

  /** All blocks but the {@link #k} weakest of each block row. */
  private final BitMask ranked;

  /** Those, and of the others what the draw spared. */
  private final BitMask spared;

  /** The same for each weight. */
  private final BitMask keep;

  private final MaskHistory history;
  private final Brackets brackets;

  /** Of each block row, whether it has been ranked since the optimiser's last step began. */
  private final boolean[] fresh;

  private final AtomicLong selected = new AtomicLong();
  private final AtomicLong missed = new AtomicLong();
  private long step;
  private int k;
  private boolean selects;
  private boolean training;

  /** Whether block rows that count as ranked must be so again: checkpoints don't hold the ranks. */
  private boolean rankedIsLost;

  private double rate;

  TargetedBlocks(TargetedDropout method, Tensor weight, RandomKey key, ThreadPool workers) {
    this.method = method;
    this.weight = weight;
    this.key = key;
    this.workers = workers;
    this.height = method.granularity().height();
    this.strength = new BlockScores(weight, height);
    this.blockRows = strength.scores().rows();
    this.blockRowsPerPiece = Math.max(1, PIECE / Math.max(1, height * weight.cols()));
    this.ranked = new BitMask(blockRows, weight.cols());
    this.spared = new BitMask(blockRows, weight.cols());
    this.keep = new BitMask(weight.rows(), weight.cols());
    this.history = new MaskHistory(keep);
    this.brackets = new Brackets(strength.scores(), workers.threads());
    this.fresh = new boolean[blockRows];
  }

  @Override
  public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
    if (phase == Phase.EVALUATE || phase == Phase.RECALIBRATE) {
      effective.plain();
      return;
    }
    training = phase == Phase.TRAIN;
    if (!training) {
      Arrays.fill(fresh, false); // other weights may be in place
    }
    int candidates = method.target().candidates(weight.cols(), method.ramp(), clock);
    selects = candidates != k;
    k = candidates;
    step = clock.step();
    rate = method.dropRate() * method.ramp().drop(clock);
    workers.run(Math.ceilDiv(blockRows, blockRowsPerPiece), this);
    Arrays.fill(fresh, false);
    rankedIsLost = false;
    if (training) {
      history.next(keep);
    }
    effective.masked(keep);
  }

  /** Ranks some block rows, unless that is done, and draws for them. */
  @Override
  public void compute(int piece) {
    int from = piece * blockRowsPerPiece;
    int to = Math.min(from + blockRowsPerPiece, blockRows);
    for (int b = from; b < to; b++) {
      boolean done = fresh[b] && !selects;
      if (!fresh[b] || rankedIsLost) {
        strength.measure(b, b + 1);
      }
      if (!done || rankedIsLost) {
        rank(b, training && !done);
      }
    }
    if (training) {
      int at = spared.row(from);
      System.arraycopy(ranked.words(), at, spared.words(), at, spared.row(to) - at);
      Kernels.random().spare(key, step, from, to - from, weight.cols(), rate, spared.words(), at);
    }
    strength.spread(training ? spared : ranked, from, to, keep);
  }

  @Override
  public void afterRows(int from, int to) {
    int last = to == weight.rows() ? blockRows : to / height;
    for (int b = Math.ceilDiv(from, height); b < last; b++) {
      strength.measure(b, b + 1);
      rank(b, true);
      fresh[b] = true;
    }
  }

  private void rank(int blockRow, boolean learns) {
    int misses = brackets.select(blockRow, blockRow + 1, k, ranked, learns);
    if (learns) {
      selected.incrementAndGet();
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
    int ranks = 0;
    for (boolean f : fresh) {
      ranks += f ? 1 : 0;
    }
    to.put(ranks == blockRows ? 1 : 0).put(k).put(selected.get()).put(missed.get());
    history.save(to);
    brackets.save(to);
  }

  @Override
  public void restoreMemory(LongBuffer from) {
    Arrays.fill(fresh, from.get() != 0);
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
