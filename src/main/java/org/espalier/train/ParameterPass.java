package org.espalier.train;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.List;
import org.espalier.op.Trainable;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** Goes over all rows of all trainables, in pieces that the threads share. */
final class ParameterPass implements ThreadPool.Pieces {
  /** Rows of one piece hold about this many elements: enough to be worth a hand-over. */
  private static final int PIECE = 16 * 1024;

  /** What is done to a row. */
  interface Row {
    /** Works on one row of trainable {@code i}; may run at the same time as other rows. */
    void sweep(int i, int row);

    /** Called when rows {@code from} to {@code to} − 1 of trainable {@code i} are done. */
    default void swept(int i, int from, int to) {}
  }

  private final ThreadPool workers;
  private final Row work;

  /** Piece p works on rows {@code pieceRow[p]} and following of trainable {@code pieceOf[p]}. */
  private final int[] pieceOf;

  private final int[] pieceRow;
  private final int[] pieceRows;

  ParameterPass(List<Trainable> trainables, ThreadPool workers, Row work) {
    this.workers = workers;
    this.work = work;
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

  /** Goes over all rows once. */
  void run() {
    workers.run(pieceOf.length, this);
  }

  @Override
  public void compute(int piece) {
    int from = pieceRow[piece];
    int to = from + pieceRows[piece];
    for (int r = from; r < to; r++) {
      work.sweep(pieceOf[piece], r);
    }
    work.swept(pieceOf[piece], from, to);
  }
}
