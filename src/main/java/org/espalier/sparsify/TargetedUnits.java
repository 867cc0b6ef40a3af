package org.espalier.sparsify;

import java.nio.LongBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.espalier.kernel.Kernels;
import org.espalier.op.Clock;
import org.espalier.op.EffectiveWeight;
import org.espalier.op.Phase;
import org.espalier.op.WeightTransform;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;

/** Targeted dropout of units, ranked by their L2 norm within the layer. */
final class TargetedUnits implements WeightTransform, ThreadPool.Pieces {
  /** Elements that are worth a hand-over to another thread. */
  private static final int PIECE = 64 * 1024;

  private final TargetedDropout method;
  private final Tensor weight;
  private final RandomKey key;
  private final ThreadPool workers;
  private final float[] norms;
  private final int rowsPerPiece;

  /** Units whose norms have been taken since the optimiser's last step began. */
  private final AtomicInteger measured = new AtomicInteger();

  private final int[] scratch;

  /** Units of which any weight is left. */
  private final Subset kept;

  private final BitMask keep;
  private final MaskHistory history;

  TargetedUnits(TargetedDropout method, Tensor weight, RandomKey key, ThreadPool workers) {
    this.method = method;
    this.weight = weight;
    this.key = key;
    int units = weight.rows();
    this.workers = workers;
    this.norms = new float[units];
    this.rowsPerPiece = Math.max(1, PIECE / Math.max(1, weight.cols()));
    this.scratch = new int[Kernels.select().scratchSize(units)];
    this.kept = new Subset(units);
    this.keep = new BitMask(units, weight.cols());
    this.history = new MaskHistory(method.draw() == DropScope.UNIT ? kept.bits() : keep);
  }

  @Override
  public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
    if (phase == Phase.EVALUATE || phase == Phase.RECALIBRATE) {
      effective.plain();
      return;
    }
    if (phase != Phase.TRAIN || measured.get() != weight.rows()) {
      // Not straight behind a step: other weights may be in place.
      workers.run(Math.ceilDiv(weight.rows(), rowsPerPiece), this);
    }
    measured.set(0);
    rank(clock);
    boolean entries = method.draw() == DropScope.ENTRY && phase == Phase.TRAIN;
    if (phase == Phase.TRAIN && !entries) {
      drawUnits(clock);
    }
    for (int unit = 0; unit < weight.rows(); unit++) {
      boolean stays = kept.bits().get(0, unit);
      if (method.draw() == DropScope.ENTRY || stays != keep.get(unit, 0)) {
        keep.setRow(unit, stays);
      }
    }
    if (entries) {
      drawEntries(clock);
    }
    kept.refresh();
    if (phase == Phase.TRAIN) {
      history.next(method.draw() == DropScope.UNIT ? kept.bits() : keep);
    }
    boolean silent = method.unitMode() == UnitMode.OUTPUT;
    if (!entries) {
      effective.units(kept, keep, silent);
    } else if (silent) {
      effective.masked(keep, kept);
    } else {
      effective.masked(keep);
    }
  }

  /** Takes the norms of some units. */
  @Override
  public void compute(int piece) {
    measure(piece * rowsPerPiece, Math.min((piece + 1) * rowsPerPiece, weight.rows()));
  }

  @Override
  public void afterRows(int from, int to) {
    measure(from, to);
    measured.addAndGet(to - from);
  }

  private void measure(int from, int to) {
    for (int unit = from; unit < to; unit++) {
      norms[unit] = Kernels.vector().squaredNorm(weight.cols(), weight.data(), weight.row(unit));
    }
  }

  /** Lets all units in but the candidates. */
  private void rank(Clock clock) {
    int units = weight.rows();
    int k = method.target().candidates(units, method.ramp(), clock);
    long threshold = Kernels.select().threshold(units, norms, 0, k, scratch);
    Kernels.select().keepMask(units, norms, 0, threshold, kept.bits().words(), 0);
  }

  private double rate(Clock clock) {
    return method.dropRate() * method.ramp().drop(clock);
  }

  /** Lets each candidate stay with probability 1 − α. */
  private void drawUnits(Clock clock) {
    long[] words = kept.bits().words();
    Kernels.random().spare(key, clock.step(), 0, 1, weight.rows(), rate(clock), words, 0);
  }

  /** Lets each weight of a candidate stay with probability 1 − α. */
  private void drawEntries(Clock clock) {
    BitMask units = kept.bits();
    for (int unit = 0; unit < weight.rows(); unit++) {
      if (!units.get(0, unit)) {
        Kernels.random()
            .spare(
                key,
                clock.step(),
                unit,
                1,
                weight.cols(),
                rate(clock),
                keep.words(),
                keep.row(unit));
        units.set(0, unit, keep.anyInRow(unit));
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
  public int memoryWords() {
    return history.words();
  }

  @Override
  public void saveMemory(LongBuffer to) {
    history.save(to);
  }

  @Override
  public void restoreMemory(LongBuffer from) {
    history.restore(from);
  }
}
