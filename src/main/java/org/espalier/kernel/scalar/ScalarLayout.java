package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.LayoutKernels;

/** The specification of changes of layout. */
public final class ScalarLayout implements LayoutKernels {
  private static final int LANES = 16;

  @Override
  public void planesFromRows(
      int images,
      int channels,
      int pixels,
      float[] rows,
      int ro,
      int ldr,
      float[] maps,
      int mo,
      int ldm) {
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < pixels; p++) {
        for (int i = 0; i < LANES; i++) {
          int from = ro + i * ldr + c * pixels + p;
          maps[mo + c * ldm + p * LANES + i] = i < images ? rows[from] : 0;
        }
      }
    }
  }

  @Override
  public void rowsFromPlanes(
      int images,
      int channels,
      int pixels,
      float[] maps,
      int mo,
      int ldm,
      float[] rows,
      int ro,
      int ldr) {
    for (int i = 0; i < images; i++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < pixels; p++) {
          rows[ro + i * ldr + c * pixels + p] = maps[mo + c * ldm + p * LANES + i];
        }
      }
    }
  }

  @Override
  public void gather(int n, float[] x, int xo, int[] places, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + places[i]];
    }
  }

  @Override
  public void thin(
      int rows,
      int n,
      int stride,
      int lanes,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy) {
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < n; i++) {
        for (int l = 0; l < lanes; l++) {
          y[yo + r * ldy + lanes * i + l] = x[xo + r * ldx + lanes * stride * i + l];
        }
      }
    }
  }
}
