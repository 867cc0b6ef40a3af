package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/** Rows of bits beside vectors of floats. */
final class Bits {
  /** A bit for each lane of a vector. */
  static final IntVector LOW = IntVector.fromArray(Lanes.I32, powersOfTwo(), 0);

  /** The bits behind those of {@link #LOW}, for the lanes of the next vector. */
  static final IntVector HIGH = IntVector.fromArray(Lanes.I32, powersOfTwo(), Lanes.LENGTH);

  private Bits() {}

  private static int[] powersOfTwo() {
    int[] powers = new int[Integer.SIZE];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = 1 << i;
    }
    return powers;
  }

  /**
   * Returns {@code v} with +0 in the lanes whose bit, counted from the low end, is clear. Only for
   * loops that always come here: at a call that is rarely reached a method of ours is not inlined,
   * and then its vectors are boxed.
   */
  static FloatVector keep(FloatVector v, long bits) {
    return FloatVector.zero(Lanes.F32).blend(v, VectorMask.fromLong(Lanes.F32, bits));
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
