package org.espalier.kernel.simd;

import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.SelectKernels;

/** Rows of bits beside vectors of floats. */
public final class Bits {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  /** A bit for each lane of a vector. */
  public static final IntVector LOW = IntVector.fromArray(Lanes.I32, powersOfTwo(), 0);

  /** The bits behind those of {@link #LOW}, for the lanes of the next vector. */
  public static final IntVector HIGH = IntVector.fromArray(Lanes.I32, powersOfTwo(), Lanes.LENGTH);

  private Bits() {}

  private static int[] powersOfTwo() {
    int[] powers = new int[Integer.SIZE];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = 1 << i;
    }
    return powers;
  }

  /**
   * Returns a bit for each element of a row of {@code n} from {@code i} on, but at most a word of
   * them, set where its {@link SelectKernels#key} is above another.
   */
  public static long above(int n, int i, float[] x, int xo, int key) {
    int end = Math.min(n, i + Long.SIZE);
    long bits = 0;
    int j = i;
    for (; j + L <= end; j += L) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + j);
      bits |= v.reinterpretAsInts().and(0x7fffffff).compare(GT, key).toLong() << (j - i);
    }
    if (j < end && n >= L) { // the row's last vector has the rest, and others before
      FloatVector v = FloatVector.fromArray(F32, x, xo + n - L);
      long last = v.reinterpretAsInts().and(0x7fffffff).compare(GT, key).toLong();
      int to = n - L - i;
      return bits | (to >= 0 ? last << to : last >>> -to);
    }
    for (; j < end; j++) {
      bits |= SelectKernels.key(x[xo + j]) > key ? 1L << (j - i) : 0;
    }
    return bits;
  }

  /**
   * Returns bits of a row from bit {@code i} on, the first lowest; bits of the next word are not
   * looked at.
   */
  public static long from(long[] words, int wo, int i) {
    return words[wo + (i >>> 6)] >>> i;
  }

  /** Returns the {@code n} bits of a row from bit {@code i} on, which may lie in two words. */
  public static long window(long[] words, int wo, int i, int n) {
    int w = wo + (i >>> 6);
    int shift = i & 63;
    long bits = words[w] >>> shift;
    return shift + n > 64 ? bits | words[w + 1] << -shift : bits;
  }

  /** Returns bit {@code i} of a row. */
  public static boolean at(long[] words, int wo, int i) {
    return (words[wo + (i >>> 6)] >>> i & 1) != 0;
  }
}
