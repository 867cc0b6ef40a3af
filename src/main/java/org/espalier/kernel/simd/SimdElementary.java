package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.espalier.kernel.scalar.Elementary;

/** {@link Elementary}, a vector at a time: the same operations in the same order. */
final class SimdElementary {
  private SimdElementary() {}

  /** Returns exp(x) for each lane. */
  static FloatVector exp(FloatVector x) {
    FloatVector rounded = x.fma(splat(Elementary.LOG2_E), splat(Elementary.ROUND));
    FloatVector k = rounded.sub(Elementary.ROUND);
    FloatVector r =
        k.fma(splat(Elementary.MINUS_LN2_LOW), k.fma(splat(Elementary.MINUS_LN2_HIGH), x));
    FloatVector q = splat(Elementary.E6);
    q = q.fma(r, splat(Elementary.E5));
    q = q.fma(r, splat(Elementary.E4));
    q = q.fma(r, splat(Elementary.E3));
    q = q.fma(r, splat(Elementary.E2));
    IntVector p = q.fma(r.mul(r), r).add(1f).reinterpretAsInts();
    IntVector shift = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector inRange = p.add(shift).reinterpretAsFloats();
    return x.mul(Float.POSITIVE_INFINITY) // NaN or +∞
        .blend(inRange, x.compare(VectorOperators.LE, Elementary.EXP_MAX))
        .blend(0f, x.compare(VectorOperators.LT, Elementary.EXP_MIN));
  }

  /** Returns log(x) for each lane. */
  static FloatVector log(FloatVector x) {
    VectorMask<Float> subnormal = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
    FloatVector exponentOffset = splat(0f).blend(-23f, subnormal);
    IntVector bits = x.blend(x.mul(Elementary.TWO_23), subnormal).reinterpretAsInts();
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
    return special(x, inRange);
  }

  /** Replaces the logarithms of what is not a positive number. */
  private static FloatVector special(FloatVector x, FloatVector inRange) {
    FloatVector outside = x.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    return outside
        .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f))
        .blend(
            inRange,
            x.compare(VectorOperators.GT, 0f)
                .and(x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY)));
  }

  private static FloatVector splat(float x) {
    return FloatVector.broadcast(Lanes.F32, x);
  }
}
