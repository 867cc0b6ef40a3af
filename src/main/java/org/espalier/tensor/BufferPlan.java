package org.espalier.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.espalier.Internal;

/**
 * Decides which buffers can lie in the same storage because they are never of use at the same time.
 * A buffer lives from one point of a step to another, both included.
 */
@Internal
public final class BufferPlan {
  /**
   * A buffer.
   *
   * @param length floats it takes
   * @param first when it is first written
   * @param last when it is last read
   */
  record Buffer(int length, int first, int last) {}

  private final List<Buffer> buffers = new ArrayList<>();

  /** Adds a buffer and returns its number, 0 for the first. */
  public int add(int length, int first, int last) {
    buffers.add(new Buffer(length, first, last));
    return buffers.size() - 1;
  }

  /** Buffers that share storage: by when each is first written, which one. */
  private static final class Slot {
    private final NavigableMap<Integer, Buffer> byFirst = new TreeMap<>();

    /** Whether a buffer meets none of them; those meet each other nowhere either. */
    boolean hasRoomFor(Buffer buffer) {
      Map.Entry<Integer, Buffer> before = byFirst.floorEntry(buffer.last());
      return before == null || before.getValue().last() < buffer.first();
    }
  }

  /**
   * Returns for each buffer the number of the storage it lies in. The longest are placed first,
   * each where it fits and the least is left over.
   */
  private int[] place() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < buffers.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingInt(i -> -buffers.get(i).length()));
    int[] places = new int[buffers.size()];
    List<Slot> slots = new ArrayList<>(); // each is at least as long as its successors
    for (int i : order) {
      Buffer buffer = buffers.get(i);
      int slot = slots.size() - 1;
      while (slot >= 0 && !slots.get(slot).hasRoomFor(buffer)) {
        slot--;
      }
      if (slot < 0) {
        slot = slots.size();
        slots.add(new Slot());
      }
      slots.get(slot).byFirst.put(buffer.first(), buffer);
      places[i] = slot;
    }
    return places;
  }

  /** Returns how many floats all storage takes together. */
  public long floats() {
    return Arrays.stream(lengths(place())).asLongStream().sum();
  }

  /** Returns the length of each storage: that of the longest buffer in it. */
  private int[] lengths(int[] places) {
    int[] lengths = new int[Arrays.stream(places).max().orElse(-1) + 1];
    for (int i = 0; i < places.length; i++) {
      lengths[places[i]] = Math.max(lengths[places[i]], buffers.get(i).length());
    }
    return lengths;
  }

  /** Returns the storage of each buffer, those that share it the same array. */
  public float[][] allocate() {
    int[] places = place();
    int[] lengths = lengths(places);
    float[][] shared = new float[lengths.length][];
    for (int i = 0; i < lengths.length; i++) {
      shared[i] = new float[lengths[i]];
    }
    float[][] storage = new float[places.length][];
    for (int i = 0; i < places.length; i++) {
      storage[i] = shared[places[i]];
    }
    return storage;
  }
}
