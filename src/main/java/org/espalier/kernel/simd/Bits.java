package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Rows of bits beside vectors of floats. */
final class Bits {
  private Bits() {}

  /** Returns {@code v} with +0 in the lanes whose bit, counted from the low end, is clear. */
  static FloatVector keep(FloatVector v, long bits) {
    return FloatVector.zero(Lanes.F32).blend(v, VectorMask.fromLong(Lanes.F32, bits));
  }

  /** {@link #keep} for vectors of eight lanes. */
  static FloatVector keep256(FloatVector v, long bits) {
    VectorMask<Float> mask = VectorMask.fromLong(FloatVector.SPECIES_256, bits);
    return FloatVector.zero(FloatVector.SPECIES_256).blend(v, mask);
  }

  /**
   * Returns bits of a row from bit {@code i} on, the first lowest; bits of the next word are not
   * looked at.
   */
  static long from(long[] words, int wo, int i) {
    return words[wo + (i >>> 6)] >>> i;
  }

  /** Returns the {@code n} bits of a row from bit {@code i} on, which may lie in two words. */
  static long window(long[] words, int wo, int i, int n) {
    int w = wo + (i >>> 6);
    int shift = i & 63;
    long bits = words[w] >>> shift;
    return shift + n > 64 ? bits | words[w + 1] << -shift : bits;
  }

  /** Returns bit {@code i} of a row. */
  static boolean at(long[] words, int wo, int i) {
    return (words[wo + (i >>> 6)] >>> i & 1) != 0;
  }
}
