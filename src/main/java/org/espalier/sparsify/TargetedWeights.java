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
  /** Into how many pieces a thread's share of the rows is cut, should another come late. */
  private static final int PIECES_PER_THREAD = 4;

  /** Rows for which random numbers are drawn at once, while their masks are near. */
  private static final int GROUP = 8;

  private final TargetedDropout method;
  private final Tensor weight;
  private final RandomKey key;
  private final Workers workers;
  private final BitMask keep;
  private final MaskHistory history;
  private final Brackets brackets;

  /** Memory of each piece, and how many of its rows were selected and missed in training. */
  private final int[][] scratch;

  private final long[] missed;
  private long selected;
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
    this.brackets = new Brackets(weight);
    int pieces = workers.threads() == 1 ? 1 : PIECES_PER_THREAD * workers.threads();
    this.scratch = new int[pieces][Kernels.select().scratchSize(weight.cols())];
    this.missed = new long[pieces];
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
    if (draws) {
      selected += weight.rows();
      history.next(keep);
    }
    effective.masked(keep);
  }

  @Override
  public void compute(int piece) {
    int groups = Math.ceilDiv(weight.rows(), GROUP);
    int end = Math.min(weight.rows(), groups * (piece + 1) / scratch.length * GROUP);
    for (int from = groups * piece / scratch.length * GROUP; from < end; from += GROUP) {
      int to = Math.min(from + GROUP, end);
      for (int r = from; r < to; r++) {
        if (brackets.select(r, k, keep, draws, scratch[piece]) && draws) {
          missed[piece]++;
        }
      }
      if (draws) {
        Kernels.random()
            .spare(key, step, from, to - from, weight.cols(), rate, keep.words(), keep.row(from));
      }
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
  public long rowsSelected() {
    return selected;
  }

  @Override
  public long bracketsMissed() {
    long sum = 0;
    for (long m : missed) {
      sum += m;
    }
    return sum;
  }
}
