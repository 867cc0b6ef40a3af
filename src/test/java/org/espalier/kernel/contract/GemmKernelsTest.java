package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.assertAllocateNothing;
import static org.espalier.kernel.KernelAssertions.guarded;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarGemm;
import org.espalier.kernel.simd.gemm.SimdGemm;
import org.espalier.tensor.Precision;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each loop against its specification; offsets are odd and every output has guard cells. */
@Tag("fresh-jvm")
class GemmKernelsTest {
  private static final SimdGemm SIMD = new SimdGemm();
  private static final ScalarGemm SCALAR = new ScalarGemm(SIMD.mr(), SIMD.nr());

  private static float[] floats(SplittableRandom random, int n) {
    return RandomInputs.values(random, n, 0.05);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void packing(long seed) {
    var random = new SplittableRandom(seed);
    for (int k = 0; k < 70; k++) {
      int width = random.nextBoolean() ? SIMD.mr() : SIMD.nr();
      int mb = random.nextInt(3) == 0 ? random.nextInt(64) : random.nextInt(4) * 16;
      long[] mask = random.nextBoolean() ? random.longs(70 * 3 + 4).toArray() : null;
      String what = "seed " + seed + ", k " + k + ", mb " + mb + ", masked " + (mask != null);

      int rows = 1 + random.nextInt(SIMD.nr());
      int ld = k + random.nextInt(5);
      float[] x = floats(random, 3 + Math.max(0, (rows - 1) * ld + k));
      float[] want = guarded(7 + k * SIMD.nr() + 64);
      float[] got = want.clone();
      SCALAR.packRows(rows, k, x, 3, ld, mask, 2, 3, mb, want, 7);
      SIMD.packRows(rows, k, x, 3, ld, mask, 2, 3, mb, got, 7);
      assertArrayEquals(want, got, "rows " + rows + ", " + what);

      int cols = random.nextBoolean() ? width : 1 + random.nextInt(width);
      ld = cols + random.nextInt(5);
      x = floats(random, 3 + Math.max(0, (k - 1) * ld + cols));
      want = guarded(7 + k * width + 64);
      got = want.clone();
      SCALAR.packColumns(width, cols, k, x, 3, ld, mask, 2, 3, mb, want, 7);
      SIMD.packColumns(width, cols, k, x, 3, ld, mask, 2, 3, mb, got, 7);
      assertArrayEquals(want, got, "cols " + cols + " of " + width + ", " + what);

      int[] list = random.ints(k + 2, 0, 90).sorted().toArray();
      cols = random.nextBoolean() ? SIMD.nr() : 1 + random.nextInt(SIMD.nr());
      ld = cols + random.nextInt(5);
      x = floats(random, 3 + 89 * ld + cols);
      want = guarded(7 + k * SIMD.nr() + 64);
      got = want.clone();
      SCALAR.packListed(cols, k, x, 3, ld, list, 2, want, 7);
      SIMD.packListed(cols, k, x, 3, ld, list, 2, got, 7);
      assertArrayEquals(want, got, "listed, cols " + cols + ", " + what);

      if (mask != null) {
        ld = k + random.nextInt(5);
        x = floats(random, 3 + 5 * ld);
        want = guarded(7 + 5 * (k + 3));
        got = want.clone();
        SCALAR.copyMasked(5, k, x, 3, ld, mask, 2, 3, mb, want, 7, k + 3);
        SIMD.copyMasked(5, k, x, 3, ld, mask, 2, 3, mb, got, 7, k + 3);
        assertArrayEquals(want, got, "copy, " + what);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void tiles(long seed) {
    var random = new SplittableRandom(seed);
    int mr = SIMD.mr();
    int nr = SIMD.nr();
    for (int k = 0; k < 40; k++) {
      boolean resume = random.nextBoolean();
      int ldc = nr + random.nextInt(9);
      float[] b = floats(random, 5 + k * nr);
      float[] want = floats(random, 3 + 30 * ldc + 64);
      float[] got = want.clone();
      float[] a = floats(random, 1 + k * mr);
      int[] list = random.ints(0, 30).distinct().limit(mr + 2).toArray();
      SCALAR.tilePanel(k, a, 1, b, 5, resume, want, 3, ldc, list, 2);
      SIMD.tilePanel(k, a, 1, b, 5, resume, got, 3, ldc, list, 2);
      assertArrayEquals(want, got, "panel, seed " + seed + ", k " + k);

      int rows = random.nextBoolean() ? mr : 1 + random.nextInt(mr);
      int lda = k + random.nextInt(7);
      a = floats(random, 1 + 29 * lda + k);
      SCALAR.tileRows(k, a, 1, lda, rows, list, 2, b, 5, resume, want, 3, ldc);
      SIMD.tileRows(k, a, 1, lda, rows, list, 2, b, 5, resume, got, 3, ldc);
      assertArrayEquals(want, got, rows + " rows, seed " + seed + ", k " + k);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void vectors(long seed) {
    var random = new SplittableRandom(seed);
    for (int n = 1; n < 11 * SIMD.nr(); n += 1 + random.nextInt(4)) {
      int k = random.nextInt(40);
      float[] x = floats(random, 2 + k);
      int panels = Math.ceilDiv(n, 11);
      float[] w = floats(random, 5 + panels * SIMD.nr() * k);
      float[] want = guarded(3 + Math.max(n, panels * SIMD.nr()) + 64);
      float[] got = want.clone();
      SCALAR.gemvPanels(panels, k, w, 5, x, 2, want, 3);
      SIMD.gemvPanels(panels, k, w, 5, x, 2, got, 3);
      assertArrayEquals(want, got, "panels " + panels + ", k " + k);

      int ld = k + random.nextInt(5);
      w = floats(random, 5 + (n - 1) * ld + k);
      SCALAR.gemvRows(n, k, w, 5, ld, x, 2, want, 3);
      SIMD.gemvRows(n, k, w, 5, ld, x, 2, got, 3);
      assertArrayEquals(want, got, "rows, n " + n + ", k " + k);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"INT8", "FP16"})
  void narrowPanels(Precision precision) {
    var random = new SplittableRandom(21);
    int nr = SIMD.nr();
    for (int k = 0; k < 70; k++) {
      int panels = 1 + random.nextInt(6);
      int[] codes = random.ints(5 + panels * nr * Math.ceilDiv(k, precision.perInt())).toArray();
      for (int i = 0; precision == Precision.FP16 && i < codes.length; i++) {
        codes[i] &= 0xbfffbfff; // finite halves, as rounding gives
      }
      float[] scales = new float[4 + panels * nr];
      for (int i = 0; i < scales.length; i++) {
        int exponent = random.nextInt(5) == 0 ? random.nextInt(-125, 112) : -10;
        scales[i] = precision == Precision.INT8 ? 1 + random.nextInt(1 << 16) * 0x1p-16f : 1;
        scales[i] = random.nextInt(9) == 0 ? 0 : Math.scalb(scales[i], exponent);
      }
      float[] x = floats(random, 2 + k);
      float[] want = guarded(3 + panels * nr + 64);
      float[] got = want.clone();
      String what = panels + " panels, k " + k;
      SCALAR.gemvCodes(precision, panels, k, codes, 5, scales, 4, x, 2, want, 3);
      SIMD.gemvCodes(precision, panels, k, codes, 5, scales, 4, x, 2, got, 3);
      assertArrayEquals(want, got, what);

      float[] wide = guarded(7 + k * nr + 64);
      float[] panel = wide.clone();
      SCALAR.widen(precision, k, codes, 5, scales, 4, wide, 7);
      SIMD.widen(precision, k, codes, 5, scales, 4, panel, 7);
      assertArrayEquals(wide, panel, what);
      SCALAR.gemvPanels(1, k, wide, 7, x, 2, got, 3);
      SCALAR.gemvCodes(precision, 1, k, codes, 5, scales, 4, x, 2, want, 3);
      assertArrayEquals(want, got, what + ": the same as with floats");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void epilogues(long seed) {
    var random = new SplittableRandom(seed);
    for (int n = 0; n < 70; n++) {
      int m = random.nextInt(5);
      int ldc = n + random.nextInt(5);
      Clamp clamp = RandomInputs.clamp(random);
      float[] bias = floats(random, 2 + Math.max(m, n));
      float[] want = floats(random, 3 + m * ldc + 64);
      float[] got = want.clone();
      SCALAR.biasColumns(m, n, bias, 2, clamp, want, 3, ldc);
      SIMD.biasColumns(m, n, bias, 2, clamp, got, 3, ldc);
      assertArrayEquals(want, got, "columns, " + m + "x" + n);
      SCALAR.biasRows(m, n, bias, 2, clamp, want, 3, ldc);
      SIMD.biasRows(m, n, bias, 2, clamp, got, 3, ldc);
      assertArrayEquals(want, got, "rows, " + m + "x" + n);
      long[] mask = random.longs(5 * 3 + 2).toArray();
      int mb = random.nextBoolean() ? random.nextInt(64) : random.nextInt(4) * 16;
      SCALAR.mask(m, n, mask, 2, 3, mb, want, 3, ldc);
      SIMD.mask(m, n, mask, 2, 3, mb, got, 3, ldc);
      assertArrayEquals(want, got, "mask, " + m + "x" + n);
    }
  }

  @Test
  void allocateNothing() {
    int mr = SIMD.mr();
    int nr = SIMD.nr();
    float[] x = new float[8192];
    float[] y = new float[8192];
    float[] c = new float[8192];
    int[] list = IntStream.range(0, mr).toArray();
    long[] mask = new SplittableRandom(1).longs(128).toArray();
    Map<String, Runnable> loops = new LinkedHashMap<>();
    loops.put("tilePanel", () -> SIMD.tilePanel(61, x, 1, y, 5, false, c, 3, 70, list, 0));
    loops.put("tilePanel on", () -> SIMD.tilePanel(61, x, 1, y, 5, true, c, 3, 70, list, 0));
    loops.put("tileRows", () -> SIMD.tileRows(61, x, 1, 61, mr, list, 0, y, 5, false, c, 3, 70));
    loops.put("tileRows on", () -> SIMD.tileRows(61, x, 1, 61, 3, list, 0, y, 5, true, c, 3, 70));
    for (boolean masked : new boolean[] {false, true}) {
      long[] m = masked ? mask : null;
      String s = masked ? " masked" : "";
      loops.put("packRows" + s, () -> SIMD.packRows(nr, 61, x, 3, 64, m, 0, 2, 0, y, 0));
      loops.put("some packRows" + s, () -> SIMD.packRows(3, 61, x, 3, 64, m, 0, 2, 0, y, 0));
      for (int width : new int[] {mr, nr}) {
        loops.put(
            "packColumns to " + width + s,
            () -> SIMD.packColumns(width, width, 61, x, 3, 64, m, 0, 2, 0, y, 0));
        loops.put(
            "some packColumns to " + width + s,
            () -> SIMD.packColumns(width, 3, 61, x, 3, 64, m, 0, 2, 0, y, 0));
      }
    }
    loops.put("copyMasked", () -> SIMD.copyMasked(6, 61, x, 3, 64, mask, 0, 2, 0, y, 0, 61));
    loops.put("gemvPanels", () -> SIMD.gemvPanels(3, 61, x, 0, c, 0, y, 0));
    int[] codes = new int[8192];
    for (Precision p : new Precision[] {Precision.INT8, Precision.FP16}) {
      loops.put("gemv, " + p, () -> SIMD.gemvCodes(p, 3, 61, codes, 0, x, 0, y, 0, c, 0));
      loops.put("widen, " + p, () -> SIMD.widen(p, 61, codes, 0, x, 0, y, 0));
    }
    loops.put("gemvRows", () -> SIMD.gemvRows(43, 61, x, 0, 61, c, 0, y, 0));
    loops.put("biasColumns", () -> SIMD.biasColumns(30, 61, x, 0, Clamp.RELU, c, 0, 70));
    loops.put("biasRows", () -> SIMD.biasRows(30, 61, x, 0, Clamp.RELU, c, 0, 70));
    loops.put("biasRows of 1", () -> SIMD.biasRows(30, 1, x, 0, Clamp.NONE, c, 0, 70));
    loops.put("mask", () -> SIMD.mask(30, 61, mask, 0, 2, 0, c, 0, 70));

    assertAllocateNothing(loops);
  }
}
