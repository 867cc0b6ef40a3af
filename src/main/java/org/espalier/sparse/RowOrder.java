package org.espalier.sparse;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Orders rows so that neighbours have about as many entries, at about the same places: then little
 * padding is needed when they go through their entries side by side.
 *
 * <p>Where the entries of a row lie is told by how far they are from where they would be if they
 * were spread evenly. Of random rows most of that is one long wave, and much of the rest one of
 * half its length; rows are sorted by the first, then, in slices, by the second.
 */
final class RowOrder {
  /** Groups of rows whose lengths may differ, so that there is something to sort. */
  private static final int GROUPS = 4;

  /** By how much, of the shortest, the lengths of more rows may differ: rarely worth a step. */
  private static final double SLACK = 0.03;

  private RowOrder() {}

  /**
   * Returns the rows of a matrix in such an order.
   *
   * @param size rows that go side by side
   */
  static int[] order(CsrMatrix m, int size) {
    int[] order = m.rowOrder().clone();
    int to;
    for (int from = 0; from < order.length; from = to) {
      double longest = length(m, order[from]) * (1 + SLACK);
      to = Math.min(order.length, from + GROUPS * size);
      while (to < order.length && length(m, order[to]) <= longest) {
        to++;
      }
      sort(m, order, from, to, false);
      int groups = Math.ceilDiv(to - from, size);
      int slice = size * Math.ceilDiv(groups, (int) Math.round(Math.sqrt(groups)));
      for (int i = from; i < to; i += slice) {
        sort(m, order, i, Math.min(to, i + slice), true);
      }
    }
    return order;
  }

  private static int length(CsrMatrix m, int row) {
    return m.rowPtr()[row + 1] - m.rowPtr()[row];
  }

  private static void sort(CsrMatrix m, int[] order, int from, int to, boolean half) {
    Integer[] rows = new Integer[to - from];
    double[] key = new double[m.rows()];
    for (int i = from; i < to; i++) {
      rows[i - from] = order[i];
      key[order[i]] = wave(m, order[i], half);
    }
    Arrays.sort(rows, Comparator.comparingDouble(row -> key[row]));
    for (int i = from; i < to; i++) {
      order[i] = rows[i - from];
    }
  }

  /** Returns how much of a wave there is in a row, or of one of half its length. */
  private static double wave(CsrMatrix m, int row, boolean half) {
    int first = m.rowPtr()[row];
    int n = length(m, row);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double even = (i + 0.5) / n;
      double away = (double) m.colIdx()[first + i] / m.cols() - even;
      sum += away * even * (1 - even) * (half ? 1 - 2 * even : 1);
    }
    return n == 0 ? 0 : sum / n;
  }
}
