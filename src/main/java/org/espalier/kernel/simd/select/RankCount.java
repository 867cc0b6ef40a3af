package org.espalier.kernel.simd.select;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;

/**
 * Order statistics of a few keys without sorting them: the rank of a key is how many are less, and
 * a lane counts that for its own key while all keys pass by.
 */
final class RankCount {
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = Lanes.LENGTH;

  private RankCount() {}

  /** Returns how many cells {@code n} keys and their padding take. */
  static int padded(int n) {
    return (n + 2 * L - 1) & -(2 * L);
  }

  /**
   * Writes the rank of each key. Cells behind the keys, up to {@link #padded}, are overwritten with
   * the largest key, which is less than none and so changes no rank; so are those of the ranks.
   */
  static void count(int n, int[] keys, int ko, int[] ranks, int ro) {
    int end = padded(n);
    for (int i = n; i < end; i++) {
      keys[ko + i] = Integer.MAX_VALUE;
    }
    for (int i = 0; i < end; i += 2 * L) {
      IntVector v = IntVector.fromArray(I32, keys, ko + i);
      IntVector w = IntVector.fromArray(I32, keys, ko + i + L);
      IntVector less0 = IntVector.zero(I32);
      IntVector less1 = less0;
      for (int j = 0; j < n; j++) {
        IntVector other = IntVector.broadcast(I32, keys[ko + j]);
        less0 = less0.add(other.sub(v).lanewise(LSHR, 31));
        less1 = less1.add(other.sub(w).lanewise(LSHR, 31));
      }
      less0.intoArray(ranks, ro + i);
      less1.intoArray(ranks, ro + i + L);
    }
  }

  /**
   * Returns the k-th smallest key (k from 1), given the ranks that {@link #count} wrote: the
   * largest key to which fewer than k are less.
   */
  static int smallest(int k, int n, int[] keys, int ko, int[] ranks, int ro) {
    IntVector largest = IntVector.zero(I32);
    for (int i = 0; i < n; i += L) {
      IntVector v = IntVector.fromArray(I32, keys, ko + i);
      IntVector rank = IntVector.fromArray(I32, ranks, ro + i);
      largest = largest.max(IntVector.zero(I32).blend(v, rank.compare(LT, k)));
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }
}
