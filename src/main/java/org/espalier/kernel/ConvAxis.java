package org.espalier.kernel;

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
    final List<Integer> places = new ArrayList<>();

    Kind(int[] taps, int[] distances) {
      this.taps = taps;
      this.distances = distances;
    }
  }

  private final int[] bases;
  private final int[][] taps;
  private final int[][] distances;
  private final int[][] places;

  private ConvAxis(int sources, int targets, int window, IntBinaryOperator source) {
    bases = new int[targets];
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
      kind(kinds, Arrays.copyOf(seen, n), Arrays.copyOf(from, n)).places.add(t);
    }
    taps = kinds.stream().map(k -> k.taps).toArray(int[][]::new);
    distances = kinds.stream().map(k -> k.distances).toArray(int[][]::new);
    places =
        kinds.stream()
            .map(k -> k.places.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
  }

  private static Kind kind(List<Kind> kinds, int[] taps, int[] distances) {
    for (Kind kind : kinds) {
      if (Arrays.equals(kind.taps, taps)) {
        return kind; // equal taps lie at equal distances
      }
    }
    Kind kind = new Kind(taps, distances);
    kinds.add(kind);
    return kind;
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
    return places.length;
  }

  /** Returns the places of the window that a kind reads through, ascending. */
  int[] taps(int kind) {
    return taps[kind];
  }

  /** Returns how far the source of each of {@link #taps} lies from that of the first. */
  int[] distances(int kind) {
    return distances[kind];
  }

  /** Returns the targets of a kind, ascending. */
  int[] places(int kind) {
    return places[kind];
  }

  /** Returns the source of the first tap of a target, 0 if it has none. */
  int base(int target) {
    return bases[target];
  }
}
