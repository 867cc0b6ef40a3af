package org.espalier.sparse;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.espalier.tensor.Tensor;

/**
 * A sparse matrix of blocks (BSR, also called BCSR): 4 or 16 consecutive rows, the <em>height</em>,
 * by one column. The rows are cut into <em>block rows</em> of that height; the last may have fewer.
 * A block of which any element is not zero is stored whole.
 *
 * <pre>{@code
 * height 4:  a . e .     colIdx  0 2
 *            b . . .     values  a b c d   e −0 g h
 *            c . g .
 *            d . h .
 * }</pre>
 *
 * <p>Block rows of about equal length lie side by side and make a <em>group</em> of {@link #ROWS}
 * rows: four of height 4, or one of height 16. Group {@code g} has the <em>slices</em> {@code
 * groupPtr[g]} to {@code groupPtr[g + 1]} (exclusive). In slice {@code s} its {@code m}-th block
 * row has the column {@code colIdx[s·(ROWS / height) + m]}, columns ascending, and row {@code i} of
 * the group the value {@code values[s·ROWS + i]}. A block row that is shorter than its neighbours
 * is padded in the last slices: its values are −0, its column is 0. So are the values of zeros
 * inside blocks and of rows that don't exist.
 *
 * <p>Four rows of a group make a <em>quad</em>. Quad {@code q} is a quarter of group {@code q / 4};
 * its first row is {@code quadRows[q]}, the others follow, −1 if there is none.
 *
 * <p>Immutable; the arrays that the accessors return are shared with the matrix and must not be
 * written.
 *
 * <p>Source: Im and Yelick, <em>Optimizing sparse matrix computations for register reuse in
 * SPARSITY</em>, ICCS 2001 (blocked compressed sparse rows).
 */
public final class BsrMatrix {
  /** Rows of a group. */
  public static final int ROWS = 16;

  /** Rows of a quad. */
  public static final int QUAD = 4;

  /** The heights of blocks, ascending. */
  private static final int[] HEIGHTS = {QUAD, ROWS};

  /** Columns that fit an index. */
  public static final int MAX_COLS = 1 << Character.SIZE;

  private final int rows;
  private final int cols;
  private final int height;
  private final int nnz;
  private final int blocks;
  private final boolean isFull;
  private final int[] quadRows;
  private final int[] groupPtr;
  private final char[] colIdx;
  private final float[] values;

  private BsrMatrix(Tensor dense, int height) {
    this.rows = dense.rows();
    this.cols = dense.cols();
    this.height = height;
    int blockRows = Math.ceilDiv(rows, height);
    int perGroup = ROWS / height;
    int groups = Math.ceilDiv(blockRows, perGroup);
    char[][] columns = new char[blockRows][];
    int count = 0;
    for (int b = 0; b < blockRows; b++) {
      columns[b] = columns(dense, b, height);
      count = Math.addExact(count, columns[b].length);
    }
    this.blocks = count;
    int[] order =
        IntStream.range(0, blockRows)
            .boxed()
            .sorted(Comparator.comparingInt(b -> columns[b].length))
            .mapToInt(b -> b)
            .toArray();
    this.groupPtr = new int[groups + 1];
    for (int g = 0; g < groups; g++) {
      int longest = columns[order[Math.min(blockRows, (g + 1) * perGroup) - 1]].length;
      groupPtr[g + 1] = Math.addExact(groupPtr[g], longest);
    }
    int slices = groupPtr[groups];
    this.colIdx = new char[Math.multiplyExact(slices, perGroup)];
    this.values = new float[Math.multiplyExact(slices, ROWS)];
    Arrays.fill(values, PackedValues.PADDING);
    this.quadRows = new int[groups * (ROWS / QUAD)];
    Arrays.fill(quadRows, -1);
    int entries = 0;
    for (int i = 0; i < blockRows; i++) {
      entries += place(dense, i, order[i], columns[order[i]]);
    }
    this.nnz = entries;
    this.isFull = isFull(order);
  }

  private boolean isFull(int[] order) {
    long slots = 0;
    for (int i = 0; i < order.length; i++) {
      int group = i * height / ROWS;
      long high = Math.min(height, rows - order[i] * height);
      slots += high * (groupPtr[group + 1] - groupPtr[group]);
    }
    return slots == nnz;
  }

  /** Returns the columns of the blocks of a block row. */
  private static char[] columns(Tensor dense, int blockRow, int height) {
    char[] columns = new char[dense.cols()];
    int n = 0;
    for (int c = 0; c < dense.cols(); c++) {
      if (count(dense, blockRow, height, c) > 0) {
        columns[n++] = (char) c;
      }
    }
    return Arrays.copyOf(columns, n);
  }

  /** Counts the elements of a block that are not zero. */
  private static int count(Tensor dense, int blockRow, int height, int col) {
    int n = 0;
    int end = Math.min(dense.rows(), (blockRow + 1) * height);
    for (int r = blockRow * height; r < end; r++) {
      n += dense.get(r, col) != 0 ? 1 : 0;
    }
    return n;
  }

  /**
   * Writes a block row.
   *
   * @param index its place in the order of the groups
   * @return how many elements are not zero
   */
  private int place(Tensor dense, int index, int blockRow, char[] columns) {
    int perGroup = ROWS / height;
    int group = index / perGroup;
    int member = index % perGroup;
    int first = blockRow * height;
    int end = Math.min(rows, first + height);
    for (int r = first; r < end; r += QUAD) {
      quadRows[(group * ROWS + member * height + r - first) / QUAD] = r;
    }
    int entries = 0;
    for (int i = 0; i < columns.length; i++) {
      int slice = groupPtr[group] + i;
      colIdx[slice * perGroup + member] = columns[i];
      for (int r = first; r < end; r++) {
        float value = dense.get(r, columns[i]);
        if (value != 0) {
          values[slice * ROWS + member * height + r - first] = value;
          entries++;
        }
      }
    }
    return entries;
  }

  /**
   * Lays a matrix out.
   *
   * @param height rows of a block: 4 or 16
   */
  public static BsrMatrix of(Tensor dense, int height) {
    if (height != QUAD && height != ROWS) {
      throw new IllegalArgumentException("a block has 4 or 16 rows, not " + height);
    }
    if (dense.cols() > MAX_COLS) {
      throw new IllegalArgumentException("at most " + MAX_COLS + " columns, not " + dense.cols());
    }
    return new BsrMatrix(dense, height);
  }

  /**
   * Returns the largest height whose blocks are filled nearly as well as those of height 4.
   *
   * @param enough share of the stored elements that are not zero, below which a height won't do
   * @return 0 if none will do
   */
  public static int heightFor(Tensor dense, double enough) {
    double best = 0;
    int chosen = 0;
    for (int height : HEIGHTS) {
      double fill = fill(dense, height);
      if (fill >= enough && fill >= 0.9 * best) {
        best = Math.max(best, fill);
        chosen = height;
      }
    }
    return chosen;
  }

  /** Returns which share of the elements of blocks that are not empty is not zero; 1 is best. */
  public static double fill(Tensor dense, int height) {
    long entries = 0;
    long stored = 0;
    for (int b = 0; b < Math.ceilDiv(dense.rows(), height); b++) {
      int high = Math.min(height, dense.rows() - b * height);
      for (int c = 0; c < dense.cols(); c++) {
        int n = count(dense, b, height, c);
        entries += n;
        stored += n > 0 ? high : 0;
      }
    }
    return stored == 0 ? 1 : (double) entries / stored;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int cols() {
    return cols;
  }

  /** Returns the rows of a block. */
  public int height() {
    return height;
  }

  /** Returns the number of elements that are not zero. */
  public int nnz() {
    return nnz;
  }

  /** Returns the number of blocks. */
  public int blocks() {
    return blocks;
  }

  /** Returns whether no zero is stored but for rows that don't exist. */
  public boolean isFull() {
    return isFull;
  }

  /** Returns the number of groups. */
  public int groups() {
    return groupPtr.length - 1;
  }

  /** Returns the number of quads. */
  public int quads() {
    return quadRows.length;
  }

  /** Returns how many times as many values as elements that are not zero are stored; 1 is best. */
  public double padding() {
    return nnz == 0 ? 1 : (double) values.length / nnz;
  }

  /** Returns the bytes that the arrays take. */
  public long bytes() {
    return (long) Integer.BYTES * (quadRows.length + groupPtr.length)
        + (long) Character.BYTES * colIdx.length
        + (long) Float.BYTES * values.length;
  }

  /** Returns the first row of each quad. */
  public int[] quadRows() {
    return quadRows;
  }

  /** Returns the first slice of each group, and last the number of slices. */
  public int[] groupPtr() {
    return groupPtr;
  }

  /** Returns the columns of each slice. */
  public char[] colIdx() {
    return colIdx;
  }

  /** Returns the values of each slice. */
  public float[] values() {
    return values;
  }
}
