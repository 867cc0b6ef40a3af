package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Rows of bits beside vectors of floats. */
final class Bits {
  private static final IntVector LOW = IntVector.fromArray(Lanes.I32, powersOfTwo(), 0);
  private static final IntVector HIGH = IntVector.fromArray(Lanes.I32, powersOfTwo(), Lanes.LENGTH);

  private Bits() {}

  private static int[] powersOfTwo() {
    int[] powers = new int[Integer.SIZE];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = 1 << i;
    }
    return powers;
  }

  /** Like {@link #keep}; cheaper where {@link #keepHigh} takes the same bits for another vector. */
  static FloatVector keepLow(FloatVector v, int bits) {
    return keepTested(v, bits, LOW);
  }

  /** Like {@link #keepLow} with the bits behind those of the first vector. */
  static FloatVector keepHigh(FloatVector v, int bits) {
    return keepTested(v, bits, HIGH);
  }

  private static FloatVector keepTested(FloatVector v, int bits, IntVector lanes) {
    VectorMask<Integer> set =
        IntVector.broadcast(Lanes.I32, bits).and(lanes).compare(VectorOperators.NE, 0);
    return FloatVector.zero(Lanes.F32).blend(v, set.cast(Lanes.F32));
  }

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
