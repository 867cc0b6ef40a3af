package org.espalier.sparse;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.espalier.tensor.Precision;

/**
 * A sparse matrix for products with one vector: SELL-C-σ, with the window of x that a slice needs
 * kept in registers, so that its elements are found by a permutation instead of a gather.
 *
 * <p>C rows, the <em>lanes</em> of a vector, make a <em>group</em> (the chunk of SELL-C-σ). Rows
 * are ordered so that those of a group have about as many entries at about the same places; σ is as
 * wide as rows of about equal length reach. A group looks at a <em>window</em> of consecutive
 * columns and takes one or more <em>steps</em> in it: in each, every row whose next entry lies in
 * the window takes it, the others are <em>padded</em>. The next window begins at the first column
 * that some row still waits for. So every row meets its entries in ascending order, whatever its
 * neighbours hold. Some groups make a <em>block</em> and look at their windows in turn, so that
 * their chains of additions overlap: a window of each is a <em>slice</em>.
 *
 * <pre>{@code
 *           window 0    window 1
 * lane 0   a . b .   |  . . c .      step 0 of window 0: a d g   step 1: b e −0
 * lane 1   . d . e   |  f . . .      step 0 of window 1: c f h
 * lane 2   . . g .   |  . h . .      offsets in window 0: 0 1 2          2 3  0
 * }</pre>
 *
 * <p>Slices {@code blockPtr[b]} to {@code blockPtr[b + 1]} (exclusive) are those of block {@code
 * b}. In slice {@code r} the window of group {@code g} of the block begins at column {@code
 * starts[r·groups + g]}; it never reaches behind the last column unless there are fewer than it is
 * wide. Step {@code s} of the group is slot {@code p = g·steps + s} of the slice's {@link #SLOTS}.
 * There lane {@code l} has the {@link #value}, −0 where it is padded, and the column {@code start +
 * o}, where {@code o} is byte {@code p}, from the low end, of {@code offsets[FIRST + r·lanes + l]}.
 * The row of the lane is {@code laneRows[(b·groups + g)·lanes + l]}, −1 if there is none.
 *
 * <p>The value is {@code values[FIRST + (r·SLOTS + p)·lanes + l]}, a float. Or it is a half of IEEE
 * 754, from the low end number {@code p % 2} of {@code codes[FIRST + (2·r + p / 2)·lanes + l]},
 * times the scale of the lane, a power of two. Or it is a byte, number {@code p} of {@code
 * codes[FIRST + r·lanes + l]}, times the scale of the lane, which isn't above 0, so that the byte 0
 * stands for −0. The scales lie like {@code laneRows}.
 *
 * <p>Immutable; the arrays that the accessors return are shared with the matrix and must not be
 * written.
 *
 * <p>Source: Kreutzer, Hager, Wellein, Fehske, Bishop, <em>A unified sparse matrix data format for
 * efficient general sparse matrix-vector multiplication on modern processors with wide SIMD
 * units</em>, SIAM J. Sci. Comput. 36(5), 2014; the windows are this project's.
 */
public final class SellMatrix {
  /** Steps of a slice, of all groups together: their offsets, a byte each, fill an int. */
  public static final int SLOTS = 4;

  /**
   * Index of the first offset and value: there a large array usually is aligned to a cache line.
   */
  public static final int FIRST = 12;

  /** Two halves of −0. */
  private static final int PADDING_HALVES = 0x80008000;

  /**
   * How a matrix is laid out.
   *
   * @param lanes rows of a group: 4, 8 or 16
   * @param groups groups of a block
   * @param steps steps that a group takes in a window; with {@code groups} groups {@link #SLOTS}
   * @param window columns of a window, at most 256; a wider one needs less padding
   */
  public record Form(int lanes, int groups, int steps, int window) {
    /** Checks the numbers. */
    public Form {
      if (lanes != 4 && lanes != 8 && lanes != 16) {
        throw new IllegalArgumentException("lanes must be 4, 8 or 16, not " + lanes);
      }
      if (groups < 1 || steps < 1 || groups * steps != SLOTS) {
        throw new IllegalArgumentException(
            groups + " groups of " + steps + " steps don't make " + SLOTS);
      }
      if (window < 1 || window > 1 << Byte.SIZE) {
        throw new IllegalArgumentException("a window has 1 to 256 columns, not " + window);
      }
    }
  }

  private final Form form;
  private final int rows;
  private final int cols;
  private final int nnz;
  private final int[] laneRows;
  private final int[] blockPtr;
  private final char[] starts;
  private final int[] offsets;
  private final Precision precision;
  private final float[] values;
  private final int[] codes;
  private final float[] laneScales;

  private SellMatrix(CsrMatrix m, Form form, Precision precision) {
    this.form = form;
    this.precision = precision;
    this.rows = m.rows();
    this.cols = m.cols();
    this.nnz = m.nnz();
    int lanes = form.lanes();
    int groups = form.groups();
    int blocks = Math.ceilDiv(rows, groups * lanes);
    int[] similar = Arrays.copyOf(RowOrder.order(m, lanes), blocks * groups * lanes);
    Arrays.fill(similar, rows, similar.length, -1);
    int[] next = new int[lanes];
    int[] windows = new int[blocks * groups];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = windows(m, similar, i * lanes, next);
    }
    // A block has as many slices as its longest group has windows.
    int[] order =
        IntStream.range(0, windows.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> windows[i]))
            .mapToInt(i -> i)
            .toArray();
    this.laneRows = new int[similar.length];
    this.blockPtr = new int[blocks + 1];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(similar, order[i] * lanes, laneRows, i * lanes, lanes);
      int b = i / groups;
      blockPtr[b + 1] = Math.addExact(blockPtr[b], windows[order[i]]);
    }
    int slices = blockPtr[blocks];
    this.starts = new char[Math.multiplyExact(slices, groups)];
    this.offsets = new int[Math.addExact(Math.multiplyExact(slices, lanes), FIRST)];
    boolean isWide = precision == Precision.FP32;
    int slots = Math.multiplyExact(slices, SLOTS * lanes);
    this.values = new float[isWide ? Math.addExact(slots, FIRST) : 0];
    Arrays.fill(values, PackedValues.PADDING);
    this.codes = new int[isWide ? 0 : FIRST + slots * precision.bytes() / Integer.BYTES];
    Arrays.fill(codes, precision == Precision.FP16 ? PADDING_HALVES : 0);
    this.laneScales = new float[isWide ? 0 : laneRows.length];
    for (int i = 0; i < laneScales.length; i++) {
      int row = laneRows[i];
      if (row >= 0) {
        float scale = m.scale(precision, row);
        laneScales[i] = precision == Precision.INT8 ? -scale : scale;
      }
    }
    for (int i = 0; i < order.length; i++) {
      fill(m, i, next);
    }
  }

  /** Lays a matrix out. */
  public static SellMatrix of(CsrMatrix matrix, Form form) {
    return of(matrix, form, Precision.FP32);
  }

  /**
   * Lays a matrix out, with narrow values.
   *
   * @param matrix rounded to the precision by {@link Precision#roundRows}
   */
  public static SellMatrix of(CsrMatrix matrix, Form form, Precision precision) {
    return new SellMatrix(matrix, form, precision);
  }

  /** Counts the windows of the group of the rows that begin at an index. */
  private int windows(CsrMatrix m, int[] group, int at, int[] next) {
    toFirstEntries(m, group, at, next);
    int windows = 0;
    for (int f = start(m, group, at, next); f >= 0; f = start(m, group, at, next)) {
      for (int l = 0; l < next.length; l++) {
        for (int s = 0; s < form.steps() && takesPart(m, group[at + l], next[l], f); s++) {
          next[l]++;
        }
      }
      windows++;
    }
    return windows;
  }

  /** Writes the steps of a group. */
  private void fill(CsrMatrix m, int group, int[] next) {
    int lanes = form.lanes();
    int at = group * lanes;
    toFirstEntries(m, laneRows, at, next);
    int r = blockPtr[group / form.groups()];
    for (int f = start(m, laneRows, at, next); f >= 0; f = start(m, laneRows, at, next)) {
      starts[r * form.groups() + group % form.groups()] = (char) f;
      for (int l = 0; l < lanes; l++) {
        int slot = group % form.groups() * form.steps();
        for (int s = 0; s < form.steps() && takesPart(m, laneRows[at + l], next[l], f); s++) {
          int offset = m.colIdx()[next[l]] - f;
          offsets[FIRST + r * lanes + l] |= offset << (Byte.SIZE * (slot + s));
          set(r, slot + s, l, at + l, m.values()[next[l]]);
          next[l]++;
        }
      }
      r++;
    }
  }

  private void set(int slice, int slot, int lane, int laneIndex, float value) {
    int lanes = form.lanes();
    switch (precision) {
      case FP32 -> values[FIRST + (slice * SLOTS + slot) * lanes + lane] = value;
      case FP16 -> {
        int at = FIRST + (2 * slice + slot / 2) * lanes + lane;
        int shift = slot % 2 * Short.SIZE;
        int half = Precision.toHalf(value, laneScales[laneIndex]) & 0xffff;
        codes[at] = (codes[at] & ~(0xffff << shift)) | (half << shift);
      }
      case INT8 -> {
        int code = Precision.toInt8(value, laneScales[laneIndex]) & 0xff;
        codes[FIRST + slice * lanes + lane] |= code << (slot * Byte.SIZE);
      }
    }
  }

  /**
   * Returns the value of a lane in a slot.
   *
   * @param laneIndex the lane among all of the matrix, as in {@link #laneRows}
   */
  public float value(int slice, int slot, int laneIndex) {
    int lanes = form.lanes();
    int lane = laneIndex % lanes;
    return switch (precision) {
      case FP32 -> values[FIRST + (slice * SLOTS + slot) * lanes + lane];
      case FP16 -> {
        int code = codes[FIRST + (2 * slice + slot / 2) * lanes + lane];
        short half = (short) (code >>> (slot % 2 * Short.SIZE));
        yield Float.float16ToFloat(half) * laneScales[laneIndex];
      }
      case INT8 -> {
        int code = codes[FIRST + slice * lanes + lane];
        yield (byte) (code >>> (slot * Byte.SIZE)) * laneScales[laneIndex];
      }
    };
  }

  private static void toFirstEntries(CsrMatrix m, int[] group, int at, int[] next) {
    for (int l = 0; l < next.length; l++) {
      next[l] = group[at + l] < 0 ? 0 : m.rowPtr()[group[at + l]];
    }
  }

  private static boolean isDone(CsrMatrix m, int row, int next) {
    return row < 0 || next == m.rowPtr()[row + 1];
  }

  /** Returns the first column of the next window, −1 if no row waits. */
  private int start(CsrMatrix m, int[] group, int at, int[] next) {
    int first = Integer.MAX_VALUE;
    for (int l = 0; l < next.length; l++) {
      if (!isDone(m, group[at + l], next[l])) {
        first = Math.min(first, m.colIdx()[next[l]]);
      }
    }
    return first == Integer.MAX_VALUE ? -1 : Math.max(0, Math.min(first, cols - form.window()));
  }

  private boolean takesPart(CsrMatrix m, int row, int next, int start) {
    return !isDone(m, row, next) && m.colIdx()[next] < start + form.window();
  }

  /** Returns how the matrix is laid out. */
  public Form form() {
    return form;
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

  /** Returns the number of blocks. */
  public int blocks() {
    return blockPtr.length - 1;
  }

  /** Returns how many times as many values as entries are stored; 1 is best. */
  public double padding() {
    return nnz == 0 ? 1 : (double) (offsets.length - FIRST) * SLOTS / nnz;
  }

  /** Returns the bytes that the arrays take. */
  public long bytes() {
    return (long) Integer.BYTES
            * (laneRows.length + blockPtr.length + offsets.length + codes.length)
        + (long) Character.BYTES * starts.length
        + (long) Float.BYTES * (values.length + laneScales.length);
  }

  /** Returns for each lane its row, or −1. */
  public int[] laneRows() {
    return laneRows;
  }

  /** Returns for each block its first slice, and last the number of slices. */
  public int[] blockPtr() {
    return blockPtr;
  }

  /** Returns the first columns of the windows. */
  public char[] starts() {
    return starts;
  }

  /** Returns the offsets into the windows, from {@link #FIRST}, a byte for each step. */
  public int[] offsets() {
    return offsets;
  }

  /** Returns how narrow the values are. */
  public Precision precision() {
    return precision;
  }

  /** Returns the values that aren't floats, from {@link #FIRST}; or none. */
  public int[] codes() {
    return codes;
  }

  /** Returns for each lane what its values are multiplied with, if they aren't floats. */
  public float[] laneScales() {
    return laneScales;
  }

  /** Returns each step's values, from {@link #FIRST}, if they are floats; or none. */
  public float[] values() {
    return values;
  }
}
