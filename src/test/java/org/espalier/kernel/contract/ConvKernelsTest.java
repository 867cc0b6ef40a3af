package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.guarded;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.KernelAssertions;
import org.espalier.kernel.scalar.ScalarConv;
import org.espalier.kernel.simd.conv.SimdConv;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each loop against its specification; offsets are odd and every output has guard cells. */
class ConvKernelsTest {
  private static final ConvKernels SIMD = new SimdConv();
  private static final ConvKernels SCALAR =
      new ScalarConv(SIMD.channels(), SIMD.lanes(), SIMD.gradientOutputs(), SIMD.gradientInputs());

  private static int[] indices(SplittableRandom random, int n, int bound) {
    return random.ints(n, 0, bound).toArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void tile(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      int steps = random.nextInt(random.nextInt(4) == 0 ? 1 : 40);
      int count = random.nextInt(1, SIMD.channels() + 1);
      int lanes = SIMD.lanes();
      int xd = random.nextInt(3) * lanes;
      int yd = random.nextInt(2) == 0 ? lanes : lanes + 5;
      float[] x = RandomInputs.values(random, 400);
      float[] panel = RandomInputs.values(random, 200);
      float[] bias = RandomInputs.values(random, 3 + SIMD.channels());
      int[] taps = new int[3 + 2 * steps];
      for (int p = 0; p < steps; p++) {
        taps[3 + 2 * p] = random.nextInt(300);
        taps[4 + 2 * p] = random.nextInt(150);
      }
      int ldy = 3 * lanes + 15 + random.nextInt(10);
      int[] rows = new int[2 + count];
      for (int i = 0; i < count; i++) {
        rows[2 + i] = 2 * i + random.nextInt(2);
      }
      float[] want = RandomInputs.values(random, 7 + 2 * count * ldy + 3 * lanes + 30);
      float[] got = want.clone();
      boolean resume = random.nextBoolean();
      Clamp clamp = RandomInputs.clamp(random);
      SCALAR.tile(
          count, steps, taps, 3, x, 5, xd, panel, 1, resume, bias, 3, clamp, want, rows, 2, ldy, 7,
          yd);
      SIMD.tile(
          count, steps, taps, 3, x, 5, xd, panel, 1, resume, bias, 3, clamp, got, rows, 2, ldy, 7,
          yd);
      String what = "seed " + seed + ", round " + round;
      KernelAssertions.assertSameBits(want, got, () -> what);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void run(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      int steps = random.nextInt(random.nextInt(4) == 0 ? 1 : 40);
      int count = random.nextInt(1, SIMD.channels() + 1);
      int vectors = random.nextInt(1, SIMD.vectors() + 1);
      int width = vectors * SIMD.lanes();
      float[] x = RandomInputs.values(random, 400);
      float[] panel = RandomInputs.values(random, 1 + steps * SIMD.channels() + 7);
      float[] bias = RandomInputs.values(random, 3 + SIMD.channels());
      int[] distances = indices(random, 2 + steps, 300);
      int ldy = width + random.nextInt(10);
      float[] want = RandomInputs.values(random, 7 + count * ldy + width + 20);
      float[] got = want.clone();
      boolean resume = random.nextBoolean();
      Clamp clamp = RandomInputs.clamp(random);
      SCALAR.run(
          vectors, count, steps, x, 5, distances, 2, panel, 1, resume, bias, 3, clamp, want, 7,
          ldy);
      SIMD.run(
          vectors, count, steps, x, 5, distances, 2, panel, 1, resume, bias, 3, clamp, got, 7, ldy);
      String what = "seed " + seed + ", round " + round;
      KernelAssertions.assertSameBits(want, got, () -> what);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void gradientTile(long seed) {
    var random = new SplittableRandom(seed);
    int cells = SIMD.gradientInputs() * ConvKernels.PIXEL;
    for (int round = 0; round < 200; round++) {
      int steps = random.nextInt(40);
      int count = random.nextInt(1, SIMD.gradientOutputs() + 1);
      float[] dy = RandomInputs.values(random, 600);
      float[] x = RandomInputs.values(random, 600);
      int[] dyRows = indices(random, 3 + SIMD.gradientOutputs(), 9);
      int[] xRows = indices(random, 2 + SIMD.gradientInputs(), 9);
      int[] pixels = indices(random, 5 + 2 * steps, 250);
      float[] want = guarded(9 + SIMD.gradientOutputs() * cells + 16);
      float[] start = RandomInputs.values(random, SIMD.gradientOutputs() * cells);
      System.arraycopy(start, 0, want, 9, start.length);
      float[] got = want.clone();
      SCALAR.gradientTile(
          count, steps, pixels, 5, dy, dyRows, 3, 33, 4, x, xRows, 2, 31, 6, want, 9);
      SIMD.gradientTile(count, steps, pixels, 5, dy, dyRows, 3, 33, 4, x, xRows, 2, 31, 6, got, 9);
      for (float[] sums : new float[][] {want, got}) { // means nothing
        Arrays.fill(sums, 9 + count * cells, 9 + SIMD.gradientOutputs() * cells, 0f);
      }
      String what = "seed " + seed + ", round " + round;
      KernelAssertions.assertSameBits(want, got, () -> what);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void sums(long seed) {
    var random = new SplittableRandom(seed);
    for (int n = 0; n < 70; n++) {
      float[] x = RandomInputs.values(random, 3 + n * ConvKernels.PIXEL);
      float[] want = guarded(5 + ConvKernels.PIXEL + 16);
      float[] got = want.clone();
      SCALAR.addPixels(n, x, 3, want, 5);
      SIMD.addPixels(n, x, 3, got, 5);
      String what = "seed " + seed + ", n " + n;
      KernelAssertions.assertSameBits(want, got, () -> what);
      float[] wantSums = guarded(n + 20);
      float[] gotSums = wantSums.clone();
      SCALAR.merge(n, x, 3, wantSums, 7);
      SIMD.merge(n, x, 3, gotSums, 7);
      KernelAssertions.assertSameBits(wantSums, gotSums, () -> what);
    }
  }

  @Test
  void kernelsAllocateNothing() {
    var random = new SplittableRandom(1);
    float[] x = RandomInputs.tameValues(random, 600);
    float[] y = new float[700];
    float[] bias = new float[8];
    int[] list = indices(random, 80, 250);
    int[] rows = {0, 1, 2, 3, 4, 5, 6, 7};
    KernelAssertions.assertAllocatesNothing(
        () -> {
          for (int count = 1; count <= SIMD.gradientOutputs(); count++) {
            boolean odd = (count & 1) != 0;
            SIMD.tile(
                count,
                30,
                list,
                0,
                x,
                0,
                16,
                x,
                0,
                odd,
                bias,
                0,
                Clamp.rectifier(!odd),
                y,
                rows,
                0,
                40,
                0,
                16);
            for (int vectors = 1; vectors <= SIMD.vectors(); vectors++) {
              SIMD.run(vectors, count, 30, x, 0, list, 0, x, 0, odd, bias, 0, Clamp.RELU, y, 0, 60);
            }
            SIMD.depthwise(0, 5, 80, 1, 9, x, 0, x, 0, 9, list, bias, 0, Clamp.RELU, y, 0, 90);
            SIMD.gradientTile(count, 40, list, 0, x, rows, 0, 16, 0, x, rows, 0, 16, 0, y, 0);
          }
          SIMD.addPixels(20, x, 0, y, 0);
          SIMD.merge(20, x, 0, y, 0);
        });
  }
}
