package org.espalier.kernel.simd;

import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.espalier.kernel.contract.ProbeKernels;

/** {@link ProbeKernels} on vectors. */
public final class SimdProbe implements ProbeKernels {
  @Override
  public float multiplyAdd(int rounds) {
    FloatVector half = FloatVector.broadcast(F32, 0.5f);
    FloatVector one = FloatVector.broadcast(F32, 1f);
    FloatVector s0 = one;
    FloatVector s1 = FloatVector.broadcast(F32, 2f);
    FloatVector s2 = FloatVector.broadcast(F32, 3f);
    FloatVector s3 = FloatVector.broadcast(F32, 4f);
    FloatVector s4 = FloatVector.broadcast(F32, 5f);
    FloatVector s5 = FloatVector.broadcast(F32, 6f);
    FloatVector s6 = FloatVector.broadcast(F32, 7f);
    FloatVector s7 = FloatVector.broadcast(F32, 8f);
    FloatVector s8 = FloatVector.broadcast(F32, 9f);
    FloatVector s9 = FloatVector.broadcast(F32, 10f);
    FloatVector s10 = FloatVector.broadcast(F32, 11f);
    FloatVector s11 = FloatVector.broadcast(F32, 12f);
    for (int i = 0; i < rounds; i++) {
      s0 = s0.fma(half, one);
      s1 = s1.fma(half, one);
      s2 = s2.fma(half, one);
      s3 = s3.fma(half, one);
      s4 = s4.fma(half, one);
      s5 = s5.fma(half, one);
      s6 = s6.fma(half, one);
      s7 = s7.fma(half, one);
      s8 = s8.fma(half, one);
      s9 = s9.fma(half, one);
      s10 = s10.fma(half, one);
      s11 = s11.fma(half, one);
    }
    FloatVector low = s0.add(s1).add(s2).add(s3).add(s4).add(s5);
    return low.add(s6).add(s7).add(s8).add(s9).add(s10).add(s11).lane(0);
  }

  @Override
  public int lanes() {
    return LENGTH;
  }

  @Override
  public int read(int n, float[] x, int xo) {
    IntVector bits0 = IntVector.zero(Lanes.I32);
    IntVector bits1 = bits0;
    IntVector bits2 = bits0;
    IntVector bits3 = bits0;
    int i = 0;
    for (int bound = n & -4 * LENGTH; i < bound; i += 4 * LENGTH) {
      bits0 = bits0.or(load(x, xo + i));
      bits1 = bits1.or(load(x, xo + i + LENGTH));
      bits2 = bits2.or(load(x, xo + i + 2 * LENGTH));
      bits3 = bits3.or(load(x, xo + i + 3 * LENGTH));
    }
    int bits = bits0.or(bits1).or(bits2.or(bits3)).reduceLanes(VectorOperators.OR);
    for (; i < n; i++) {
      bits |= Float.floatToRawIntBits(x[xo + i]);
    }
    return bits;
  }

  private static IntVector load(float[] x, int i) {
    return FloatVector.fromArray(F32, x, i).reinterpretAsInts();
  }
}
