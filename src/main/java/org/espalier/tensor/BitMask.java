package org.espalier.tensor;

import java.util.Arrays;

/**
 * One bit for each element of a matrix, set where the element is <em>kept</em>. Bit {@code c} of
 * row {@code r} is bit {@code c & 63} of {@code words[r·wordsPerRow + (c >>> 6)]}: every row starts
 * a word of its own. The bits behind the last column are always clear.
 */
public final class BitMask {
  private final int rows;
  private final int cols;
  private final int wordsPerRow;
  private final long[] words;

  /** Makes a mask with every bit clear. */
  public BitMask(int rows, int cols) {
    this.rows = rows;
    this.cols = cols;
    this.wordsPerRow = Math.ceilDiv(cols, Long.SIZE);
    this.words = new long[Math.multiplyExact(rows, wordsPerRow)];
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int cols() {
    return cols;
  }

  /** Returns the number of words that hold one row. */
  public int wordsPerRow() {
    return wordsPerRow;
  }

  /** Returns the words behind this mask, shared with it. */
  public long[] words() {
    return words;
  }

  /** Returns the index in {@link #words()} of the first word of row {@code r}. */
  public int row(int r) {
    return r * wordsPerRow;
  }

  /** Returns whether the bit of row {@code r} and column {@code c} is set. */
  public boolean get(int r, int c) {
    return (words[row(r) + (c >>> 6)] >>> c & 1) != 0;
  }

  /** Sets or clears the bit of row {@code r} and column {@code c}. */
  public void set(int r, int c, boolean kept) {
    long bit = 1L << c;
    int i = row(r) + (c >>> 6);
    words[i] = kept ? words[i] | bit : words[i] & ~bit;
  }

  /** Sets or clears every bit of row {@code r}. */
  public void setRow(int r, boolean kept) {
    Arrays.fill(words, row(r), row(r + 1), kept ? -1L : 0L);
    if (kept && (cols & 63) != 0) {
      words[row(r + 1) - 1] = (1L << cols) - 1;
    }
  }

  /** Sets or clears every bit. */
  public void setAll(boolean kept) {
    for (int r = 0; r < rows; r++) {
      setRow(r, kept);
    }
  }

  /** Returns whether any bit of row {@code r} is set. */
  public boolean anyInRow(int r) {
    for (int i = row(r); i < row(r + 1); i++) {
      if (words[i] != 0) {
        return true;
      }
    }
    return false;
  }

  /** Copies the bits of a mask of the same size. */
  public void copyFrom(BitMask other) {
    checkSameSize(other);
    System.arraycopy(other.words, 0, words, 0, words.length);
  }

  /** Returns the number of bits that are set. */
  public long count() {
    long n = 0;
    for (long w : words) {
      n += Long.bitCount(w);
    }
    return n;
  }

  /** Returns the number of bits in which this mask and {@code other} differ. */
  public long countDifferent(BitMask other) {
    checkSameSize(other);
    long n = 0;
    for (int i = 0; i < words.length; i++) {
      n += Long.bitCount(words[i] ^ other.words[i]);
    }
    return n;
  }

  private void checkSameSize(BitMask other) {
    if (other.rows != rows || other.cols != cols) {
      throw new IllegalArgumentException(
          "a mask of " + rows + "x" + cols + " and one of " + other.rows + "x" + other.cols);
    }
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof BitMask m
        && m.rows == rows
        && m.cols == cols
        && Arrays.equals(words, m.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }
}
