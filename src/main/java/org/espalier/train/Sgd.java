package org.espalier.train;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.op.Clock;
import org.espalier.op.Trainable;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/**
 * Stochastic gradient descent with momentum: mask, clipping, weight decay, momentum and update of a
 * parameter in one sweep over it, in the order of the paper's reference.
 */
final class Sgd implements Workers.Pieces {
  /** Rows of one piece hold about this many elements: enough to be worth a hand-over. */
  private static final int PIECE = 16 * 1024;

  private final SgdOptions options;
  private final List<Trainable> trainables;
  private final Tensor[] momenta;
  private final Workers workers;

  /** Piece p works on rows {@code pieceRow[p]} and following of trainable {@code pieceOf[p]}. */
  private final int[] pieceOf;

  private final int[] pieceRow;
  private final int[] pieceRows;
  private float rate;
  private float gradientScale;

  Sgd(SgdOptions options, List<Trainable> trainables, Workers workers) {
    this.options = options;
    this.trainables = List.copyOf(trainables);
    this.workers = workers;
    this.momenta =
        trainables.stream().map(t -> Tensor.zeros(t.value().shape())).toArray(Tensor[]::new);
    var of = new IntArrayList();
    var row = new IntArrayList();
    var rows = new IntArrayList();
    for (int i = 0; i < trainables.size(); i++) {
      Tensor w = trainables.get(i).value();
      int step = Math.max(1, PIECE / Math.max(1, w.cols()));
      for (int r = 0; r < w.rows(); r += step) {
        of.add(i);
        row.add(r);
        rows.add(Math.min(step, w.rows() - r));
      }
    }
    pieceOf = of.toIntArray();
    pieceRow = row.toIntArray();
    pieceRows = rows.toIntArray();
  }

  /** Returns the momentum of trainable {@code i}, in the order that the constructor got. */
  Tensor momentum(int i) {
    return momenta[i];
  }

  /** Changes all trainables by one step. */
  void step(Clock clock) {
    rate = options.learningRate().now(clock);
    gradientScale = options.clips() ? clipScale() : 1;
    workers.run(pieceOf.length, this);
  }

  /** The gradients are masked here: whoever clips has the operators write them so. */
  private float clipScale() {
    double sum = 0;
    for (int i = 0; i < trainables.size(); i++) {
      Tensor g = trainables.get(i).gradient();
      for (int r = 0; r < g.rows(); r++) {
        sum += Kernels.vector().squaredNorm(g.cols(), g.data(), g.row(r));
      }
    }
    double norm = Math.sqrt(sum);
    return norm > options.clipNorm() ? (float) (options.clipNorm() / norm) : 1;
  }

  @Override
  public void compute(int piece) {
    Trainable t = trainables.get(pieceOf[piece]);
    Tensor w = t.value();
    Tensor g = t.gradient();
    Tensor v = momenta[pieceOf[piece]];
    BitMask mask = t.mask();
    float decay = t.decays() ? (float) options.weightDecay() : 0;
    for (int r = pieceRow[piece]; r < pieceRow[piece] + pieceRows[piece]; r++) {
      Kernels.optimizer()
          .sgd(
              w.cols(),
              w.data(),
              w.row(r),
              g.data(),
              g.row(r),
              v.data(),
              v.row(r),
              mask == null ? null : mask.words(),
              mask == null ? 0 : mask.row(r),
              gradientScale,
              rate,
              (float) options.momentum(),
              decay,
              options.nesterov());
    }
    t.rowsChanged(pieceRow[piece], pieceRow[piece] + pieceRows[piece]);
  }
}
