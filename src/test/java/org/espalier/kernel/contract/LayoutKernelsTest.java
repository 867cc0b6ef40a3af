package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarLayout;
import org.espalier.kernel.simd.conv.SimdLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutKernelsTest {
  private static final LayoutKernels SCALAR = new ScalarLayout();
  private static final LayoutKernels SIMD = new SimdLayout();
  private static final int LANES = 16;
  private static final int GUARD = 19;
  private static final int[] PIXELS = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 25, 31, 49, 64};

  /** Rows and maps of random content with cells around them, and gaps if {@code gap} is not 0. */
  private record Layouts(
      int images,
      int channels,
      int pixels,
      float[] rows,
      int ro,
      int ldr,
      float[] maps,
      int mo,
      int ldm) {
    static Layouts random(SplittableRandom random, int images, int channels, int pixels, int gap) {
      int ro = random.nextInt(GUARD);
      int mo = random.nextInt(GUARD);
      int ldr = channels * pixels + 3 * gap;
      int ldm = pixels * LANES + LANES * gap;
      return new Layouts(
          images,
          channels,
          pixels,
          RandomInputs.values(random, ro + images * ldr + GUARD),
          ro,
          ldr,
          RandomInputs.values(random, mo + channels * ldm + GUARD),
          mo,
          ldm);
    }

    void toPlanes(LayoutKernels k) {
      k.planesFromRows(images, channels, pixels, rows, ro, ldr, maps, mo, ldm);
    }

    void toRows(LayoutKernels k) {
      k.rowsFromPlanes(images, channels, pixels, maps, mo, ldm, rows, ro, ldr);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void thereAndBackLeavesTheRows(int gap) {
    var random = new SplittableRandom(2);
    for (int images = 1; images <= LANES; images++) {
      for (int pixels : PIXELS) {
        Layouts layouts = Layouts.random(random, images, 3, pixels, gap);
        float[] rows = layouts.rows.clone();
        layouts.toPlanes(SIMD);
        for (int i = 0; i < images; i++) {
          for (int j = 0; j < 3 * pixels; j++) {
            layouts.rows[layouts.ro + i * layouts.ldr + j] = 77f;
          }
        }
        layouts.toRows(SIMD);
        assertSameBits(rows, layouts.rows, () -> "rows of " + 3 * pixels);
      }
    }
  }

  @Test
  void everySecondPixelOfARow() {
    float[] x = {1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f};
    float[] y = new float[4];
    SCALAR.thin(2, 2, 2, 1, x, 0, 4, y, 0, 2);
    assertArrayEquals(new float[] {1f, 3f, 5f, 7f}, y);
  }

  @Test
  void imagesLieSideBySide() {
    float[] rows = {1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f}; // two images of two channels of two pixels
    for (LayoutKernels k : new LayoutKernels[] {SCALAR, SIMD}) {
      float[] maps = new float[4 * LANES];
      k.planesFromRows(2, 2, 2, rows, 0, 4, maps, 0, 2 * LANES);
      float[] first = {1f, 2f, 3f, 4f};
      for (int i = 0; i < 4; i++) {
        assertEquals(first[i], maps[i * LANES]);
        assertEquals(first[i] + 4, maps[i * LANES + 1]);
        assertEquals(0f, maps[i * LANES + 2]);
      }
    }
  }
}
