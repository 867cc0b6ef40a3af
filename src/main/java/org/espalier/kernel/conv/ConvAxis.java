package org.espalier.kernel.conv;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntBinaryOperator;

/**
 * Rows or columns of a convolution: which places of a map are read through which places of the
 * window to compute one place of another map. Places that are computed in the same way, from
 * sources at the same distances, are of one kind: those amid the map, and a few at its borders.
 */
final class ConvAxis {
  private static final int NONE = -1;

  /** Sums that belong together. */
  private static final class Kind {
    final int[] taps;
    final int[] distances;

    Kind(int[] taps, int[] distances) {
      this.taps = taps;
      this.distances = distances;
    }
  }

  private final int[] bases;
  private final int[] kindOf;
  private final int[][] taps;
  private final int[][] distances;

  private ConvAxis(int sources, int targets, int window, IntBinaryOperator source) {
    bases = new int[targets];
    kindOf = new int[targets];
    List<Kind> kinds = new ArrayList<>();
    for (int t = 0; t < targets; t++) {
      int[] seen = new int[window];
      int[] from = new int[window];
      int n = 0;
      for (int i = 0; i < window; i++) {
        int s = source.applyAsInt(t, i);
        if (s >= 0 && s < sources) {
          seen[n] = i;
          from[n++] = s;
        }
      }
      int base = n == 0 ? 0 : from[0];
      bases[t] = base;
      for (int i = 0; i < n; i++) {
        from[i] -= base;
      }
      kindOf[t] = kind(kinds, Arrays.copyOf(seen, n), Arrays.copyOf(from, n));
    }
    taps = kinds.stream().map(k -> k.taps).toArray(int[][]::new);
    distances = kinds.stream().map(k -> k.distances).toArray(int[][]::new);
  }

  private static int kind(List<Kind> kinds, int[] taps, int[] distances) {
    for (int k = 0; k < kinds.size(); k++) {
      if (Arrays.equals(kinds.get(k).taps, taps)) {
        return k; // equal taps lie at equal distances
      }
    }
    kinds.add(new Kind(taps, distances));
    return kinds.size() - 1;
  }

  /** The window moves over the sources: target {@code t} reads {@code t·stride − padding + i}. */
  static ConvAxis forward(int sources, int targets, int window, int stride, int padding) {
    return new ConvAxis(sources, targets, window, (t, i) -> t * stride - padding + i);
  }

  /** The reverse: target {@code t} reads all from which {@link #forward} leads to it. */
  static ConvAxis backward(int sources, int targets, int window, int stride, int padding) {
    return new ConvAxis(
        sources,
        targets,
        window,
        (t, i) -> (t + padding - i) % stride == 0 ? (t + padding - i) / stride : NONE);
  }

  /** Returns how many kinds of places there are. */
  int kinds() {
    return taps.length;
  }

  /** Returns the places of the window that a kind reads through, ascending. */
  int[] taps(int kind) {
    return taps[kind];
  }

  /** Returns how far the source of each of {@link #taps} lies from that of the first. */
  int[] distances(int kind) {
    return distances[kind];
  }

  /** Returns the kind of a target. */
  int kindOf(int target) {
    return kindOf[target];
  }

  /** Returns the source of the first tap of a target, 0 if it has none. */
  int base(int target) {
    return bases[target];
  }

  /** Returns the first source that a target reads, or what is behind the last if it reads none. */
  int firstSource(int target) {
    int first = Integer.MAX_VALUE;
    for (int distance : distances[kindOf[target]]) {
      first = Math.min(first, bases[target] + distance);
    }
    return first;
  }

  /** Returns what is behind the last source that a target reads, 0 if it reads none. */
  int endSource(int target) {
    int end = 0;
    for (int distance : distances[kindOf[target]]) {
      end = Math.max(end, bases[target] + distance + 1);
    }
    return end;
  }

  /**
   * Joins the targets of each kind in pairs, within the range from {@code first} to {@code end}.
   * Returns with whom a target is joined, itself if nobody is left, and −1 for the second of a
   * pair.
   */
  int partner(int target, int first, int end) {
    boolean second = false;
    for (int t = first; t < target; t++) {
      second ^= kindOf[t] == kindOf[target];
    }
    if (second) {
      return NONE;
    }
    for (int t = target + 1; t < end; t++) {
      if (kindOf[t] == kindOf[target]) {
        return t;
      }
    }
    return target;
  }
}
