package org.espalier.kernel.scalar;

import java.util.Arrays;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;

/** The specification of products with a sparse matrix. */
public final class ScalarSparse implements SparseKernels {
  private static final int LANES = 8;
  private static final SellMatrix.Form FORM = new SellMatrix.Form(LANES, 4, 1, LANES);

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public SellMatrix.Form sellForm(int cols, double density, Precision precision) {
    return FORM;
  }

  @Override
  public boolean sellServesBatches(SellMatrix.Form form, Precision precision) {
    return false;
  }

  @Override
  public int bsrVectors() {
    return 1;
  }

  @Override
  public void csrSpmv(
      CsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo) {
    for (int i = from; i < to; i++) {
      int row = w.rowOrder()[i];
      y[yo + row] = rowSum(w, row, x, xo, 1);
    }
    finish(w, from, to, bias, bo, clamp, y, yo);
  }

  /** Adds the bias to the sums of some rows, and clamps them. */
  public static void finish(
      CsrMatrix w,
      int from,
      int to,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo) {
    for (int i = from; i < to; i++) {
      int row = w.rowOrder()[i];
      y[yo + row] = finish(y[yo + row], bias, bo + row, clamp);
    }
  }

  @Override
  public void csrSpmm(
      CsrMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    for (int i = from; i < to; i++) {
      int row = w.rowOrder()[i];
      for (int j = 0; j < batch; j++) {
        y[yo + row * ldy + j] = finish(rowSum(w, row, x, xo + j, ldx), bias, bo + row, clamp);
      }
    }
  }

  private static float rowSum(CsrMatrix w, int row, float[] x, int xo, int ldx) {
    float sum = 0f;
    for (int e = w.rowPtr()[row]; e < w.rowPtr()[row + 1]; e++) {
      sum = Math.fma(w.values()[e], x[xo + w.colIdx()[e] * ldx], sum);
    }
    return sum;
  }

  @Override
  public void csrSpmvTransposed(CsrMatrix w, float[] x, int xo, float[] y, int yo) {
    csrSpmmTransposed(w, 1, x, xo, 1, y, yo, 1);
  }

  @Override
  public void csrSpmmTransposed(
      CsrMatrix w, int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    for (int c = 0; c < w.cols(); c++) {
      Arrays.fill(y, yo + c * ldy, yo + c * ldy + batch, 0f);
    }
    for (int r = 0; r < w.rows(); r++) {
      for (int e = w.rowPtr()[r]; e < w.rowPtr()[r + 1]; e++) {
        int o = yo + w.colIdx()[e] * ldy;
        for (int j = 0; j < batch; j++) {
          y[o + j] = Math.fma(w.values()[e], x[xo + r * ldx + j], y[o + j]);
        }
      }
    }
  }

  @Override
  public void sellSpmv(
      SellMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] sums,
      float[] y,
      int yo) {
    int lanes = w.form().lanes();
    int groups = w.form().groups();
    for (int b = from; b < to; b++) {
      for (int g = 0; g < groups; g++) {
        for (int l = 0; l < lanes; l++) {
          sums[(b * groups + g) * lanes + l] = laneSum(w, b, g, l, x, xo, 1);
        }
      }
    }
    finish(w, from, to, sums, bias, bo, clamp, y, yo);
  }

  @Override
  public void sellSpmm(
      SellMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    int lanes = w.form().lanes();
    int groups = w.form().groups();
    for (int i = from * groups * lanes; i < to * groups * lanes; i++) {
      int row = w.laneRows()[i];
      for (int j = 0; row >= 0 && j < batch; j++) {
        float sum = laneSum(w, i / lanes / groups, i / lanes % groups, i % lanes, x, xo + j, ldx);
        y[yo + row * ldy + j] = finish(sum, bias, bo + row, clamp);
      }
    }
  }

  private static float laneSum(SellMatrix w, int b, int g, int l, float[] x, int xo, int ldx) {
    SellMatrix.Form form = w.form();
    int lanes = form.lanes();
    float sum = 0f;
    for (int r = w.blockPtr()[b]; r < w.blockPtr()[b + 1]; r++) {
      int start = w.starts()[r * form.groups() + g];
      int offsets = w.offsets()[SellMatrix.FIRST + r * lanes + l];
      for (int p = g * form.steps(); p < (g + 1) * form.steps(); p++) {
        float value = w.value(r, p, (b * form.groups() + g) * lanes + l);
        if (value != 0) { // else it is padding
          int offset = offsets >>> (Byte.SIZE * p) & 0xff;
          sum = Math.fma(value, x[xo + (start + offset) * ldx], sum);
        }
      }
    }
    return sum;
  }

  /** Brings the sums of some blocks from their lanes to the rows, with bias and ReLU. */
  public static void finish(
      SellMatrix w,
      int from,
      int to,
      float[] sums,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo) {
    int[] rows = w.laneRows();
    int lanes = w.form().groups() * w.form().lanes();
    for (int i = from * lanes; i < to * lanes; i++) {
      if (rows[i] >= 0) { // else the lane has no row
        y[yo + rows[i]] = finish(sums[i], bias, bo + rows[i], clamp);
      }
    }
  }

  @Override
  public void cacheBlockedSpmm(
      CacheBlockedMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    for (int p = from; p < to; p++) {
      int first = p * w.panelRows();
      int last = Math.min(first + w.panelRows(), w.rows());
      for (int r = first; r < last; r++) {
        Arrays.fill(y, yo + r * ldy, yo + r * ldy + batch, 0f);
      }
      for (int b = 0; b < w.blocks(); b++) {
        int q = w.firstQuad(p, b);
        addQuads(w, q, q + w.quads(p), batch, x, xo + b * w.width() * ldx, ldx, y, yo, ldy);
      }
      for (int r = first; r < last; r++) {
        for (int j = yo + r * ldy; j < yo + r * ldy + batch; j++) {
          y[j] = finish(y[j], bias, bo + r, clamp);
        }
      }
    }
  }

  /** Adds what some quads have in their block to the sums. */
  private static void addQuads(
      CacheBlockedMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy) {
    for (int q = from; q < to; q++) {
      for (int t = w.quadPtr()[q]; t < w.quadPtr()[q + 1]; t++) {
        for (int i = 0; i < CacheBlockedMatrix.QUAD; i++) {
          float scale = w.scale(w.quadRows()[CacheBlockedMatrix.QUAD * q + i]);
          float value = w.value(CacheBlockedMatrix.QUAD * t + i, scale);
          if (value != 0) { // else it is padding
            int xj = xo + (w.offsets()[CacheBlockedMatrix.QUAD * t + i] & 0xff) * ldx;
            int yj = yo + w.quadRows()[CacheBlockedMatrix.QUAD * q + i] * ldy;
            for (int j = 0; j < batch; j++) {
              y[yj + j] = Math.fma(value, x[xj + j], y[yj + j]);
            }
          }
        }
      }
    }
  }

  @Override
  public void bsrSpmv(
      BsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] sums,
      float[] y,
      int yo) {
    for (int group = from; group < to; group++) {
      for (int lane = 0; lane < BsrMatrix.ROWS; lane++) {
        float sum = 0;
        for (int s = w.groupPtr()[group]; s < w.groupPtr()[group + 1]; s++) {
          float value = w.values()[s * BsrMatrix.ROWS + lane];
          if (value != 0) { // else it is padding
            sum = Math.fma(value, x[xo + w.colIdx()[s]], sum);
          }
        }
        sums[group * BsrMatrix.ROWS + lane] = sum;
      }
    }
    finish(w, from, to, sums, bias, bo, clamp, y, yo);
  }

  @Override
  public void bsrSpmm(
      BsrMatrix w,
      int from,
      int to,
      int length,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float @Nullable [] other,
      int oo,
      int ldo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    int perGroup = BsrMatrix.ROWS / w.height();
    for (int q = from; q < to; q++) {
      int group = q / (BsrMatrix.ROWS / BsrMatrix.QUAD);
      for (int i = 0; i < rowsOf(w, q); i++) {
        int row = w.quadRows()[q] + i;
        int lane = q % (BsrMatrix.ROWS / BsrMatrix.QUAD) * BsrMatrix.QUAD + i;
        for (int j = 0; j < length; j++) {
          float sum = 0;
          for (int s = w.groupPtr()[group]; s < w.groupPtr()[group + 1]; s++) {
            int col = w.colIdx()[s * perGroup + lane / w.height()];
            float value = w.values()[s * BsrMatrix.ROWS + lane];
            if (value != 0) { // else it is padding
              sum = Math.fma(value, x[xo + distances[col] + j], sum);
            }
          }
          sum += bias[bo + row];
          if (other != null) {
            sum += other[oo + row * ldo + j];
          }
          y[yo + row * ldy + j] = clamp.of(sum);
        }
      }
    }
  }

  /** Returns how many rows a quad has. */
  private static int rowsOf(BsrMatrix w, int quad) {
    int first = w.quadRows()[quad];
    return first < 0 ? 0 : Math.min(BsrMatrix.QUAD, w.rows() - first);
  }

  /** Brings the sums of some groups to the rows, with bias and ReLU. */
  public static void finish(
      BsrMatrix w,
      int from,
      int to,
      float[] sums,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo) {
    for (int q = from * (BsrMatrix.ROWS / BsrMatrix.QUAD);
        q < to * (BsrMatrix.ROWS / BsrMatrix.QUAD);
        q++) {
      for (int i = 0; i < rowsOf(w, q); i++) {
        int row = w.quadRows()[q] + i;
        float sum = sums[q * BsrMatrix.QUAD + i] + bias[bo + row];
        y[yo + row] = clamp.of(sum);
      }
    }
  }

  @Override
  public void deltaCsrConv(
      DeltaCsrMatrix w,
      int from,
      int to,
      int length,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float @Nullable [] other,
      int oo,
      int ldo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    for (int r = from; r < to; r++) {
      for (int j = 0; j < length; j++) {
        float sum = 0;
        int col = 0;
        for (int e = w.rowPtr()[r]; e < w.rowPtr()[r + 1]; e++) {
          col += w.deltas()[e] & 0xff;
          sum = Math.fma(w.value(e, w.scale(r)), x[xo + distances[col] + j], sum);
        }
        sum += bias[bo + r];
        if (other != null) {
          sum += other[oo + r * ldo + j];
        }
        y[yo + r * ldy + j] = clamp.of(sum);
      }
    }
  }

  private static float finish(float sum, float @Nullable [] bias, int b, Clamp clamp) {
    float s = sum + (bias == null ? 0f : bias[b] + 0f);
    return clamp.of(s);
  }

  @Override
  public void transpose(
      int rows, int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        y[yo + c * ldy + r] = x[xo + r * ldx + c];
      }
    }
  }
}
