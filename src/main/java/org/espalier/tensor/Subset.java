package org.espalier.tensor;

/**
 * Some of n things, the units of a layer for instance: as bits and, ascending, as a list. Who
 * changes the bits must call {@link #refresh()} before the list is read again.
 */
public final class Subset {
  private final BitMask bits;
  private final int[] indices;
  private int count;

  /** Makes the empty subset of {@code n} things. */
  public Subset(int n) {
    bits = new BitMask(1, n);
    indices = new int[n];
  }

  /** Returns how many things there are to choose from. */
  public int size() {
    return bits.cols();
  }

  /** Returns one row of bits, a bit for each thing, shared with this subset. */
  public BitMask bits() {
    return bits;
  }

  /** Lists the things whose bits are set now. */
  public void refresh() {
    long[] words = bits.words();
    int n = 0;
    for (int i = 0; i < words.length; i++) {
      for (long word = words[i]; word != 0; word &= word - 1) {
        indices[n++] = i * Long.SIZE + Long.numberOfTrailingZeros(word);
      }
    }
    count = n;
  }

  /** Returns how many things are in the subset. */
  public int count() {
    return count;
  }

  /** Returns whether nothing is left out. */
  public boolean isAll() {
    return count == size();
  }

  /** Returns the things in ascending order, of which the first {@link #count()} count. Shared. */
  public int[] indices() {
    return indices;
  }
}
