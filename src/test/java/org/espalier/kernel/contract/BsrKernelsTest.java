package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.assertAllocatesNothing;
import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.sparse.SimdSparse;
import org.espalier.sparse.BsrMatrix;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BsrKernelsTest {
  private static final SparseKernels SCALAR = new ScalarSparse();
  private static final SparseKernels SIMD = new SimdSparse();

  /** Cells around what is written. */
  private static final int GUARD = 5;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void runsMatchTheSpecificationBitForBit(long seed) {
    var random = new SplittableRandom(seed);
    for (int length = 0; length <= 250; length += random.nextInt(1, 9)) {
      int rows = random.nextInt(1, 60);
      int cols = random.nextInt(1, 100);
      boolean tame = random.nextBoolean(); // hostile values hide mistakes in a sum behind NaN
      BsrMatrix w = matrix(random, rows, cols, tame);
      int[] distances = random.ints(cols, -40, 200).toArray();
      float[] x = values(random, 240 + length, tame);
      float[] bias = values(random, rows + 2, tame);
      int ldo = length + random.nextInt(9);
      float @Nullable [] other = random.nextBoolean() ? values(random, 3 + rows * ldo, tame) : null;
      int ldy = length + random.nextInt(9);
      float[] want = values(random, GUARD + rows * ldy + GUARD, true);
      float[] got = want.clone();
      Clamp clamp = RandomInputs.clamp(random);
      int from = random.nextInt(w.quads());
      int to = random.nextBoolean() ? w.quads() : random.nextInt(from, w.quads() + 1);
      SCALAR.bsrSpmm(
          w, from, to, length, x, 40, distances, bias, 2, other, 3, ldo, clamp, want, GUARD, ldy);
      SIMD.bsrSpmm(
          w, from, to, length, x, 40, distances, bias, 2, other, 3, ldo, clamp, got, GUARD, ldy);
      String what = rows + " x " + cols + ", height " + w.height() + ", length " + length;
      assertSameBits(want, got, () -> what);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void spmvMatchesTheSpecificationBitForBit(long seed) {
    var random = new SplittableRandom(seed);
    for (int repeat = 0; repeat < 20; repeat++) {
      int rows = random.nextInt(1, 250);
      int cols = random.nextInt(1, 100);
      boolean tame = random.nextBoolean();
      BsrMatrix w = BsrMatrix.of(dense(random, rows, cols, 16, tame), 16);
      float[] x = values(random, 7 + cols, tame);
      float[] bias = values(random, rows + 2, tame);
      float[] want = values(random, GUARD + rows + GUARD, true);
      float[] got = want.clone();
      float[] sums = values(random, w.groups() * BsrMatrix.ROWS, false);
      Clamp clamp = RandomInputs.clamp(random);
      int from = random.nextInt(w.groups());
      int to = random.nextBoolean() ? w.groups() : random.nextInt(from, w.groups() + 1);
      SCALAR.bsrSpmv(w, from, to, x, 7, bias, 2, clamp, sums.clone(), want, GUARD);
      SIMD.bsrSpmv(w, from, to, x, 7, bias, 2, clamp, sums, got, GUARD);
      assertSameBits(want, got, () -> rows + " x " + cols);
    }
  }

  /** The specification against a product that knows of no zeros: a batch and one by one. */
  @ParameterizedTest
  @CsvSource({"4, 1", "4, 2", "4, 3", "16, 1", "16, 2", "16, 3"})
  void theProductIsThatOfTheDenseMatrix(int height, long seed) {
    var random = new SplittableRandom(seed);
    int rows = 45;
    int cols = 77;
    int batch = 37;
    Tensor dense = dense(random, rows, cols, height, true);
    BsrMatrix w = BsrMatrix.of(dense, height);
    float[] x = values(random, cols * batch, true);
    float[] bias = values(random, rows, true);
    int[] distances = new int[cols];
    for (int c = 0; c < cols; c++) {
      distances[c] = c * batch;
    }
    for (SparseKernels k : new SparseKernels[] {SCALAR, SIMD}) {
      float[] y = new float[rows * batch];
      k.bsrSpmm(
          w, 0, w.quads(), batch, x, 0, distances, bias, 0, null, 0, 0, Clamp.RELU, y, 0, batch);
      float[] column = new float[cols];
      float[] one = new float[rows];
      float[] sums = new float[w.groups() * BsrMatrix.ROWS];
      for (int j = 0; j < batch; j++) {
        for (int c = 0; c < cols; c++) {
          column[c] = x[c * batch + j];
        }
        if (height == BsrMatrix.ROWS) {
          k.bsrSpmv(w, 0, w.groups(), column, 0, bias, 0, Clamp.RELU, sums, one, 0);
        }
        for (int r = 0; r < rows; r++) {
          float sum = 0;
          for (int c = 0; c < cols; c++) {
            sum = Math.fma(dense.get(r, c), column[c], sum);
          }
          float want = Math.max(sum + bias[r], 0);
          assertEquals(want + 0f, y[r * batch + j] + 0f, "row " + r + ", " + j);
          if (height == BsrMatrix.ROWS) {
            assertEquals(y[r * batch + j], one[r], "row " + r + ", " + j);
          }
        }
      }
    }
  }

  /** Three blocks by hand, a zero in one of them, a bias, an addend and the rectifier. */
  @Test
  void theSpecificationIsAChainOverColumnsThenBiasThenTheOther() {
    Tensor dense = Tensor.zeros(6, 9);
    dense.set(1, 2, 3f);
    dense.set(1, 8, -2f);
    dense.set(5, 0, 1f);
    int[] distances = {0, 0, 1, 0, 0, 0, 0, 0, 4};
    float[] x = {0.125f, 5f, 0f, 0f, 7f, 100f};
    float[] bias = {0f, 0.5f, 0f, 0f, 0f, -0.25f};
    float[] other = new float[12];
    other[2] = 0.25f;
    float[] y = new float[12];
    BsrMatrix w = BsrMatrix.of(dense, 4);
    SCALAR.bsrSpmm(w, 0, w.quads(), 2, x, 0, distances, bias, 0, other, 0, 2, Clamp.RELU, y, 0, 2);
    // row 1: 0.5 + 3·5 − 2·7 + 0.25, and 0.5 − 200, rectified; row 5: 0.125 − 0.25, 5 − 0.25
    assertSameBits(
        new float[] {0f, 0f, 1.75f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 4.75f}, y, () -> "by hand");
  }

  @ParameterizedTest
  @CsvSource({"4, true", "4, false", "16, true", "16, false"})
  void allocatesNothing(int height, boolean adds) {
    var random = new SplittableRandom(3);
    int rows = 150;
    BsrMatrix w = BsrMatrix.of(dense(random, rows, 90, height, true), height);
    int[] distances = random.ints(90, 0, 200).toArray();
    int length = 14 * 16 + 15; // every strip and the tail
    float[] x = values(random, 200 + length, true);
    float[] bias = values(random, rows, true);
    float @Nullable [] other = adds ? values(random, rows * length, true) : null;
    float[] sums = new float[w.groups() * BsrMatrix.ROWS];
    float[] y = new float[rows * length];
    assertAllocatesNothing(
        () -> {
          SIMD.bsrSpmm(
              w,
              0,
              w.quads(),
              length,
              x,
              0,
              distances,
              bias,
              0,
              other,
              0,
              length,
              Clamp.RELU,
              y,
              0,
              length);
          if (height == BsrMatrix.ROWS) {
            SIMD.bsrSpmv(w, 0, w.groups(), x, 0, bias, 0, Clamp.RELU, sums, y, 0);
          }
        });
  }

  private static float[] values(SplittableRandom random, int n, boolean tame) {
    return tame ? RandomInputs.tameValues(random, n) : RandomInputs.values(random, n);
  }

  private static BsrMatrix matrix(SplittableRandom random, int rows, int cols, boolean tame) {
    int height = random.nextBoolean() ? 4 : 16;
    return BsrMatrix.of(dense(random, rows, cols, height, tame), height);
  }

  /** Blocks at random, sometimes with zeros inside. */
  private static Tensor dense(
      SplittableRandom random, int rows, int cols, int height, boolean tame) {
    Tensor dense = Tensor.zeros(rows, cols);
    double holes = random.nextBoolean() ? 0 : random.nextDouble();
    for (int b = 0; b < rows; b += height) {
      double density = random.nextInt(4) == 0 ? 0 : random.nextDouble();
      for (int c = 0; c < cols; c++) {
        if (random.nextDouble() < density) {
          float[] block = values(random, height, tame);
          for (int r = b; r < Math.min(rows, b + height); r++) {
            dense.set(r, c, random.nextDouble() < holes ? 0 : block[r - b]);
          }
        }
      }
    }
    return dense;
  }
}
