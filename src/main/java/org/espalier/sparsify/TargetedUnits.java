package org.espalier.sparsify;

import org.espalier.kernel.Kernels;
import org.espalier.op.Clock;
import org.espalier.op.EffectiveWeight;
import org.espalier.op.Phase;
import org.espalier.op.WeightTransform;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;

/** Targeted dropout of whole units, ranked by their L2 norm within the layer. */
final class TargetedUnits implements WeightTransform {
  private final TargetedDropout method;
  private final Tensor weight;
  private final RandomKey key;
  private final float[] norms;
  private final int[] scratch;

  /** One row of bits, a bit for each unit. */
  private final BitMask keepUnits;

  private final BitMask keep;
  private final MaskHistory history;

  TargetedUnits(TargetedDropout method, Tensor weight, RandomKey key) {
    this.method = method;
    this.weight = weight;
    this.key = key;
    int units = weight.rows();
    this.norms = new float[units];
    this.scratch = new int[Kernels.select().scratchSize(units)];
    this.keepUnits = new BitMask(1, units);
    this.keep = new BitMask(units, weight.cols());
    this.history = new MaskHistory(keepUnits);
  }

  @Override
  public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
    if (phase == Phase.EVALUATE) {
      effective.plain();
      return;
    }
    rank(clock);
    if (phase == Phase.TRAIN) {
      draw(clock);
      history.next(keepUnits);
    }
    for (int unit = 0; unit < weight.rows(); unit++) {
      keep.setRow(unit, keepUnits.get(0, unit));
    }
    switch (method.unitMode()) {
      case WEIGHTS -> effective.masked(keep);
      case OUTPUT -> effective.masked(keep, keepUnits);
    }
  }

  /** Clears the bits of all candidates in {@link #keepUnits}. */
  private void rank(Clock clock) {
    int units = weight.rows();
    for (int unit = 0; unit < units; unit++) {
      norms[unit] = Kernels.vector().squaredNorm(weight.cols(), weight.data(), weight.row(unit));
    }
    int k = method.target().candidates(units, method.ramp(), clock);
    long threshold = Kernels.select().threshold(units, norms, 0, k, scratch);
    Kernels.select().keepMask(units, norms, 0, threshold, keepUnits.words(), 0);
  }

  /** Lets each candidate stay with probability 1 − α. */
  private void draw(Clock clock) {
    double rate = method.dropRate() * method.ramp().drop(clock);
    Kernels.random().spare(key, clock.step(), 0, 1, weight.rows(), rate, keepUnits.words(), 0);
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
