package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.parallel.Ranges;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** The product of a layer with zeros, whose rows threads share; serves one caller at a time. */
abstract sealed class SparseLinear implements LinearKernel, ThreadPool.Pieces
    permits BsrLinear, CacheBlockedLinear, CsrLinear, SellLinear {
  /** Multiplications that are worth a piece of their own: some microseconds. */
  private static final long PIECE = 1 << 16;

  private static final float[] NOTHING = {};

  private final Tensor bias;
  private final Clamp clamp;
  private final ThreadPool workers;

  // What the threads are at.
  private int parts;
  private int pieces;

  /** Columns of the batch, or 0 for a single example. */
  int batch;

  float[] x = NOTHING;
  int xo;
  int ldx;
  float[] y = NOTHING;
  int yo;
  int ldy;

  SparseLinear(Tensor bias, Clamp clamp, ThreadPool workers) {
    this.bias = bias;
    this.clamp = clamp;
    this.workers = workers;
  }

  /** Whole vectors are computed: what lies behind the last example is there, but means nothing. */
  static int wholeVectors(int examples) {
    int lanes = Kernels.sparse().lanes();
    return Math.ceilDiv(examples, lanes) * lanes;
  }

  @Override
  public final boolean inColumns() {
    return true;
  }

  /**
   * Computes.
   *
   * @param columns of the batch, or 0 for a single example
   * @param multiplications how many it takes
   * @param divisible into how many parts the rows can be divided
   */
  final void run(int columns, Tensor in, Tensor out, long multiplications, int divisible) {
    batch = columns;
    parts = divisible;
    x = in.data();
    xo = in.offset();
    ldx = in.ld();
    y = out.data();
    yo = out.offset();
    ldy = out.ld();
    long most = workers.threads() == 1 ? 1 : 2L * workers.threads();
    pieces = (int) Math.clamp(multiplications / PIECE, 1, Math.min(most, Math.max(1, parts)));
    workers.run(pieces, this);
    x = NOTHING;
    y = NOTHING;
  }

  @Override
  public final void compute(int piece) {
    int from = Ranges.begin(parts, piece, pieces);
    int to = Ranges.begin(parts, piece + 1, pieces);
    compute(from, to, bias.data(), bias.offset(), clamp);
  }

  /** Computes the rows of some parts. */
  abstract void compute(int from, int to, float[] bias, int bo, Clamp clamp);
}
