package org.espalier.sparse;

import java.util.Arrays;
import org.espalier.tensor.Precision;

/**
 * A sparse matrix for products with another matrix, X, whose rows are contiguous: CSR, cut into
 * blocks of columns, so that the rows of X that belong to one stay in the nearest cache while many
 * rows of this matrix meet them. The index of a column in its block fills a byte. A row's entries
 * are met block by block, hence in ascending order.
 *
 * <pre>{@code
 *            block 0   block 1
 * panel 0    1 -> -    2 -> -     all rows of a panel in a block, then in the next
 * panel 1    3 -> -    4 -> -     panels are independent of each other
 *
 * a quad in a block:  row 3   a b −0        slots of slice 0: a c e g
 *                     row 1   c d −0                 slice 1: b d f h
 *                     row 0   e f −0                 slice 2: −0 −0 −0 i
 *                     row 5   g h i
 * }</pre>
 *
 * <p>The rows are cut into <em>panels</em>, which are independent of each other. In each block the
 * rows of a panel are sorted by their number of entries there, and four neighbours of that order
 * make a <em>quad</em>: a kernel adds up four rows at once, so that their chains of additions
 * overlap. The four have as many <em>slices</em> as the longest has entries; the others are padded
 * in the last ones.
 *
 * <p>The quads of panel {@code p} in block {@code b} are {@code firstQuad(p, b)} to {@code
 * firstQuad(p, b) + quads(p)} (exclusive). Quad {@code q} is that of the rows {@code quadRows[4·q +
 * i]}, {@code i < 4}. A panel that lacks rows has some that are all padding instead: they carry the
 * number of the last row of their quad, whose result must be written last. The slices of the quad
 * are {@code quadPtr[q]} to {@code quadPtr[q + 1]} (exclusive); in slice {@code t} row {@code i}
 * has the value {@link #value} of slot {@code 4·t + i}, −0 where it is padded, and the column
 * {@code b·width + o}, where {@code o} is the byte {@code offsets[4·t + i]} without sign, 0 where
 * it is padded. The values may be narrow: see {@link #of(CsrMatrix, Precision)}.
 *
 * <p>Immutable; the arrays that the accessors return are shared with the matrix and must not be
 * written.
 *
 * <p>Source: Im, Yelick and Vuduc, <em>SPARSITY: optimization framework for sparse matrix
 * kernels</em>, Int. J. High Perform. Comput. Appl. 18(1), 2004 (cache blocking).
 */
public final class CacheBlockedMatrix {
  /** Rows of a quad. */
  public static final int QUAD = 4;

  private static final int PANEL_ROWS = 256;

  private static final int NARROW = 128;
  private static final int WIDE = 256;

  /**
   * Entries of a row in a block that pay for the sums to be loaded and stored. Measured with 1024
   * columns and a batch of 64: at a density of 20 % narrow blocks are best, from 10 % down wide
   * ones.
   */
  private static final int ENOUGH = 16;

  private final int rows;
  private final int cols;
  private final int nnz;
  private final int width;
  private final int blocks;
  private final int panelRows;
  private final int[] quadRows;
  private final int[] quadPtr;
  private final byte[] offsets;
  private final PackedValues values;

  private CacheBlockedMatrix(CsrMatrix m, int width, Precision precision) {
    this.rows = m.rows();
    this.cols = m.cols();
    this.nnz = m.nnz();
    this.width = width;
    this.blocks = Math.ceilDiv(cols, width);
    int panels = Math.ceilDiv(rows, PANEL_ROWS);
    this.panelRows = panels == 0 ? QUAD : Math.ceilDiv(Math.ceilDiv(rows, panels), QUAD) * QUAD;
    int quads = Math.multiplyExact(Math.ceilDiv(rows, QUAD), blocks);
    this.quadRows = new int[Math.multiplyExact(quads, QUAD)];
    this.quadPtr = new int[quads + 1];
    int[] length = new int[panelRows];
    for (int p = 0; p < panels(); p++) {
      for (int b = 0; b < blocks; b++) {
        makeQuads(m, p, b, length);
      }
    }
    int slots = Math.multiplyExact(quadPtr[quads], QUAD);
    this.offsets = new byte[slots];
    this.values = new PackedValues(precision, slots, m);
    int[] next = Arrays.copyOf(m.rowPtr(), rows);
    for (int p = 0; p < panels(); p++) {
      for (int b = 0; b < blocks; b++) {
        fillQuads(m, p, b, next);
      }
    }
  }

  /** Lays a matrix out in blocks of a width that suits its density. */
  public static CacheBlockedMatrix of(CsrMatrix matrix) {
    return of(matrix, Precision.FP32);
  }

  /**
   * Lays a matrix out in blocks of a width that suits its density, with narrow values: halves of
   * IEEE 754 times a power of two for each row, or bytes times a scale for each row.
   *
   * @param matrix rounded to the precision by {@link Precision#roundRows}
   */
  public static CacheBlockedMatrix of(CsrMatrix matrix, Precision precision) {
    return of(matrix, width(matrix.density()), precision);
  }

  /** Returns the columns of a block that suit a density. */
  public static int width(double density) {
    return density * NARROW >= ENOUGH ? NARROW : WIDE;
  }

  /**
   * Lays a matrix out.
   *
   * @param width columns of a block, at most 256
   */
  public static CacheBlockedMatrix of(CsrMatrix matrix, int width) {
    return of(matrix, width, Precision.FP32);
  }

  private static CacheBlockedMatrix of(CsrMatrix matrix, int width, Precision precision) {
    if (width < 1 || width > WIDE) {
      throw new IllegalArgumentException("a block has 1 to 256 columns, not " + width);
    }
    return new CacheBlockedMatrix(matrix, width, precision);
  }

  /** Sorts the rows of a panel by their entries in a block and notes the extents of the quads. */
  private void makeQuads(CsrMatrix m, int p, int b, int[] length) {
    int first = p * panelRows;
    int n = Math.min(panelRows, rows - first);
    int padded = quads(p) * QUAD;
    int padding = padded - n;
    int[] perLength = new int[width + 2];
    for (int i = 0; i < n; i++) {
      length[i] = entryAt(m, first + i, (b + 1) * width) - entryAt(m, first + i, b * width);
      perLength[length[i] + 1]++;
    }
    for (int i = 0; i <= width; i++) {
      perLength[i + 1] += perLength[i];
    }
    int q = firstQuad(p, b);
    for (int i = 0; i < n; i++) {
      quadRows[q * QUAD + padding + perLength[length[i]]++] = first + i;
    }
    for (int i = 0; i < padding; i++) {
      quadRows[q * QUAD + i] = quadRows[q * QUAD + QUAD - 1];
    }
    for (int i = 0; i < quads(p); i++, q++) {
      int longest = length[quadRows[q * QUAD + QUAD - 1] - first];
      quadPtr[q + 1] = Math.addExact(quadPtr[q], longest);
    }
  }

  /** Returns the index of a row's first entry that isn't before a column. */
  private static int entryAt(CsrMatrix m, int row, int col) {
    int end = m.rowPtr()[row + 1];
    if (col > Character.MAX_VALUE) {
      return end;
    }
    int found = Arrays.binarySearch(m.colIdx(), m.rowPtr()[row], end, (char) col);
    return found >= 0 ? found : -found - 1;
  }

  /** Writes the slices of a panel in a block; {@code next} has each row's first entry there. */
  private void fillQuads(CsrMatrix m, int p, int b, int[] next) {
    int from = firstQuad(p, b) * QUAD;
    int to = from + quads(p) * QUAD;
    for (int i = from; i < to; i++) {
      int row = quadRows[i];
      int last = i / QUAD * QUAD + QUAD - 1;
      if (i == last || quadRows[last] != row) { // else it is padding
        int slot = quadPtr[i / QUAD] * QUAD + i % QUAD;
        int end = (b + 1) * width;
        for (; next[row] < m.rowPtr()[row + 1] && m.colIdx()[next[row]] < end; next[row]++) {
          offsets[slot] = (byte) (m.colIdx()[next[row]] - b * width);
          values.set(slot, row, m.values()[next[row]]);
          slot += QUAD;
        }
      }
    }
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int cols() {
    return cols;
  }

  /** Returns the number of entries, padding not counted. */
  public int nnz() {
    return nnz;
  }

  /** Returns the columns of a block; the last may have fewer. */
  public int width() {
    return width;
  }

  /** Returns the number of blocks. */
  public int blocks() {
    return blocks;
  }

  /** Returns the number of panels. */
  public int panels() {
    return Math.ceilDiv(rows, panelRows);
  }

  /** Returns the rows of a panel; the last may have fewer. */
  public int panelRows() {
    return panelRows;
  }

  /** Returns the number of quads that a panel has in each block. */
  public int quads(int panel) {
    return Math.ceilDiv(Math.min(panelRows, rows - panel * panelRows), QUAD);
  }

  /** Returns the first quad of a panel in a block. */
  public int firstQuad(int panel, int block) {
    return panel * (panelRows / QUAD) * blocks + block * quads(panel);
  }

  /** Returns the bytes that the arrays take. */
  public long bytes() {
    return (long) Integer.BYTES * (quadRows.length + quadPtr.length)
        + offsets.length
        + values.bytes();
  }

  /** Returns the rows of each quad. */
  public int[] quadRows() {
    return quadRows;
  }

  /** Returns the first slice of each quad, and last the number of slices. */
  public int[] quadPtr() {
    return quadPtr;
  }

  /** Returns the column of each entry of a quad, less the first one of the block. */
  public byte[] offsets() {
    return offsets;
  }

  /** Returns what {@link #value} of a row's entries takes. */
  public float scale(int row) {
    return values.scale(row);
  }

  /**
   * Returns a value.
   *
   * @param slot four times the slice, and which row of the quad
   * @param scale that of the row
   */
  public float value(int slot, float scale) {
    return values.get(slot, scale);
  }
}
