package org.espalier.kernel.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.SelectKernels;

/**
 * Selection by sampled brackets: a sample says between which two keys the k-th smallest most
 * likely lies; one pass counts what is below and keeps what is between, and so on inside of that
 * until a plain quickselect is cheap. A bracket that misses is followed by the other side, which can't. Inputs
 * that resist, by their order or their ties, are ended by counting digits, which takes four passes
 * whatever the input.
 *
 * <p>Scratch memory is two bands of {@code n + L} keys, then the sample or the digits' counts.
 */
public final class SimdSelect implements SelectKernels {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = Lanes.LENGTH;
  private static final int MAX_KEY = 0x7fffffff;

  /**
   * Bands and samples up to this size are left to a plain quickselect: no order of so few can make
   * it slow. (The JDK's sort allocates.)
   */
  private static final int SMALL = 192;

  private static final int INSERTION = 12;

  private static final int MAX_SAMPLE = 1024;
  private static final int MIN_SAMPLE = 64;
  private static final int DIGITS = 256;

  /** Rounds of brackets before digits are counted. */
  private static final int MAX_ROUNDS = 6;

  @Override
  public int scratchSize(int n) {
    return 2 * (n + L) + MAX_SAMPLE;
  }

  @Override
  public long threshold(int n, float[] x, int xo, int k, int[] scratch) {
    if (k == 0) {
      return 0;
    }
    int other = n + L;
    int sample = 2 * other;
    if (n <= SMALL) {
      for (int i = 0; i < n; i++) {
        scratch[i] = SelectKernels.key(x[xo + i]);
      }
      return settled(scratch, 0, n, k);
    }
    int s = sampleSize(n);
    for (int i = 0; i < s; i++) {
      scratch[sample + i] = SelectKernels.key(x[xo + (int) ((long) i * n / s)]);
    }
    int hi = high(scratch, sample, s, n, k);
    int lo = low(scratch, sample, s, n, k);
    long counts = between(n, x, xo, lo, hi, scratch);
    if (k <= below(counts)) {
      hi = lo - 1;
      lo = 0;
      counts = between(n, x, xo, lo, hi, scratch);
    } else if (k > below(counts) + band(counts)) {
      lo = hi + 1;
      hi = MAX_KEY;
      counts = between(n, x, xo, lo, hi, scratch);
    }
    return inBand(scratch, band(counts), k - below(counts), lo, hi, other, sample);
  }

  /** Selects among the first {@code n} keys of scratch memory, all from {@code lo} to {@code hi}. */
  private static long inBand(int[] keys, int n, int k, int lo, int hi, int other, int sample) {
    int from = 0;
    int to = other;
    int round = 0;
    while (n > SMALL && lo < hi) {
      if (round++ == MAX_ROUNDS) {
        return byDigits(keys, from, n, k, sample);
      }
      int s = sampleSize(n);
      for (int i = 0; i < s; i++) {
        keys[sample + i] = keys[from + (int) ((long) i * n / s)];
      }
      int b = Math.min(hi, high(keys, sample, s, n, k));
      int a = Math.max(lo, low(keys, sample, s, n, k));
      long counts = between(keys, from, n, a, b, to);
      if (k <= below(counts)) {
        b = a - 1;
        a = lo;
        counts = between(keys, from, n, a, b, to);
      } else if (k > below(counts) + band(counts)) {
        a = b + 1;
        b = hi;
        counts = between(keys, from, n, a, b, to);
      }
      n = band(counts);
      k -= below(counts);
      lo = a;
      hi = b;
      int swap = from;
      from = to;
      to = swap;
    }
    return lo == hi ? (long) lo << 32 | k : settled(keys, from, n, k);
  }

  private static int sampleSize(int n) {
    return Math.min(MAX_SAMPLE, Math.max(MIN_SAMPLE, n / 8));
  }

  /** Returns a key that is below the k-th smallest of n with high probability. */
  private static int low(int[] sample, int o, int s, int n, int k) {
    double at = (double) k * s / n;
    int i = (int) (at - margin(s, at));
    return i <= 0 ? 0 : nth(sample, o, s, i);
  }

  /** Returns a key that is above the k-th smallest of n with high probability. */
  private static int high(int[] sample, int o, int s, int n, int k) {
    double at = (double) k * s / n;
    int i = (int) (at + margin(s, at)) + 1;
    return i >= s ? MAX_KEY : nth(sample, o, s, i);
  }

  /** Three standard deviations of the rank that a sampled key has. */
  private static double margin(int s, double at) {
    return 3 * Math.sqrt(at * (1 - at / s)) + 1;
  }

  private static int below(long counts) {
    return (int) (counts >>> 32);
  }

  private static int band(long counts) {
    return (int) counts;
  }

  /**
   * Copies the keys from {@code lo} to {@code hi} to the front of {@code keys} and returns how many
   * are below (high half) and how many were copied (low half).
   */
  private static long between(int n, float[] x, int xo, int lo, int hi, int[] keys) {
    IntVector vlo = IntVector.broadcast(I32, lo);
    IntVector vhi = IntVector.broadcast(I32, hi);
    int below = 0;
    int band = 0;
    int i = 0;
    for (int bound = I32.loopBound(n); i < bound; i += L) {
      IntVector key =
          FloatVector.fromArray(F32, x, xo + i).reinterpretAsInts().and(MAX_KEY);
      VectorMask<Integer> under = key.compare(VectorOperators.LT, vlo);
      VectorMask<Integer> over = key.compare(VectorOperators.GT, vhi);
      VectorMask<Integer> in = under.or(over).not();
      key.compress(in).intoArray(keys, band);
      below += under.trueCount();
      band += in.trueCount();
    }
    for (; i < n; i++) {
      int key = SelectKernels.key(x[xo + i]);
      if (key < lo) {
        below++;
      } else if (key <= hi) {
        keys[band++] = key;
      }
    }
    return (long) below << 32 | band;
  }

  /** The same from and to parts of scratch memory. */
  private static long between(int[] keys, int from, int n, int lo, int hi, int to) {
    IntVector vlo = IntVector.broadcast(I32, lo);
    IntVector vhi = IntVector.broadcast(I32, hi);
    int below = 0;
    int band = 0;
    int i = 0;
    for (int bound = I32.loopBound(n); i < bound; i += L) {
      IntVector key = IntVector.fromArray(I32, keys, from + i);
      VectorMask<Integer> under = key.compare(VectorOperators.LT, vlo);
      VectorMask<Integer> over = key.compare(VectorOperators.GT, vhi);
      VectorMask<Integer> in = under.or(over).not();
      key.compress(in).intoArray(keys, to + band);
      below += under.trueCount();
      band += in.trueCount();
    }
    for (; i < n; i++) {
      int key = keys[from + i];
      if (key < lo) {
        below++;
      } else if (key <= hi) {
        keys[to + band++] = key;
      }
    }
    return (long) below << 32 | band;
  }

  /** Returns the threshold of the k smallest of a few keys, which are reordered. */
  private static long settled(int[] keys, int from, int n, int k) {
    int key = nth(keys, from, n, k - 1);
    int ties = k;
    for (int i = from; i < from + k; i++) {
      ties -= keys[i] < key ? 1 : 0;
    }
    return (long) key << 32 | ties;
  }

  /**
   * Hoare's quickselect with the median of three: returns the key at {@code at} of the sorted keys;
   * none before that place is larger afterwards.
   */
  private static int nth(int[] keys, int from, int n, int at) {
    int lo = from;
    int hi = from + n - 1;
    int wanted = from + at;
    while (hi - lo >= INSERTION) {
      int pivot = median(keys[lo], keys[(lo + hi) >>> 1], keys[hi]);
      int i = lo;
      int j = hi;
      while (i <= j) {
        while (keys[i] < pivot) {
          i++;
        }
        while (keys[j] > pivot) {
          j--;
        }
        if (i <= j) {
          int swap = keys[i];
          keys[i++] = keys[j];
          keys[j--] = swap;
        }
      }
      if (wanted <= j) {
        hi = j;
      } else if (wanted >= i) {
        lo = i;
      } else {
        return keys[wanted];
      }
    }
    for (int i = lo + 1; i <= hi; i++) {
      int key = keys[i];
      int j = i - 1;
      for (; j >= lo && keys[j] > key; j--) {
        keys[j + 1] = keys[j];
      }
      keys[j + 1] = key;
    }
    return keys[wanted];
  }

  private static int median(int a, int b, int c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  /** Counts the digits of base 256, the highest first, of the keys that share those found so far. */
  private static long byDigits(int[] keys, int from, int n, int k, int counts) {
    int prefix = 0;
    int left = k;
    for (int shift = 24; shift >= 0; shift -= 8) {
      Arrays.fill(keys, counts, counts + DIGITS, 0);
      for (int i = from; i < from + n; i++) {
        // Shifts of 32 would be none at all; keys have 31 bits, so 24 + 8 is done in two.
        if ((keys[i] >>> shift) >>> 8 == (prefix >>> shift) >>> 8) {
          keys[counts + ((keys[i] >>> shift) & (DIGITS - 1))]++;
        }
      }
      int digit = 0;
      while (left > keys[counts + digit]) {
        left -= keys[counts + digit++];
      }
      prefix |= digit << shift;
    }
    return (long) prefix << 32 | left;
  }

  @Override
  public void keepMask(int n, float[] x, int xo, long threshold, long[] words, int wo) {
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    IntVector t = IntVector.broadcast(I32, key);
    for (int o = 0; o < n; o += Long.SIZE) {
      long above = 0;
      long equal = 0;
      int end = Math.min(n - o, Long.SIZE);
      int i = 0;
      for (; i <= end - L; i += L) {
        IntVector v =
            FloatVector.fromArray(F32, x, xo + o + i).reinterpretAsInts().and(MAX_KEY);
        above |= v.compare(VectorOperators.GT, t).toLong() << i;
        equal |= v.compare(VectorOperators.EQ, t).toLong() << i;
      }
      for (; i < end; i++) {
        int v = SelectKernels.key(x[xo + o + i]);
        above |= (v > key ? 1L : 0) << i;
        equal |= (v == key ? 1L : 0) << i;
      }
      for (; equal != 0 && ties > 0; ties--) {
        equal &= equal - 1; // the lowest of the ties is chosen, so not kept
      }
      words[wo + (o >>> 6)] = above | equal;
    }
  }

  @Override
  public long keepMaskWithin(
      int n, float[] x, int xo, int k, int lo, int hi, long[] words, int wo, int[] scratch) {
    IntVector vlo = IntVector.broadcast(I32, lo);
    IntVector vhi = IntVector.broadcast(I32, hi);
    int below = 0;
    int band = 0;
    int places = n + L;
    for (int o = 0; o < n; o += Long.SIZE) {
      long under = 0;
      long over = 0;
      int end = Math.min(n - o, Long.SIZE);
      int i = 0;
      for (; i <= end - L; i += L) {
        IntVector v =
            FloatVector.fromArray(F32, x, xo + o + i).reinterpretAsInts().and(MAX_KEY);
        under |= v.compare(VectorOperators.LT, vlo).toLong() << i;
        over |= v.compare(VectorOperators.GT, vhi).toLong() << i;
      }
      for (; i < end; i++) {
        int v = SelectKernels.key(x[xo + o + i]);
        under |= (v < lo ? 1L : 0) << i;
        over |= (v > hi ? 1L : 0) << i;
      }
      words[wo + (o >>> 6)] = over;
      below += Long.bitCount(under);
      long inside = end == Long.SIZE ? -1L : (1L << end) - 1;
      for (long in = ~(under | over) & inside; in != 0; in &= in - 1) {
        int place = o + Long.numberOfTrailingZeros(in);
        scratch[band] = SelectKernels.key(x[xo + place]);
        scratch[places + band++] = place;
      }
    }
    int left = k - below;
    if (left < 1 || left > band) {
      return MISS;
    }
    return settle(band, x, xo, left, words, wo, scratch, places);
  }

  /** Decides, for the elements of the band, whose places are known, which are kept. */
  private static long settle(
      int band, float[] x, int xo, int k, long[] words, int wo, int[] scratch, int places) {
    long threshold = settled(scratch, 0, band, k);
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    for (int i = places; i < places + band; i++) {
      int place = scratch[i];
      int v = SelectKernels.key(x[xo + place]);
      if (v > key || (v == key && ties-- <= 0)) {
        words[wo + (place >>> 6)] |= 1L << place;
      }
    }
    return threshold;
  }

  @Override
  public int indices(int n, float[] x, int xo, long threshold, int[] indices, int io) {
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    IntVector t = IntVector.broadcast(I32, key);
    int count = 0;
    int i = 0;
    for (int bound = I32.loopBound(n); i < bound; i += L) {
      IntVector v =
          FloatVector.fromArray(F32, x, xo + i).reinterpretAsInts().and(MAX_KEY);
      for (long in = v.compare(VectorOperators.LE, t).toLong(); in != 0; in &= in - 1) {
        int place = i + Long.numberOfTrailingZeros(in);
        if (SelectKernels.key(x[xo + place]) < key || ties-- > 0) {
          indices[io + count++] = place;
        }
      }
    }
    for (; i < n; i++) {
      int v = SelectKernels.key(x[xo + i]);
      if (v < key || (v == key && ties-- > 0)) {
        indices[io + count++] = i;
      }
    }
    return count;
  }
}
