package org.espalier.kernel.gemm;

import org.espalier.kernel.contract.GemmKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Precision;

/** Multiplies a matrix by one vector, which may be strided, as may be the result. */
final class GemvDriver implements ThreadPool.Pieces {
  private static final int[] NOTHING = {};

  private final ThreadPool workers;
  private final GemmKernels kernels;
  private final int nr;

  /** A strided vector is gathered here. */
  private float[] gathered = {};

  /** Results that are strided or that whole panels exceed lie here first. */
  private float[] results = {};

  private boolean packed;
  private int n;
  private int k;
  private float[] w = {};
  private int wo;
  private int ld;
  private float[] x = {};
  private int xo;
  private float[] y = {};
  private int yo;
  private int perPiece;

  /** The elements of a packed matrix, if they are narrow; else none. */
  private int[] codes = NOTHING;

  private float[] scales = {};
  private Precision precision = Precision.FP32;

  GemvDriver(ThreadPool workers, GemmKernels kernels) {
    this.workers = workers;
    this.kernels = kernels;
    this.nr = kernels.nr();
  }

  /** Takes a matrix as it is stored, {@code n} rows of {@code k}. */
  void matrix(int n, int k, float[] w, int wo, int ld) {
    packed = false;
    this.n = n;
    this.k = k;
    this.w = w;
    this.wo = wo;
    this.ld = ld;
  }

  /** Takes a packed matrix. */
  void matrix(PackedMatrix p) {
    packed = true;
    n = p.rows();
    k = p.cols();
    w = p.panels();
    codes = p.codes();
    scales = p.scales();
    precision = p.precision();
    wo = PackedMatrix.START;
    ld = 0;
  }

  /** Multiplies the matrix by a vector. */
  void run(float[] xs, int xAt, int xStride, float[] ys, int yAt, int yStride) {
    if (xStride == 1) {
      x = xs;
      xo = xAt;
    } else {
      gathered = gathered.length >= k ? gathered : new float[k];
      for (int p = 0; p < k; p++) {
        gathered[p] = xs[xAt + p * xStride];
      }
      x = gathered;
      xo = 0;
    }
    boolean direct = yStride == 1 && (!packed || n % nr == 0);
    if (direct) {
      y = ys;
      yo = yAt;
    } else {
      int length = Math.ceilDiv(n, nr) * nr;
      results = results.length >= length ? results : new float[length];
      y = results;
      yo = 0;
    }
    perPiece = BlockSizes.outputsPerPiece(n, k, nr, workers.threads());
    workers.run(Math.ceilDiv(n, perPiece), this);
    if (!direct) {
      for (int j = 0; j < n; j++) {
        ys[yAt + j * yStride] = results[j];
      }
    }
    w = gathered;
    x = gathered;
    y = results;
    codes = NOTHING;
    scales = gathered;
  }

  /** Computes some of the outputs. */
  @Override
  public void compute(int index) {
    int first = index * perPiece;
    int count = Math.min(perPiece, n - first);
    if (packed && precision != Precision.FP32) {
      int panels = Math.ceilDiv(count, nr);
      int panel = first / nr * PackedMatrix.panelLength(k, nr, precision);
      kernels.gemvCodes(
          precision, panels, k, codes, wo + panel, scales, first, x, xo, y, yo + first);
    } else if (packed) {
      kernels.gemvPanels(Math.ceilDiv(count, nr), k, w, wo + first * k, x, xo, y, yo + first);
    } else {
      kernels.gemvRows(count, k, w, wo + first * ld, ld, x, xo, y, yo + first);
    }
  }
}
