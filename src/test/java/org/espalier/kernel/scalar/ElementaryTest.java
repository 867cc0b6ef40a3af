package org.espalier.kernel.scalar;

import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.espalier.kernel.simd.SimdVector;
import org.junit.jupiter.api.Test;

/** Holds exp and log against {@link StrictMath} in double, whose error doesn't count here. */
class ElementaryTest {
  /** A prime, so that the samples, about a million of each sign, meet every kind of significand. */
  private static final int STEP = 2003;

  private static final int INFINITY = 0x7f800000;

  /** Worst errors over all floats, found by trying all. */
  private static final double EXP_ULPS = 1.01;

  private static final double LOG_ULPS = 0.95;

  @Test
  void expIsOffByAtMostTheStatedError() {
    double worst = 0;
    for (int bits = 0; bits < INFINITY; bits += STEP) {
      worst = Math.max(worst, expError(Float.intBitsToFloat(bits)));
      worst = Math.max(worst, expError(-Float.intBitsToFloat(bits)));
    }
    // Where the error is greatest, and around the ends of the range.
    for (float x : new float[] {-27.379135f, Elementary.EXP_MIN, Elementary.EXP_MAX}) {
      for (float near = x - 1e-3f; near <= x + 1e-3f; near = Math.nextUp(near)) {
        worst = Math.max(worst, expError(near));
      }
    }
    assertTrue(worst <= EXP_ULPS, "exp is off by " + worst + " ulp");
  }

  private static double expError(float x) {
    double exact = StrictMath.exp(x);
    float got = Elementary.exp(x);
    if ((float) exact == Float.POSITIVE_INFINITY) {
      assertEquals(Float.POSITIVE_INFINITY, got, () -> "exp(" + x + ")");
      return 0;
    }
    if ((float) exact < Float.MIN_NORMAL) {
      assertSameBits(0f, got, () -> "exp(" + x + ")");
      return 0;
    }
    return ulps(got, exact);
  }

  @Test
  void logIsOffByAtMostTheStatedError() {
    double worst = 0;
    for (int bits = 1; bits < INFINITY; bits += STEP) {
      worst = Math.max(worst, logError(Float.intBitsToFloat(bits)));
    }
    for (float x : new float[] {2.6670594f, 1f, 2 / 3f, 4 / 3f, Float.MIN_NORMAL}) {
      int bits = Float.floatToRawIntBits(x);
      for (int near = bits - 2000; near <= bits + 2000; near++) {
        worst = Math.max(worst, logError(Float.intBitsToFloat(near)));
      }
    }
    assertTrue(worst <= LOG_ULPS, "log is off by " + worst + " ulp");
  }

  private static double logError(float x) {
    double exact = StrictMath.log(x);
    if (exact == 0) {
      assertSameBits(0f, Elementary.log(x), () -> "log(" + x + ")");
      return 0;
    }
    return ulps(Elementary.log(x), exact);
  }

  private static double ulps(float got, double exact) {
    return Math.abs(got - exact) / Math.ulp((float) exact);
  }

  @Test
  void specialValues() {
    float inf = Float.POSITIVE_INFINITY;
    assertEquals(Float.NaN, Elementary.exp(Float.NaN));
    assertEquals(inf, Elementary.exp(inf));
    assertEquals(0f, Elementary.exp(-inf));
    assertEquals(1f, Elementary.exp(0f));
    assertEquals(1f, Elementary.exp(-0f));
    assertEquals(inf, Elementary.exp(Float.MAX_VALUE));
    assertEquals(0f, Elementary.exp(-Float.MAX_VALUE));
    assertEquals(1f, Elementary.exp(Float.MIN_VALUE));

    assertEquals(Float.NaN, Elementary.log(Float.NaN));
    assertEquals(inf, Elementary.log(inf));
    assertEquals(Float.NaN, Elementary.log(-inf));
    assertEquals(-inf, Elementary.log(0f));
    assertEquals(-inf, Elementary.log(-0f));
    assertEquals(Float.NaN, Elementary.log(-1f));
    assertEquals(Float.NaN, Elementary.log(-Float.MIN_VALUE));
    assertEquals((float) (-149 * StrictMath.log(2)), Elementary.log(Float.MIN_VALUE));
    assertEquals((float) (128 * StrictMath.log(2)), Elementary.log(Float.MAX_VALUE));
  }

  /** A kernel that evaluates a function over many floats at once. */
  private interface Kernel {
    void apply(int n, float[] x, int xo, float[] y, int yo);
  }

  @Test
  void vectorsGiveTheSameBitsForEveryKindOfFloat() {
    var scalar = new ScalarVector();
    var simd = new SimdVector();
    compare("exp", scalar::exp, simd::exp);
    compare("log", scalar::log, simd::log);
  }

  private static void compare(String name, Kernel specification, Kernel kernel) {
    int n = 4096;
    float[] x = new float[n];
    float[] want = new float[n];
    float[] got = new float[n];
    int bits = 0;
    // 1 << 20 samples at a stride that is odd, so that all exponents, signs and NaNs are met
    for (int block = 0; block < 256; block++) {
      for (int i = 0; i < n; i++) {
        x[i] = Float.intBitsToFloat(bits);
        bits += 4099;
      }
      specification.apply(n, x, 0, want, 0);
      kernel.apply(n, x, 0, got, 0);
      int b = block;
      assertSameBits(want, got, () -> name + ", block " + b);
    }
  }
}
