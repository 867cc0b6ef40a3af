package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.assertAllocatesNothing;
import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.sparse.SimdSparse;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaCsrKernelsTest {
  private static final SparseKernels SCALAR = new ScalarSparse();
  private static final SparseKernels SIMD = new SimdSparse();
  private static final int UNIT = SparseKernels.UNIT;

  /** Cells around what is written. */
  private static final int GUARD = 5;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void simdEqualsTheSpecificationBitForBit(long seed) {
    var random = new SplittableRandom(seed);
    for (int units = 0; units <= 30; units++) {
      int length = units * UNIT;
      int rows = random.nextInt(1, 6);
      int cols = random.nextInt(1, 700);
      boolean tame = random.nextBoolean(); // hostile values hide mistakes in a sum behind NaN
      DeltaCsrMatrix w = matrix(random, rows, cols, tame);
      int[] distances = random.ints(cols, -40, 200).toArray();
      float[] x = values(random, 240 + length, tame);
      float[] bias = values(random, rows + 2, tame);
      int ldo = length + random.nextInt(9);
      float @Nullable [] other = random.nextBoolean() ? values(random, 3 + rows * ldo, tame) : null;
      int ldy = length + random.nextInt(9);
      float[] want = values(random, GUARD + rows * ldy + GUARD, true);
      float[] got = want.clone();
      Clamp clamp = RandomInputs.clamp(random);
      int from = random.nextInt(rows);
      int to = random.nextInt(from, rows + 1);
      SCALAR.deltaCsrConv(
          w, from, to, length, x, 40, distances, bias, 2, other, 3, ldo, clamp, want, GUARD, ldy);
      SIMD.deltaCsrConv(
          w, from, to, length, x, 40, distances, bias, 2, other, 3, ldo, clamp, got, GUARD, ldy);
      assertSameBits(want, got, () -> rows + " x " + cols + ", length " + length);
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void narrowValuesGiveTheBitsOfTheFloatsThatTheyStandFor(Precision precision) {
    var random = new SplittableRandom(4);
    for (int units = 1; units <= 30; units++) {
      int length = units * UNIT;
      int rows = random.nextInt(1, 6);
      int cols = random.nextInt(1, 900);
      Tensor dense = precision.roundRows("w", dense(random, rows, cols, true));
      int[] distances = random.ints(cols, -40, 200).toArray();
      float[] x = values(random, 240 + length, true);
      float[] bias = values(random, rows, true);
      float[] want = values(random, GUARD + rows * length + GUARD, true);
      DeltaCsrMatrix wide = DeltaCsrMatrix.of(dense);
      DeltaCsrMatrix narrow = DeltaCsrMatrix.of(dense, precision);
      float[] scalar = want.clone();
      float[] simd = want.clone();
      SCALAR.deltaCsrConv(
          wide,
          0,
          rows,
          length,
          x,
          40,
          distances,
          bias,
          0,
          null,
          0,
          0,
          Clamp.RELU,
          want,
          GUARD,
          length);
      SCALAR.deltaCsrConv(
          narrow,
          0,
          rows,
          length,
          x,
          40,
          distances,
          bias,
          0,
          null,
          0,
          0,
          Clamp.RELU,
          scalar,
          GUARD,
          length);
      SIMD.deltaCsrConv(
          narrow,
          0,
          rows,
          length,
          x,
          40,
          distances,
          bias,
          0,
          null,
          0,
          0,
          Clamp.RELU,
          simd,
          GUARD,
          length);
      String what = rows + " x " + cols + ", length " + length;
      assertSameBits(want, scalar, () -> what);
      assertSameBits(want, simd, () -> what);
    }
  }

  /** One row by hand: two entries more than a byte apart, a bias, an addend and the rectifier. */
  @Test
  void theSpecificationIsAChainOverColumnsThenBiasThenTheOther() {
    Tensor dense = Tensor.zeros(1, 600);
    dense.set(0, 2, 3f);
    dense.set(0, 599, -2f);
    int[] distances = new int[600];
    distances[2] = 1;
    distances[599] = 16;
    float[] x = new float[64];
    x[1] = 5; // 0 + 1
    x[16] = 7; // 0 + 16
    x[17] = 100; // 1 + 16
    float[] other = new float[UNIT];
    other[0] = 0.25f;
    float[] y = new float[UNIT];
    SCALAR.deltaCsrConv(
        DeltaCsrMatrix.of(dense),
        0,
        1,
        UNIT,
        x,
        0,
        distances,
        new float[] {0.5f},
        0,
        other,
        0,
        UNIT,
        Clamp.RELU,
        y,
        0,
        UNIT);
    assertEquals(3 * 5 - 2 * 7 + 0.5f + 0.25f, y[0]);
    assertEquals(0f, y[1], "−200 and something, rectified");
    assertEquals(0.5f, y[2]);
  }

  @ParameterizedTest
  @CsvSource({"true, FP32", "false, FP32", "true, FP16", "false, INT8"})
  void allocatesNothing(boolean adds, Precision precision) {
    var random = new SplittableRandom(3);
    DeltaCsrMatrix w = DeltaCsrMatrix.of(dense(random, 5, 90, true), precision);
    int[] distances = random.ints(90, 0, 200).toArray();
    int length = 19 * UNIT;
    float[] x = values(random, 200 + length, true);
    float[] bias = values(random, 5, true);
    float @Nullable [] other = adds ? values(random, 5 * length, true) : null;
    float[] y = new float[5 * length];
    assertAllocatesNothing(
        () ->
            SIMD.deltaCsrConv(
                w,
                0,
                5,
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
                length));
  }

  private static float[] values(SplittableRandom random, int n, boolean tame) {
    return tame ? RandomInputs.tameValues(random, n) : RandomInputs.values(random, n);
  }

  private static DeltaCsrMatrix matrix(SplittableRandom random, int rows, int cols, boolean tame) {
    return DeltaCsrMatrix.of(dense(random, rows, cols, tame));
  }

  private static Tensor dense(SplittableRandom random, int rows, int cols, boolean tame) {
    Tensor dense = Tensor.zeros(rows, cols);
    for (int r = 0; r < rows; r++) {
      float[] row = values(random, cols, tame);
      double density = random.nextInt(4) == 0 ? 0.004 : random.nextDouble();
      for (int c = 0; c < cols; c++) {
        dense.set(r, c, random.nextDouble() < density ? row[c] : 0);
      }
    }
    return dense;
  }
}
