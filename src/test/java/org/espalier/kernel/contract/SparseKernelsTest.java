package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.assertAllocatesNothing;
import static org.espalier.kernel.KernelAssertions.guarded;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.sparse.SimdSparse;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparseKernelsTest {
  /** Share of hostile values where there are some. */
  private static final double HOSTILITY = 1.0 / 6;

  private static final SparseKernels SIMD = new SimdSparse();
  private static final SparseKernels SCALAR = new ScalarSparse();
  private static final int L = SIMD.lanes();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void spmmMatchesTheSpecificationBitForBit(long seed) {
    var rnd = new SplittableRandom(seed);
    CsrMatrix csr = matrix(rnd, seed, false);
    CacheBlockedMatrix w = CacheBlockedMatrix.of(csr, 1 + rnd.nextInt(seed % 2 == 0 ? 20 : 256));
    float @Nullable [] bias = bias(rnd, w.rows());
    for (int batch = 0; batch <= 9 * L + 3; batch += batch < 2 * L + 2 ? 1 : rnd.nextInt(1, L)) {
      int ldx = batch + rnd.nextInt(5);
      int ldy = batch + rnd.nextInt(5);
      float[] x = values(rnd, 7 + w.cols() * ldx, rnd.nextInt(3) == 0);
      float[] want = guarded(9 + w.rows() * ldy + 40);
      float[] got = want.clone();
      Clamp clamp = RandomInputs.clamp(rnd);
      int from = w.panels() == 0 || rnd.nextBoolean() ? 0 : rnd.nextInt(w.panels());
      int to = rnd.nextBoolean() ? w.panels() : rnd.nextInt(from, w.panels() + 1);
      SCALAR.cacheBlockedSpmm(w, from, to, batch, x, 7, ldx, bias, 3, clamp, want, 9, ldy);
      SIMD.cacheBlockedSpmm(w, from, to, batch, x, 7, ldx, bias, 3, clamp, got, 9, ldy);
      assertArrayEquals(want, got, "seed " + seed + ", batch " + batch);
    }
  }

  /** Plain CSR and its transposed products; rows without entries, hostile values on both sides. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void csrMatchesTheSpecificationBitForBit(long seed) {
    var rnd = new SplittableRandom(seed);
    CsrMatrix w = seed % 2 == 0 ? matrix(rnd, seed, false) : few(rnd);
    float @Nullable [] bias = bias(rnd, w.rows());
    for (int batch = 0; batch <= 17 * L + 3; batch += batch < 2 * L + 2 ? 1 : rnd.nextInt(1, L)) {
      int ldx = batch + rnd.nextInt(5);
      int ldy = batch + rnd.nextInt(5);
      boolean hostile = rnd.nextInt(3) == 0;
      float[] x = values(rnd, 7 + w.cols() * ldx, hostile);
      float[] want = guarded(9 + w.rows() * ldy + 40);
      float[] got = want.clone();
      Clamp clamp = RandomInputs.clamp(rnd);
      int from = w.rows() == 0 || rnd.nextBoolean() ? 0 : rnd.nextInt(w.rows());
      int to = rnd.nextBoolean() ? w.rows() : rnd.nextInt(from, w.rows() + 1);
      String what = "seed " + seed + ", batch " + batch;
      SCALAR.csrSpmm(w, from, to, batch, x, 7, ldx, bias, 3, clamp, want, 9, ldy);
      SIMD.csrSpmm(w, from, to, batch, x, 7, ldx, bias, 3, clamp, got, 9, ldy);
      assertArrayEquals(want, got, what);

      float[] one = values(rnd, 7 + w.cols(), hostile);
      want = guarded(9 + w.rows() + 40);
      got = want.clone();
      SCALAR.csrSpmv(w, from, to, one, 7, bias, 3, clamp, want, 9);
      SIMD.csrSpmv(w, from, to, one, 7, bias, 3, clamp, got, 9);
      assertArrayEquals(want, got, what);

      float[] dy = values(rnd, 7 + w.rows() * ldy, hostile);
      want = guarded(9 + w.cols() * ldx + 40);
      got = want.clone();
      SCALAR.csrSpmmTransposed(w, batch, dy, 7, ldy, want, 9, ldx);
      SIMD.csrSpmmTransposed(w, batch, dy, 7, ldy, got, 9, ldx);
      assertArrayEquals(want, got, what);

      dy = values(rnd, 7 + w.rows(), hostile);
      want = guarded(9 + w.cols() + 40);
      got = want.clone();
      SCALAR.csrSpmvTransposed(w, dy, 7, want, 9);
      SIMD.csrSpmvTransposed(w, dy, 7, got, 9);
      assertArrayEquals(want, got, what);
    }
  }

  /** Against products of the dense matrix, whose transposed one is that of its columns. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void transposedProductsAreThoseOfTheTransposedMatrix(long seed) {
    var rnd = new SplittableRandom(seed);
    CsrMatrix w = matrix(rnd, seed, true);
    int batch = 1 + rnd.nextInt(5 * L);
    float[] x = values(rnd, w.rows() * batch, false);
    Tensor dense = w.toTensor();
    Tensor turned = Tensor.zeros(w.cols(), w.rows());
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.cols(); c++) {
        turned.set(c, r, dense.get(r, c));
      }
    }
    CsrMatrix transposed = CsrMatrix.of(turned);
    float[] want = new float[w.cols() * batch];
    SCALAR.csrSpmm(
        transposed, 0, w.cols(), batch, x, 0, batch, null, 0, Clamp.NONE, want, 0, batch);
    float[] column = new float[w.rows()];
    float[] one = new float[w.cols()];
    for (SparseKernels kernels : new SparseKernels[] {SCALAR, SIMD}) {
      float[] got = guarded(want.length);
      kernels.csrSpmmTransposed(w, batch, x, 0, batch, got, 0, batch);
      assertEqualUpToTheSignOfZero(want, got);
      for (int j = 0; j < batch; j++) {
        for (int r = 0; r < w.rows(); r++) {
          column[r] = x[r * batch + j];
        }
        kernels.csrSpmvTransposed(w, column, 0, one, 0);
        for (int c = 0; c < w.cols(); c++) {
          assertEquals(got[c * batch + j], one[c], "batch of one, column " + c);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
  void spmvMatchesTheSpecificationBitForBit(long seed) {
    var rnd = new SplittableRandom(seed);
    for (int repeat = 0; repeat < 10; repeat++) {
      SellMatrix w = windows(repeat % 2 == 0 ? matrix(rnd, seed + repeat, false) : few(rnd));
      float @Nullable [] bias = bias(rnd, w.rows());
      float[] x = values(rnd, 7 + w.cols(), repeat % 3 == 0);
      float[] want = guarded(9 + w.rows() + 40);
      float[] got = want.clone();
      Clamp clamp = RandomInputs.clamp(rnd);
      int from = w.blocks() == 0 || rnd.nextBoolean() ? 0 : rnd.nextInt(w.blocks());
      int to = rnd.nextBoolean() ? w.blocks() : rnd.nextInt(from, w.blocks() + 1);
      float[] sums = new float[w.laneRows().length];
      SCALAR.sellSpmv(w, from, to, x, 7, bias, 3, clamp, sums.clone(), want, 9);
      SIMD.sellSpmv(w, from, to, x, 7, bias, 3, clamp, sums, got, 9);
      assertArrayEquals(want, got, "seed " + seed + ", repeat " + repeat);
    }
  }

  /** Layouts for batches and others, few entries and many, inputs that make idle lanes matter. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void spmmOfWindowsMatchesTheSpecificationBitForBit(long seed) {
    var rnd = new SplittableRandom(seed);
    SellMatrix w = windows(seed % 2 == 0 ? matrix(rnd, seed, false) : few(rnd));
    float @Nullable [] bias = bias(rnd, w.rows());
    for (int batch = 0; batch <= 9 * L + 3; batch += batch < 2 * L + 2 ? 1 : rnd.nextInt(1, L)) {
      int ldx = batch + rnd.nextInt(5);
      int ldy = batch + rnd.nextInt(5);
      float[] x = values(rnd, 7 + w.cols() * ldx, false);
      if (rnd.nextInt(3) == 0 && x.length > 7) {
        x[rnd.nextInt(7, x.length)] = RandomInputs.hostile(rnd);
      }
      float[] want = guarded(9 + w.rows() * ldy + 40);
      float[] got = want.clone();
      Clamp clamp = RandomInputs.clamp(rnd);
      int from = w.blocks() == 0 || rnd.nextBoolean() ? 0 : rnd.nextInt(w.blocks());
      int to = rnd.nextBoolean() ? w.blocks() : rnd.nextInt(from, w.blocks() + 1);
      SCALAR.sellSpmm(w, from, to, batch, x, 7, ldx, bias, 3, clamp, want, 9, ldy);
      SIMD.sellSpmm(w, from, to, batch, x, 7, ldx, bias, 3, clamp, got, 9, ldy);
      assertArrayEquals(want, got, "seed " + seed + ", batch " + batch);
    }
  }

  /** Both layouts, both kernels, each against the specification with the floats it stands for. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
  void narrowValuesGiveTheBitsOfTheFloatsThatTheyStandFor(long seed) {
    var rnd = new SplittableRandom(seed);
    Tensor dense = matrix(rnd, seed, true).toTensor();
    for (Precision precision : new Precision[] {Precision.FP16, Precision.INT8}) {
      CsrMatrix csr = CsrMatrix.of(precision.roundRows("w", dense));
      float @Nullable [] bias = bias(rnd, csr.rows());
      int batch = 7 * L + 3;
      float[] x = values(rnd, csr.cols() * batch, seed % 3 == 0);
      CacheBlockedMatrix wide = CacheBlockedMatrix.of(csr);
      CacheBlockedMatrix narrow = CacheBlockedMatrix.of(csr, precision);
      float[] want = guarded(9 + csr.rows() * batch + 40);
      float[] scalar = want.clone();
      float[] simd = want.clone();
      int panels = wide.panels();
      SCALAR.cacheBlockedSpmm(
          wide, 0, panels, batch, x, 0, batch, bias, 3, Clamp.RELU, want, 9, batch);
      SCALAR.cacheBlockedSpmm(
          narrow, 0, panels, batch, x, 0, batch, bias, 3, Clamp.RELU, scalar, 9, batch);
      SIMD.cacheBlockedSpmm(
          narrow, 0, panels, batch, x, 0, batch, bias, 3, Clamp.RELU, simd, 9, batch);
      assertArrayEquals(want, scalar, precision + ", seed " + seed);
      assertArrayEquals(want, simd, precision + ", seed " + seed);

      SellMatrix wideWindows = windows(csr);
      SellMatrix windows = SellMatrix.of(csr, SIMD.sellForm(csr, precision), precision);
      int blocks = windows.blocks();
      float[] sums = new float[windows.laneRows().length];
      want = guarded(9 + csr.rows() + 40);
      scalar = want.clone();
      simd = want.clone();
      float[] wideSums = new float[wideWindows.laneRows().length];
      SCALAR.sellSpmv(
          wideWindows, 0, wideWindows.blocks(), x, 0, bias, 3, Clamp.NONE, wideSums, want, 9);
      SCALAR.sellSpmv(windows, 0, blocks, x, 0, bias, 3, Clamp.NONE, sums, scalar, 9);
      SIMD.sellSpmv(windows, 0, blocks, x, 0, bias, 3, Clamp.NONE, sums, simd, 9);
      assertArrayEquals(want, scalar, precision + ", seed " + seed);
      assertArrayEquals(want, simd, precision + ", seed " + seed);
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void narrowValuesTakeLessMemoryAndAllocateNothing(Precision precision) {
    Tensor dense = Tensor.zeros(256, 256);
    for (int i = 0; i < dense.size(); i += 5) {
      dense.set(i / 256, i % 256, 1f / (1 + i % 7));
    }
    CsrMatrix csr = CsrMatrix.of(precision.roundRows("w", dense));
    CacheBlockedMatrix blocks = CacheBlockedMatrix.of(csr, precision);
    SellMatrix.Form form = SIMD.sellForm(csr, Precision.INT8);
    SellMatrix windows = SellMatrix.of(csr, form, precision);
    boolean isWide = precision == Precision.FP32;
    int saved = Float.BYTES - precision.bytes();
    long scales = isWide ? 0 : Float.BYTES * 256;
    long slots = 4L * blocks.quadPtr()[blocks.quadPtr().length - 1];
    assertEquals(CacheBlockedMatrix.of(csr).bytes() - saved * slots + scales, blocks.bytes());
    slots = Math.round(windows.padding() * csr.nnz());
    assertEquals(SellMatrix.of(csr, form).bytes() - saved * slots + scales, windows.bytes());
    int batch = 4 * L;
    float[] x = new float[256 * batch];
    float[] y = new float[256 * batch];
    float[] sums = new float[windows.laneRows().length];
    assertAllocatesNothing(
        () -> {
          SIMD.cacheBlockedSpmm(
              blocks, 0, blocks.panels(), batch, x, 0, batch, null, 0, Clamp.RELU, y, 0, batch);
          SIMD.sellSpmv(windows, 0, windows.blocks(), x, 0, null, 0, Clamp.RELU, sums, y, 0);
        });
  }

  /** The specification against a product that knows of no zeros, and the two layouts together. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void theProductIsThatOfTheDenseMatrix(long seed) {
    var rnd = new SplittableRandom(seed);
    CsrMatrix w = matrix(rnd, seed, true);
    Tensor dense = w.toTensor();
    float @Nullable [] bias = bias(rnd, w.rows());
    Clamp clamp = RandomInputs.clamp(rnd);
    int batch = 1 + rnd.nextInt(3 * L);
    float[] x = new float[w.cols() * batch];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) rnd.nextDouble(-1, 1);
    }
    float[] want = new float[w.rows() * batch];
    for (int r = 0; r < w.rows(); r++) {
      for (int j = 0; j < batch; j++) {
        float sum = 0;
        for (int c = 0; c < w.cols(); c++) {
          sum = Math.fma(dense.get(r, c), x[c * batch + j], sum);
        }
        sum += bias == null ? 0 : bias[3 + r];
        want[r * batch + j] = clamp.of(sum);
      }
    }
    for (SparseKernels kernels : new SparseKernels[] {SCALAR, SIMD}) {
      float[] got = new float[want.length];
      CacheBlockedMatrix blocks = CacheBlockedMatrix.of(w, 1 + rnd.nextInt(256));
      kernels.cacheBlockedSpmm(
          blocks, 0, blocks.panels(), batch, x, 0, batch, bias, 3, clamp, got, 0, batch);
      assertEqualUpToTheSignOfZero(want, got);
      kernels.csrSpmm(w, 0, w.rows(), batch, x, 0, batch, bias, 3, clamp, got, 0, batch);
      assertEqualUpToTheSignOfZero(want, got);
      SellMatrix batches = windows(w);
      kernels.sellSpmm(
          batches, 0, batches.blocks(), batch, x, 0, batch, bias, 3, clamp, got, 0, batch);
      assertEqualUpToTheSignOfZero(want, got);
      SellMatrix windows = windows(w);
      float[] one = new float[w.rows()];
      float[] column = new float[w.cols()];
      float[] sums = new float[windows.laneRows().length];
      for (int j = 0; j < batch; j++) {
        for (int c = 0; c < w.cols(); c++) {
          column[c] = x[c * batch + j];
        }
        kernels.sellSpmv(windows, 0, windows.blocks(), column, 0, bias, 3, clamp, sums, one, 0);
        for (int r = 0; r < w.rows(); r++) {
          assertEquals(got[r * batch + j], one[r], "batch of one, row " + r);
        }
        kernels.csrSpmv(w, 0, w.rows(), column, 0, bias, 3, clamp, one, 0);
        for (int r = 0; r < w.rows(); r++) {
          assertEquals(got[r * batch + j], one[r], "batch of one, row " + r);
        }
      }
    }
  }

  private static void assertEqualUpToTheSignOfZero(float[] want, float[] got) {
    for (int i = 0; i < want.length; i++) {
      assertEquals(want[i] + 0f, got[i] + 0f, "element " + i);
    }
  }

  @Test
  void anIdleLaneMakesNoNanOfAnInfiniteInput() {
    Tensor dense = Tensor.zeros(4 * L, 2 * L);
    dense.set(0, 1, 2f); // only this row has an entry, all other lanes idle at every step
    SellMatrix w = windows(CsrMatrix.of(dense));
    for (float hostile : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] x = new float[2 * L];
      Arrays.fill(x, hostile);
      x[1] = 3f;
      float[] y = new float[4 * L];
      SIMD.sellSpmv(w, 0, w.blocks(), x, 0, null, 0, Clamp.NONE, new float[4 * L], y, 0);
      float[] want = new float[4 * L];
      want[0] = 6f;
      assertArrayEquals(want, y);
    }
  }

  @Test
  void anIdlePlaceMakesNoNanOfAnInfiniteInput() {
    Tensor dense = Tensor.zeros(7, 40);
    dense.set(2, 1, 2f); // the other rows idle at this place, on the first row of X
    dense.set(5, 21, 3f);
    CacheBlockedMatrix w = CacheBlockedMatrix.of(CsrMatrix.of(dense), 20);
    int batch = 2 * L;
    for (float hostile : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      for (int broken : new int[] {0, 20}) {
        float[] x = new float[40 * batch];
        Arrays.fill(x, 1f);
        Arrays.fill(x, broken * batch, (broken + 1) * batch, hostile);
        float[] y = new float[7 * batch];
        SIMD.cacheBlockedSpmm(
            w, 0, w.panels(), batch, x, 0, batch, null, 0, Clamp.NONE, y, 0, batch);
        for (int i = 0; i < y.length; i++) {
          assertEquals(i / batch == 2 ? 2f : i / batch == 5 ? 3f : 0f, y[i]);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void transposeMovesEveryElement(long seed) {
    var rnd = new SplittableRandom(seed);
    for (int repeat = 0; repeat < 40; repeat++) {
      int rows = rnd.nextInt(70);
      int cols = rnd.nextInt(70);
      int ldx = cols + rnd.nextInt(4);
      int ldy = rows + rnd.nextInt(4);
      float[] x = values(rnd, 5 + rows * ldx, true);
      float[] want = guarded(3 + cols * ldy + 40);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < cols; c++) {
          want[3 + c * ldy + r] = x[5 + r * ldx + c];
        }
      }
      for (SparseKernels kernels : new SparseKernels[] {SCALAR, SIMD}) {
        float[] got = guarded(want.length);
        kernels.transpose(rows, cols, x, 5, ldx, got, 3, ldy);
        assertArrayEquals(want, got, rows + "x" + cols);
      }
    }
  }

  @Test
  void nothingIsAllocated() {
    var rnd = new SplittableRandom(1);
    int batch = 15 * L + 3; // every strip and the tail
    Tensor dense = Tensor.zeros(67, 130);
    for (int r = 0; r < 67; r++) {
      for (int c = 0; c < 130; c++) {
        dense.set(r, c, rnd.nextInt(5) == 0 ? (float) rnd.nextDouble(-1, 1) : 0);
      }
    }
    CsrMatrix w = CsrMatrix.of(dense);
    CacheBlockedMatrix blocks = CacheBlockedMatrix.of(w);
    SellMatrix windows = windows(w);
    float[] x = new float[130 * Math.max(67, batch)];
    Arrays.fill(x, 0.5f);
    float[] y = x.clone();
    float[] z = x.clone();
    float[] bias = new float[67];
    float[] sums = new float[windows.laneRows().length];
    Runnable call =
        () -> {
          SIMD.cacheBlockedSpmm(
              blocks, 0, blocks.panels(), batch, x, 0, batch, bias, 0, Clamp.RELU, y, 0, batch);
          SIMD.sellSpmv(windows, 0, windows.blocks(), x, 0, bias, 0, Clamp.RELU, sums, y, 0);
          SIMD.transpose(67, 130, x, 0, 130, y, 0, 67);
          SIMD.csrSpmv(w, 0, 67, x, 0, bias, 0, Clamp.RELU, y, 0);
          SIMD.csrSpmm(w, 0, 67, batch, x, 0, batch, bias, 0, Clamp.RELU, y, 0, batch);
          SIMD.csrSpmvTransposed(w, x, 0, y, 0);
          SIMD.csrSpmmTransposed(w, batch, x, 0, batch, z, 0, batch);
        };
    assertAllocatesNothing(call);
  }

  @Test
  void widerWindowsAllocateNothing() {
    var rnd = new SplittableRandom(1);
    int batch = 15 * L + 3;
    for (double density : new double[] {0.1, 0.3}) {
      SellMatrix w = windows(random(rnd, 67, 200, density));
      float[] x = new float[200 * batch];
      float[] y = new float[67 * batch];
      float[] sums = new float[w.laneRows().length];
      boolean isForBatches = SIMD.sellServesBatches(w.form(), w.precision());
      assertEquals(L == 16 && density == 0.1, isForBatches);
      assertAllocatesNothing(
          () -> {
            SIMD.sellSpmv(w, 0, w.blocks(), x, 0, null, 0, Clamp.RELU, sums, y, 0);
            if (isForBatches) {
              SIMD.sellSpmm(w, 0, w.blocks(), batch, x, 0, batch, null, 0, Clamp.RELU, y, 0, batch);
            }
          });
    }
  }

  private static SellMatrix windows(CsrMatrix csr) {
    return SellMatrix.of(csr, SIMD.sellForm(csr, Precision.FP32));
  }

  /** Returns a matrix of few entries in many columns. */
  private static CsrMatrix few(SplittableRandom rnd) {
    return random(rnd, rnd.nextInt(200), rnd.nextInt(100, 500), rnd.nextDouble(0.01, 0.3));
  }

  private static CsrMatrix random(SplittableRandom rnd, int rows, int cols, double density) {
    Tensor dense = Tensor.zeros(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        dense.set(r, c, rnd.nextDouble() < density ? (float) rnd.nextDouble(-1, 1) : 0);
      }
    }
    return CsrMatrix.of(dense);
  }

  private static CsrMatrix matrix(SplittableRandom rnd, long seed, boolean finite) {
    int rows = rnd.nextInt(seed % 4 == 0 ? 8 : seed % 4 == 1 ? 600 : 150);
    int cols = rnd.nextInt(seed % 3 == 0 ? 2 * L : 180);
    double density = seed % 5 == 0 ? 1 : seed % 7 == 0 ? 0 : rnd.nextDouble();
    boolean hostile = !finite && rnd.nextBoolean();
    Tensor dense = Tensor.zeros(rows, cols);
    for (int r = 0; r < rows; r++) {
      double rowDensity = rnd.nextInt(8) == 0 ? 0 : density * rnd.nextDouble(0.5, 1.5);
      for (int c = 0; c < cols; c++) {
        if (rnd.nextDouble() < rowDensity) {
          dense.set(r, c, values(rnd, 1, hostile)[0]);
        }
      }
    }
    return CsrMatrix.of(dense);
  }

  private static float @Nullable [] bias(SplittableRandom rnd, int rows) {
    return rnd.nextInt(3) == 0 ? null : values(rnd, 3 + rows, true);
  }

  private static float[] values(SplittableRandom rnd, int n, boolean hostile) {
    return RandomInputs.values(rnd, n, hostile ? HOSTILITY : 0);
  }
}
