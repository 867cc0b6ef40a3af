package org.espalier.kernel.simd.conv;

import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import org.espalier.kernel.contract.LayoutKernels;
import org.espalier.kernel.scalar.ScalarLayout;
import org.espalier.kernel.simd.Transpose16;
import org.espalier.kernel.simd.Transpose4;
import org.espalier.kernel.simd.Transpose8;

/**
 * {@link LayoutKernels} by transposing blocks in registers. The last block is moved back to end
 * with the last element and writes some twice; what is smaller than a block is left to the
 * specification.
 */
public final class SimdLayout implements LayoutKernels {
  private static final int LANES = 16;

  private static final VectorShuffle<Float> EVEN = VectorShuffle.makeUnzip(F32, 0);

  private final ScalarLayout small = new ScalarLayout();

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
    if (channels > 1 && ldm == pixels * LANES) { // without gaps all channels are one
      planesFromRows(images, 1, channels * pixels, rows, ro, ldr, maps, mo, channels * ldm);
    } else if (pixels < LENGTH) {
      small.planesFromRows(images, channels, pixels, rows, ro, ldr, maps, mo, ldm);
    } else {
      for (int c = 0; c < channels; c++) {
        mapFromRows(images, pixels, rows, ro + c * pixels, ldr, maps, mo + c * ldm);
      }
    }
  }

  private static void mapFromRows(
      int images, int pixels, float[] rows, int ro, int ldr, float[] maps, int mo) {
    for (int i = 0; i < LANES; i += LENGTH) {
      int count = Math.min(LENGTH, images - i);
      if (count > 0) {
        int from = ro + i * ldr;
        int last = pixels - LENGTH;
        if (transpose(count, pixels, rows, from, ldr, maps, mo + i, LANES) < pixels) {
          transpose(count, LENGTH, rows, from + last, ldr, maps, mo + i + last * LANES, LANES);
        }
      } else {
        clear(pixels, maps, mo + i);
      }
    }
  }

  private static void clear(int pixels, float[] maps, int mo) {
    for (int p = 0; p < pixels; p++) {
      Arrays.fill(maps, mo + p * LANES, mo + p * LANES + LENGTH, 0f);
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
    if (channels > 1 && ldm == pixels * LANES) {
      rowsFromPlanes(images, 1, channels * pixels, maps, mo, channels * ldm, rows, ro, ldr);
    } else if (pixels < LENGTH || images < LENGTH) {
      small.rowsFromPlanes(images, channels, pixels, maps, mo, ldm, rows, ro, ldr);
    } else {
      for (int c = 0; c < channels; c++) {
        rowsFromMap(images, pixels, maps, mo + c * ldm, rows, ro + c * pixels, ldr);
      }
    }
  }

  private static void rowsFromMap(
      int images, int pixels, float[] maps, int mo, float[] rows, int ro, int ldr) {
    int last = images - LENGTH;
    for (int block = 0; block < pixels; block += LENGTH) {
      int p = Math.min(block, pixels - LENGTH);
      int from = mo + p * LANES;
      if (transpose(LENGTH, images, maps, from, LANES, rows, ro + p, ldr) < images) {
        transpose(LENGTH, LENGTH, maps, from + last, LANES, rows, ro + p + last * ldr, ldr);
      }
    }
  }

  private static int transpose(
      int rows, int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    return switch (LENGTH) {
      case 4 -> Transpose4.rows(rows, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
      case 8 -> Transpose8.rows(rows, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
      default -> Transpose16.rows(rows, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
    };
  }

  @Override
  public void gather(int n, float[] x, int xo, int[] places, float[] y, int yo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector.fromArray(F32, x, xo, places, i).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
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
    if (lanes == LANES) {
      for (int r = 0; r < rows; r++) {
        pixels(n, stride, x, xo + r * ldx, y, yo + r * ldy);
      }
    } else if (lanes == 1 && stride == 2 && n >= LENGTH) {
      for (int r = 0; r < rows; r++) {
        everySecond(n, x, xo + r * ldx, y, yo + r * ldy);
      }
    } else {
      small.thin(rows, n, stride, lanes, x, xo, ldx, y, yo, ldy);
    }
  }

  private static void pixels(int n, int stride, float[] x, int xo, float[] y, int yo) {
    for (int l = 0; l < LANES; l += LENGTH) {
      for (int i = 0; i < n; i++) {
        FloatVector.fromArray(F32, x, xo + l + i * stride * LANES).intoArray(y, yo + l + i * LANES);
      }
    }
  }

  /** The last vector is moved back to end with the last element. */
  private static void everySecond(int n, float[] x, int xo, float[] y, int yo) {
    for (int block = 0; block < n; block += LENGTH) {
      int i = Math.min(block, n - LENGTH);
      FloatVector left = FloatVector.fromArray(F32, x, xo + 2 * i);
      FloatVector right = FloatVector.fromArray(F32, x, xo + 2 * i + LENGTH);
      left.rearrange(EVEN, right).intoArray(y, yo + i);
    }
  }
}
