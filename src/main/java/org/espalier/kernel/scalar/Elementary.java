package org.espalier.kernel.scalar;

/**
 * The exponential and the logarithm: short polynomials evaluated by fused multiply-adds, so that
 * every implementation can give the same bits. For every float the exponential is off by at most
 * 1.01 ulp, the logarithm by 0.95; the coefficients minimise the greatest relative error (Remez),
 * rounded to float.
 */
public final class Elementary {
  /** The least x whose exponential is a normal float. */
  public static final float EXP_MIN = -0x1.5d589ep6f;

  /** The greatest x whose exponential is finite. */
  public static final float EXP_MAX = 0x1.62e42ep6f;

  /** log2(e). */
  public static final float LOG2_E = 0x1.715476p0f;

  /**
   * 1.5·2<sup>23</sup>: added to a small float it leaves the nearest integer in the low bits of the
   * sum.
   */
  public static final float ROUND = 0x1.8p23f;

  /** −log(2), the part whose product with an exponent is exact. */
  public static final float MINUS_LN2_HIGH = -0x1.62e4p-1f;

  /** −log(2), the rest. */
  public static final float MINUS_LN2_LOW = -0x1.7f7d1cp-20f;

  /** exp(r) ≈ 1 + r + r²·(E2 + E3·r + … + E6·r⁴) for |r| ≤ log(2)/2. */
  public static final float E2 = 0x1.fffffcp-2f;

  public static final float E3 = 0x1.555492p-3f;
  public static final float E4 = 0x1.5558f2p-5f;
  public static final float E5 = 0x1.1239e2p-7f;
  public static final float E6 = 0x1.6a2434p-10f;

  /** Bits of 2/3, below which a significand is doubled. */
  public static final int TWO_THIRDS = 0x3f2aaaab;

  /** Bits of a float that hold sign and exponent. */
  public static final int EXPONENT = 0xff800000;

  /** 2<sup>23</sup>, which makes a subnormal normal. */
  public static final float TWO_23 = 0x1p23f;

  /** log(2). */
  public static final float LN2 = 0x1.62e43p-1f;

  /** log(1 + f) ≈ f + f²·(L2 + L3·f + … + L10·f⁸) for |f| ≤ 1/3. */
  public static final float L2 = -0x1p-1f;

  public static final float L3 = 0x1.555502p-2f;
  public static final float L4 = -0x1.fffe84p-3f;
  public static final float L5 = 0x1.99d1f2p-3f;
  public static final float L6 = -0x1.55a754p-3f;
  public static final float L7 = 0x1.1ebe6ap-3f;
  public static final float L8 = -0x1.f25deep-4f;
  public static final float L9 = 0x1.1ed134p-3f;
  public static final float L10 = -0x1.0931bap-3f;

  private Elementary() {}

  /** Returns exp(x) as {@link org.espalier.kernel.contract.VectorKernels#exp} defines it. */
  public static float exp(float x) {
    if (x < EXP_MIN) {
      return 0;
    }
    if (!(x <= EXP_MAX)) {
      return x * Float.POSITIVE_INFINITY; // NaN or +∞
    }
    // x = k·log(2) + r
    float rounded = Math.fma(x, LOG2_E, ROUND);
    float k = rounded - ROUND;
    float r = Math.fma(k, MINUS_LN2_LOW, Math.fma(k, MINUS_LN2_HIGH, x));
    float q = E6;
    q = Math.fma(q, r, E5);
    q = Math.fma(q, r, E4);
    q = Math.fma(q, r, E3);
    q = Math.fma(q, r, E2);
    float p = Math.fma(q, r * r, r) + 1;
    // Times 2^k: the low bits of `rounded` are k, and the shift moves them into the exponent.
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(rounded) << 23));
  }

  /** Returns log(x) as {@link org.espalier.kernel.contract.VectorKernels#log} defines it. */
  public static float log(float x) {
    if (!(x > 0 && x < Float.POSITIVE_INFINITY)) {
      // log(±0) = −∞, and what else gets here is NaN, +∞ (both kept) or below 0.
      return x == 0 ? Float.NEGATIVE_INFINITY : x < 0 ? Float.NaN : x;
    }
    boolean subnormal = x < Float.MIN_NORMAL;
    float exponentOffset = subnormal ? -23f : 0f;
    int bits = Float.floatToRawIntBits(subnormal ? x * TWO_23 : x);
    // x = 2^k·(1 + f) with 1 + f in [2/3, 4/3)
    int exponent = bits - TWO_THIRDS & EXPONENT;
    float k = Math.fma((float) exponent, 0x1p-23f, exponentOffset);
    float f = Float.intBitsToFloat(bits - exponent) - 1;
    float q = L10;
    q = Math.fma(q, f, L9);
    q = Math.fma(q, f, L8);
    q = Math.fma(q, f, L7);
    q = Math.fma(q, f, L6);
    q = Math.fma(q, f, L5);
    q = Math.fma(q, f, L4);
    q = Math.fma(q, f, L3);
    q = Math.fma(q, f, L2);
    return Math.fma(k, LN2, Math.fma(q, f * f, f));
  }
}
