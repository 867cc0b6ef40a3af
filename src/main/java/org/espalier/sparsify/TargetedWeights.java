package org.espalier.sparsify;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.SelectKernels;
import org.espalier.kernel.Workers;
import org.espalier.op.Clock;
import org.espalier.op.EffectiveWeight;
import org.espalier.op.Phase;
import org.espalier.op.WeightTransform;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;

/** Targeted dropout of single weights, ranked by magnitude within each unit. */
final class TargetedWeights implements WeightTransform, Workers.Pieces {
  /** How far from the last key the next is looked for: a 32nd of its value to a 16th. */
  private static final int BRACKET = 1 << 18;

  private final TargetedDropout method;
  private final Tensor weight;
  private final RandomKey key;
  private final Workers workers;
  private final BitMask keep;
  private final MaskHistory history;
  private final int[][] scratch;

  /** The key of each row's k-th smallest weight in the step before. It changes no result. */
  private final int[] keys;

  private final long[][] candidates;
  private long step;
  private int k;
  private boolean draws;
  private double rate;

  TargetedWeights(TargetedDropout method, Tensor weight, RandomKey key, Workers workers) {
    this.method = method;
    this.weight = weight;
    this.key = key;
    this.workers = workers;
    this.keep = new BitMask(weight.rows(), weight.cols());
    this.history = new MaskHistory(keep);
    this.keys = new int[weight.rows()];
    this.scratch = new int[workers.threads()][Kernels.select().scratchSize(weight.cols())];
    this.candidates = new long[workers.threads()][keep.wordsPerRow()];
  }

  @Override
  public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
    if (phase == Phase.EVALUATE) {
      effective.plain();
      return;
    }
    step = clock.step();
    k = method.target().candidates(weight.cols(), method.ramp(), clock);
    draws = phase == Phase.TRAIN;
    rate = method.dropRate() * method.ramp().drop(clock);
    workers.run(scratch.length, this);
    if (phase == Phase.TRAIN) {
      history.next(keep);
    }
    effective.masked(keep);
  }

  @Override
  public void compute(int piece) {
    int from = weight.rows() * piece / scratch.length;
    int to = weight.rows() * (piece + 1) / scratch.length;
    for (int r = from; r < to; r++) {
      select(r, scratch[piece]);
      if (draws) {
        draw(r, candidates[piece]);
      }
    }
  }

  /** Clears the bits of the k smallest of a row, looking first near where the k-th was before. */
  private void select(int r, int[] memory) {
    int n = weight.cols();
    float[] w = weight.data();
    int wo = weight.row(r);
    long found = SelectKernels.MISS;
    if (k > 0 && keys[r] > 0) {
      int lo = Math.max(0, keys[r] - BRACKET);
      int hi = keys[r] + Math.min(BRACKET, Integer.MAX_VALUE - keys[r]);
      found =
          Kernels.select().keepMaskWithin(n, w, wo, k, lo, hi, keep.words(), keep.row(r), memory);
    }
    if (found == SelectKernels.MISS) {
      found = Kernels.select().threshold(n, w, wo, k, memory);
      Kernels.select().keepMask(n, w, wo, found, keep.words(), keep.row(r));
    }
    keys[r] = (int) (found >>> 32);
  }

  private void draw(int r, long[] dropped) {
    for (int i = 0; i < dropped.length; i++) {
      dropped[i] = ~keep.words()[keep.row(r) + i];
    }
    Kernels.random()
        .keepMask(key, step, r, weight.cols(), rate, dropped, 0, keep.words(), keep.row(r));
  }

  @Override
  public boolean prunes() {
    return true;
  }

  @Override
  public double churn() {
    return history.churn();
  }
}
