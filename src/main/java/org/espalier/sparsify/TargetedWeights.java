package org.espalier.sparsify;

import org.espalier.kernel.Kernels;
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
  private final TargetedDropout method;
  private final Tensor weight;
  private final RandomKey key;
  private final Workers workers;
  private final BitMask keep;
  private final MaskHistory history;
  private final int[][] scratch;
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
    long[] words = keep.words();
    for (int r = from; r < to; r++) {
      long threshold =
          Kernels.select()
              .threshold(weight.cols(), weight.data(), weight.row(r), k, scratch[piece]);
      Kernels.select()
          .keepMask(weight.cols(), weight.data(), weight.row(r), threshold, words, keep.row(r));
      if (draws) {
        draw(r, candidates[piece]);
      }
    }
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
