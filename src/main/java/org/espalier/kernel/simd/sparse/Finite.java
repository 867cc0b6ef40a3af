package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;

/** Whether floats are finite: only then does padding leave a sum alone. */
final class Finite {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();
  private static final int EXPONENT = 0x7f800000;

  private Finite() {}

  static boolean are(int n, float[] x, int xo) {
    IntVector seen = IntVector.zero(I32);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += L) {
      IntVector bits = FloatVector.fromArray(F32, x, xo + i).reinterpretAsInts();
      seen = seen.max(bits.and(EXPONENT));
    }
    int most = seen.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      most = Math.max(most, Float.floatToRawIntBits(x[xo + i]) & EXPONENT);
    }
    return most < EXPONENT;
  }
}
