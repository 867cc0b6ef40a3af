package org.espalier.kernel.simd.select;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.SelectKernels;
import org.espalier.kernel.simd.Bits;
import org.espalier.kernel.simd.Lanes;

/**
 * Selection with a bracket, in one pass: the bits of a mask are written as if all keys of the
 * bracket were kept, their keys and places are noted, and of those few the smallest are cleared.
 *
 * <p>As in {@link BandFilter}, a key v turns into {@code u = v + (MIN_VALUE - lo)}, which is
 * negative where v is not below the bracket, and less than {@code bound} where v is inside. So a
 * word of the mask takes one comparison for each vector and, by the minimum of its vectors, one
 * more that tells whether any of its keys is inside: only then are they looked at again.
 */
final class BracketedMask {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = Lanes.LENGTH;

  /** Bits of a word of a mask. */
  private static final int WORD = Long.SIZE;

  /** Elements of as many words as a word has bits, one of which notes that a word is to be seen. */
  private static final int CHUNK = WORD * WORD;

  /** How many keys are ranked at once, each among all; more are selected among first. */
  private static final int FEW = 64;

  /** What {@link #keepMask} returns if the bracket holds more keys than {@link #capacity}. */
  static final int WIDE = -2;

  private static final IntVector IOTA = IntVector.zero(I32).addIndex(1);

  private BracketedMask() {}

  /** How many keys of {@code n} in a bracket are worth being looked at one by one. */
  private static int capacity(int n) {
    return Math.max(16, n / 16);
  }

  /** Where region {@code i} of scratch memory is; a chunk may exceed what a bracket may hold. */
  private static int region(int n, int i) {
    return Quickselect.SAMPLE + i * (Math.min(n, capacity(n) + CHUNK) + Quickselect.SLACK);
  }

  /** Scratch memory for {@code n} elements. */
  static int scratchSize(int n) {
    return region(n, 3);
  }

  /** As {@link SelectKernels#keepMaskWithin}, or returns {@link #WIDE}. */
  static int keepMask(
      int n, float[] x, int xo, int k, int lo, int hi, long[] words, int wo, int[] scratch) {
    int keys = region(n, 0);
    int places = region(n, 1);
    int shift = Integer.MIN_VALUE - lo;
    int bound = shift + hi + 1;
    int notBelow = 0;
    int inside = 0;
    for (int o = 0; o < n; o += CHUNK) {
      int size = Math.min(n - o, CHUNK);
      int whole = size / WORD;
      int xc = xo + o;
      int wc = wo + o / WORD;
      long seen = 0;
      for (int w = 0; w < whole; w++) {
        long kept = 0;
        IntVector least = IntVector.broadcast(I32, Integer.MAX_VALUE);
        for (int j = 0; j < WORD; j += L) {
          FloatVector v = FloatVector.fromArray(F32, x, xc + w * WORD + j);
          IntVector u = v.reinterpretAsInts().and(0x7fffffff).add(shift);
          kept |= u.compare(LT, 0).toLong() << j;
          least = least.min(u);
        }
        words[wc + w] = kept;
        notBelow += Long.bitCount(kept);
        seen |= (-least.compare(LT, bound).toLong() >>> 63) << w;
      }
      if (whole * WORD < size) {
        int i = o + whole * WORD;
        words[wo + i / WORD] = Bits.above(n, i, x, xo, lo - 1);
        notBelow += Long.bitCount(words[wo + i / WORD]);
        seen |= 1L << whole;
      }
      for (; seen != 0; seen &= seen - 1) {
        int i = o + WORD * Long.numberOfTrailingZeros(seen);
        long band = 0;
        if (n - i < WORD) {
          band = words[wo + i / WORD] & ~Bits.above(n, i, x, xo, hi);
        } else {
          for (int j = 0; j < WORD; j += L) {
            FloatVector v = FloatVector.fromArray(F32, x, xo + i + j);
            IntVector u = v.reinterpretAsInts().and(0x7fffffff).add(shift);
            band |= u.compare(LT, bound).toLong() << j;
          }
        }
        for (; band != 0; band &= band - 1) {
          int place = i + Long.numberOfTrailingZeros(band);
          scratch[keys + inside] = SelectKernels.key(x[xo + place]);
          scratch[places + inside] = place;
          inside++;
        }
      }
      if (inside > capacity(n)) {
        return WIDE;
      }
    }
    int rank = k - (n - notBelow);
    if (rank < 1 || rank > inside) {
      return SelectKernels.MISS;
    }
    if (inside <= FEW) {
      return dropOfFew(rank, inside, keys, places, scratch, words, wo);
    }
    long threshold = Quickselect.ofKeys(inside, keys, region(n, 2), rank, lo, hi, scratch);
    drop(threshold, inside, x, xo, places, scratch, words, wo);
    return (int) (threshold >>> 32);
  }

  /**
   * Clears the bits of the {@code rank} smallest of a few keys, noted by ascending place, and
   * returns the largest of them.
   */
  private static int dropOfFew(
      int rank, int n, int keys, int places, int[] scratch, long[] words, int wo) {
    IntVector.broadcast(I32, Integer.MAX_VALUE).intoArray(scratch, keys + n); // rank behind all
    int key = 0;
    for (int i = 0; i < n; i += L) {
      IntVector v = IntVector.fromArray(I32, scratch, keys + i);
      IntVector before = IntVector.zero(I32);
      IntVector place = IOTA.add(i);
      for (int j = 0; j < n; j += 4) { // some of the padding too: it is less than none
        for (int m = j; m < j + 4; m++) {
          // Key m is before mine if it is less, or the same and noted before.
          IntVector first = IntVector.broadcast(I32, m).sub(place).lanewise(LSHR, 31);
          IntVector less = IntVector.broadcast(I32, scratch[keys + m]).sub(v).sub(first);
          before = before.add(less.lanewise(LSHR, 31));
        }
      }
      long last = before.compare(EQ, rank - 1).toLong();
      if (last != 0) {
        key = scratch[keys + i + Long.numberOfTrailingZeros(last)];
      }
      for (long few = before.compare(LT, rank).toLong(); few != 0; few &= few - 1) {
        int dropped = scratch[places + i + Long.numberOfTrailingZeros(few)];
        words[wo + dropped / WORD] &= ~(1L << dropped);
      }
    }
    return key;
  }

  /** Clears the bits of those of many keys, noted by ascending place, that are the smallest. */
  private static void drop(
      long threshold, int n, float[] x, int xo, int places, int[] scratch, long[] words, int wo) {
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    for (int i = 0; i < n; i++) {
      int place = scratch[places + i];
      int candidate = SelectKernels.key(x[xo + place]);
      long dropped = ((long) candidate - key) >>> 63; // 1 if less, without an unpredictable branch
      if (candidate == key && ties > 0) {
        ties--;
        dropped = 1;
      }
      words[wo + place / WORD] &= ~(dropped << place);
    }
  }
}
