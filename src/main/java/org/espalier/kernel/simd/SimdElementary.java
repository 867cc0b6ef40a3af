package org.espalier.kernel.simd;

import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.espalier.kernel.scalar.Elementary;

/** {@link Elementary}, a vector at a time: the same operations in the same order. */
final class SimdElementary {
  private SimdElementary() {}

  /**
   * {@code y[i] = exp(x[i] − shift)}. One body with its loop: a vector that a method returns is
   * boxed where the compiler finds that method too large to inline.
   */
  static void exp(int n, float[] x, int xo, float shift, float[] y, int yo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i).sub(shift);
      FloatVector rounded = v.fma(splat(Elementary.LOG2_E), splat(Elementary.ROUND));
      FloatVector k = rounded.sub(Elementary.ROUND);
      FloatVector r =
          k.fma(splat(Elementary.MINUS_LN2_LOW), k.fma(splat(Elementary.MINUS_LN2_HIGH), v));
      FloatVector q = splat(Elementary.E6);
      q = q.fma(r, splat(Elementary.E5));
      q = q.fma(r, splat(Elementary.E4));
      q = q.fma(r, splat(Elementary.E3));
      q = q.fma(r, splat(Elementary.E2));
      IntVector p = q.fma(r.mul(r), r).add(1f).reinterpretAsInts();
      IntVector exponent = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector inRange = p.add(exponent).reinterpretAsFloats();
      v.mul(Float.POSITIVE_INFINITY) // NaN or +∞
          .blend(inRange, v.compare(VectorOperators.LE, Elementary.EXP_MAX))
          .blend(0f, v.compare(VectorOperators.LT, Elementary.EXP_MIN))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.exp(x[xo + i] - shift);
    }
  }

  /** {@code y[i] = log(x[i])}. */
  static void log(int n, float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i);
      VectorMask<Float> subnormal = v.compare(VectorOperators.LT, Float.MIN_NORMAL);
      FloatVector exponentOffset = splat(0f).blend(-23f, subnormal);
      IntVector bits = v.blend(v.mul(Elementary.TWO_23), subnormal).reinterpretAsInts();
      IntVector exponent = bits.sub(Elementary.TWO_THIRDS).and(Elementary.EXPONENT);
      FloatVector k =
          ((FloatVector) exponent.convert(VectorOperators.I2F, 0))
              .fma(splat(0x1p-23f), exponentOffset);
      FloatVector f = bits.sub(exponent).reinterpretAsFloats().sub(1f);
      FloatVector q = splat(Elementary.L10);
      q = q.fma(f, splat(Elementary.L9));
      q = q.fma(f, splat(Elementary.L8));
      q = q.fma(f, splat(Elementary.L7));
      q = q.fma(f, splat(Elementary.L6));
      q = q.fma(f, splat(Elementary.L5));
      q = q.fma(f, splat(Elementary.L4));
      q = q.fma(f, splat(Elementary.L3));
      q = q.fma(f, splat(Elementary.L2));
      FloatVector inRange = k.fma(splat(Elementary.LN2), q.fma(f.mul(f), f));
      // what is not a positive number
      FloatVector outside = v.blend(Float.NaN, v.compare(VectorOperators.LT, 0f));
      outside
          .blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f))
          .blend(
              inRange,
              v.compare(VectorOperators.GT, 0f)
                  .and(v.compare(VectorOperators.LT, Float.POSITIVE_INFINITY)))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.log(x[xo + i]);
    }
  }

  private static FloatVector splat(float x) {
    return FloatVector.broadcast(F32, x);
  }
}
