package org.espalier.sparse;

import java.util.Arrays;

/**
 * A sparse matrix laid out for products with one vector: the elements of x that a step needs are
 * found by a permutation inside a register instead of by a gather.
 *
 * <p>Rows of about equal length lie side by side in the lanes of a vector: a <em>group</em>. A
 * <em>step</em> of a group looks at a window of as many consecutive columns as there are lanes;
 * each row whose next entry lies in the window takes it, the others idle. The next window begins at
 * the first column that some row still waits for. So every row meets its entries in ascending
 * order, whatever its neighbours hold. {@link #GROUPS} groups make a <em>block</em> and take their
 * steps in turn, so that their chains of additions overlap.
 *
 * <p>Step {@code s} of group {@code g} of block {@code b} is element {@code e = blockPtr[b] +
 * GROUPS·s + g} of {@code starts}, which holds the first column of the window; a window never
 * reaches behind the last column unless there are fewer than {@code lanes}. Lane {@code l} has the
 * value {@code values[FIRST_VALUE + e·lanes + l]}, −0 where it idles, and the column {@code
 * starts[e] + o}, where {@code o} is the four bits from 4·(l mod 8) of {@code offsets[e·offsetWords
 * + l div 8]}. The row of the lane is {@code laneRows[(b·GROUPS + g)·lanes + l]}, −1 if there is
 * none.
 *
 * <p>Immutable; the arrays that the accessors return are shared with the matrix and must not be
 * written.
 */
public final class WindowMatrix {
  /** Groups of a block. */
  public static final int GROUPS = 4;

  /** Index of the first value: there a large array usually is aligned to a cache line. */
  public static final int FIRST_VALUE = 12;

  private static final float IDLE = -0f;

  /** Eight offsets of four bits fill an int. */
  private static final int OFFSETS_PER_WORD = 8;

  private final int rows;
  private final int cols;
  private final int nnz;
  private final int lanes;
  private final int[] laneRows;
  private final int[] blockPtr;
  private final char[] starts;
  private final int[] offsets;
  private final float[] values;

  private WindowMatrix(CsrMatrix m, int lanes) {
    this.rows = m.rows();
    this.cols = m.cols();
    this.nnz = m.nnz();
    this.lanes = lanes;
    int blocks = Math.ceilDiv(rows, GROUPS * lanes);
    this.laneRows = Arrays.copyOf(m.rowOrder(), blocks * GROUPS * lanes);
    Arrays.fill(laneRows, rows, laneRows.length, -1);
    this.blockPtr = new int[blocks + 1];
    int[] next = new int[lanes];
    for (int b = 0; b < blocks; b++) {
      int steps = 0;
      for (int g = 0; g < GROUPS; g++) {
        steps = Math.max(steps, steps(m, b * GROUPS + g, next));
      }
      blockPtr[b + 1] = Math.addExact(blockPtr[b], GROUPS * steps);
    }
    int elements = blockPtr[blocks];
    this.starts = new char[elements];
    this.offsets = new int[elements * offsetWords()];
    this.values = new float[Math.addExact(Math.multiplyExact(elements, lanes), FIRST_VALUE)];
    Arrays.fill(values, IDLE);
    for (int group = 0; group < blocks * GROUPS; group++) {
      fill(m, group, next);
    }
  }

  /**
   * Lays a matrix out.
   *
   * @param lanes rows of a group and columns of a window: 4, 8 or 16
   */
  public static WindowMatrix of(CsrMatrix matrix, int lanes) {
    if (lanes != 4 && lanes != 8 && lanes != 16) {
      throw new IllegalArgumentException("lanes must be 4, 8 or 16, not " + lanes);
    }
    return new WindowMatrix(matrix, lanes);
  }

  private int steps(CsrMatrix m, int group, int[] next) {
    toFirstEntries(m, group, next);
    int steps = 0;
    for (int first = window(m, group, next); first >= 0; first = window(m, group, next)) {
      for (int l = 0; l < lanes; l++) {
        if (takesPart(m, group, l, next, first)) {
          next[l]++;
        }
      }
      steps++;
    }
    return steps;
  }

  private void fill(CsrMatrix m, int group, int[] next) {
    toFirstEntries(m, group, next);
    int e = blockPtr[group / GROUPS] + group % GROUPS;
    for (int first = window(m, group, next); first >= 0; first = window(m, group, next)) {
      starts[e] = (char) first;
      for (int l = 0; l < lanes; l++) {
        if (takesPart(m, group, l, next, first)) {
          int offset = m.colIdx()[next[l]] - first;
          offsets[e * offsetWords() + l / OFFSETS_PER_WORD] |=
              offset << (4 * (l % OFFSETS_PER_WORD));
          values[FIRST_VALUE + e * lanes + l] = m.values()[next[l]];
          next[l]++;
        }
      }
      e += GROUPS;
    }
  }

  private void toFirstEntries(CsrMatrix m, int group, int[] next) {
    for (int l = 0; l < lanes; l++) {
      int row = laneRows[group * lanes + l];
      next[l] = row < 0 ? 0 : m.rowPtr()[row];
    }
  }

  private boolean isDone(CsrMatrix m, int group, int l, int[] next) {
    int row = laneRows[group * lanes + l];
    return row < 0 || next[l] == m.rowPtr()[row + 1];
  }

  /** Returns the first column of the next window, −1 if no row waits. */
  private int window(CsrMatrix m, int group, int[] next) {
    int first = Integer.MAX_VALUE;
    for (int l = 0; l < lanes; l++) {
      if (!isDone(m, group, l, next)) {
        first = Math.min(first, m.colIdx()[next[l]]);
      }
    }
    return first == Integer.MAX_VALUE ? -1 : Math.max(0, Math.min(first, cols - lanes));
  }

  private boolean takesPart(CsrMatrix m, int group, int l, int[] next, int first) {
    return !isDone(m, group, l, next) && m.colIdx()[next[l]] < first + lanes;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int cols() {
    return cols;
  }

  /** Returns the number of entries, idle lanes not counted. */
  public int nnz() {
    return nnz;
  }

  /** Returns the rows of a group, which is also the columns of a window. */
  public int lanes() {
    return lanes;
  }

  /** Returns the number of blocks. */
  public int blocks() {
    return blockPtr.length - 1;
  }

  /** Returns how many times as many values as entries are stored, for the idle lanes; 1 is best. */
  public double padding() {
    return nnz == 0 ? 1 : (double) (values.length - FIRST_VALUE) / nnz;
  }

  /** Returns the bytes that the arrays take. */
  public long bytes() {
    return (long) Integer.BYTES * (laneRows.length + blockPtr.length + offsets.length)
        + (long) Character.BYTES * starts.length
        + (long) Float.BYTES * values.length;
  }

  /** Returns the row of each lane of each group, −1 for none. */
  public int[] laneRows() {
    return laneRows;
  }

  /** Returns for each block the index of its first step, and last the number of steps. */
  public int[] blockPtr() {
    return blockPtr;
  }

  /** Returns the first column of each step's window. */
  public char[] starts() {
    return starts;
  }

  /** Returns each step's offsets into its window, four bits for a lane. */
  public int[] offsets() {
    return offsets;
  }

  /** Returns the ints that the offsets of one step take. */
  public int offsetWords() {
    return Math.ceilDiv(lanes, OFFSETS_PER_WORD);
  }

  /** Returns each step's values, from {@link #FIRST_VALUE}. */
  public float[] values() {
    return values;
  }
}
