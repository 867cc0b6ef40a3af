package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.assertAllocatesNothing;
import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.espalier.kernel.KernelAssertions;
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
          KernelAssertions.values(random, ro + images * ldr + GUARD),
          ro,
          ldr,
          KernelAssertions.values(random, mo + channels * ldm + GUARD),
          mo,
          ldm);
    }

    Layouts copy() {
      return new Layouts(images, channels, pixels, rows.clone(), ro, ldr, maps.clone(), mo, ldm);
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
  void simdEqualsTheSpecificationBitForBit(int gap) {
    var random = new SplittableRandom(1);
    for (int images = 1; images <= LANES; images++) {
      for (int channels = 1; channels <= 20; channels = 2 * channels + 1) {
        for (int pixels : PIXELS) {
          String at = images + " images, " + channels + " channels, " + pixels + " pixels, ";
          Layouts want = Layouts.random(random, images, channels, pixels, gap);
          Layouts got = want.copy();
          want.toPlanes(SCALAR);
          got.toPlanes(SIMD);
          assertSameBits(want.maps, got.maps, () -> at + "maps");
          assertSameBits(want.rows, got.rows, () -> at + "rows that were read");

          want = Layouts.random(random, images, channels, pixels, gap);
          got = want.copy();
          want.toRows(SCALAR);
          got.toRows(SIMD);
          float[] rows = want.rows;
          float[] maps = want.maps;
          assertSameBits(rows, got.rows, () -> at + "rows");
          assertSameBits(maps, got.maps, () -> at + "maps that were read");
        }
      }
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

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 13, 16})
  void allocatesNothing(int images) {
    Layouts layouts = Layouts.random(new SplittableRandom(1), images, 3, 49, 1);
    assertAllocatesNothing(
        () -> {
          layouts.toPlanes(SIMD);
          layouts.toRows(SIMD);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, LANES})
  void thinningEqualsTheSpecificationBitForBit(int lanes) {
    var random = new SplittableRandom(3);
    for (int n : PIXELS) {
      for (int stride = 1; stride <= 3; stride++) {
        int rows = random.nextInt(4);
        int ldx = lanes * stride * n + random.nextInt(5);
        int ldy = Math.max(1, lanes * n + random.nextInt(-9, 9)); // rows may overlap
        float[] x = KernelAssertions.values(random, GUARD + 4 * ldx);
        float[] want = KernelAssertions.values(random, 2 * GUARD + 4 * ldy + 9);
        float[] got = want.clone();
        SCALAR.thin(rows, n, stride, lanes, x, GUARD, ldx, want, GUARD, ldy);
        SIMD.thin(rows, n, stride, lanes, x, GUARD, ldx, got, GUARD, ldy);
        String at = rows + " rows of " + n + " pixels, every " + stride + ".";
        assertSameBits(want, got, () -> at);
      }
    }
    float[] x = KernelAssertions.values(random, 40 * LANES * 2);
    float[] y = new float[20 * LANES * 2];
    assertAllocatesNothing(() -> SIMD.thin(2, 20, 2, lanes, x, 0, 40 * lanes, y, 0, 20 * lanes));
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
