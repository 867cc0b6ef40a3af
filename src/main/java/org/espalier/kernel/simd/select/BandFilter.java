package org.espalier.kernel.simd.select;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.SelectKernels;
import org.espalier.kernel.simd.Lanes;

/**
 * One pass over keys that keeps a band of them, {@code [lo, hi]}, in their order. A pass returns
 * how many keys are below the band in the upper 32 bits, and how many are in it in the lower 32
 * bits. It may overwrite as many cells behind the band as a vector has lanes.
 *
 * <p>A key v turns into {@code v + (MIN_VALUE - lo)}. Of that the sign is clear where v is below
 * the band, and it is less than {@code MIN_VALUE + (hi - lo + 1)} where v is in the band: one
 * comparison for two, and a count without one.
 */
final class BandFilter {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = Lanes.LENGTH;

  private BandFilter() {}

  /** Keeps the band of the keys of floats. */
  static long ofFloats(int n, float[] x, int xo, int lo, int hi, int[] band, int bo) {
    int shift = Integer.MIN_VALUE - lo;
    int bound = shift + hi + 1;
    IntVector notBelow = IntVector.zero(I32);
    int b = bo;
    int i = 0;
    for (int end = I32.loopBound(n); i < end; i += L) {
      IntVector v = FloatVector.fromArray(F32, x, xo + i).reinterpretAsInts().and(0x7fffffff);
      IntVector u = v.add(shift);
      notBelow = notBelow.add(u.lanewise(LSHR, 31));
      VectorMask<Integer> in = u.compare(LT, bound);
      v.compress(in).intoArray(band, b);
      b += in.trueCount();
    }
    int below = i - notBelow.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      int key = SelectKernels.key(x[xo + i]);
      below += key < lo ? 1 : 0;
      band[b] = key;
      b += key >= lo && key <= hi ? 1 : 0;
    }
    return (long) below << 32 | (b - bo);
  }

  /** Keeps the band of keys. */
  static long ofKeys(int n, int[] keys, int ko, int lo, int hi, int[] band, int bo) {
    int shift = Integer.MIN_VALUE - lo;
    int bound = shift + hi + 1;
    IntVector notBelow = IntVector.zero(I32);
    int b = bo;
    int i = 0;
    for (int end = I32.loopBound(n); i < end; i += L) {
      IntVector v = IntVector.fromArray(I32, keys, ko + i);
      IntVector u = v.add(shift);
      notBelow = notBelow.add(u.lanewise(LSHR, 31));
      VectorMask<Integer> in = u.compare(LT, bound);
      v.compress(in).intoArray(band, b);
      b += in.trueCount();
    }
    int below = i - notBelow.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      int key = keys[ko + i];
      below += key < lo ? 1 : 0;
      band[b] = key;
      b += key >= lo && key <= hi ? 1 : 0;
    }
    return (long) below << 32 | (b - bo);
  }

  /** Returns how many keys are below {@code bound}. */
  static int countBelow(int n, int[] keys, int ko, int bound) {
    IntVector below = IntVector.zero(I32);
    int i = 0;
    for (int end = I32.loopBound(n); i < end; i += L) {
      IntVector v = IntVector.fromArray(I32, keys, ko + i);
      below = below.add(v.sub(bound).lanewise(LSHR, 31));
    }
    int count = below.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      count += keys[ko + i] < bound ? 1 : 0;
    }
    return count;
  }
}
