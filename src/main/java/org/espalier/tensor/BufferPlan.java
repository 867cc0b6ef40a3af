package org.espalier.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decides which buffers can lie in the same storage because they are never of use at the same time.
 * A buffer lives from one point of a step to another, both included.
 */
public final class BufferPlan {
  /**
   * A buffer.
   *
   * @param length floats it takes
   * @param first when it is first written
   * @param last when it is last read
   */
  record Buffer(int length, int first, int last) {
    /** Returns whether both are of use at some time. */
    boolean meets(Buffer other) {
      return first <= other.last && other.first <= last;
    }
  }

  private final List<Buffer> buffers = new ArrayList<>();

  /** Adds a buffer and returns its number, 0 for the first. */
  public int add(int length, int first, int last) {
    buffers.add(new Buffer(length, first, last));
    return buffers.size() - 1;
  }

  /**
   * Returns the storage of each buffer, those that share it the same array. The longest are placed
   * first, each where it fits and the least is left over.
   */
  public float[][] allocate() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < buffers.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingInt(i -> -buffers.get(i).length()));
    List<List<Integer>> slots = new ArrayList<>();
    for (int i : order) {
      List<Integer> slot = null;
      for (List<Integer> candidate : slots) { // each is at least as long as its successors
        if (candidate.stream().noneMatch(j -> buffers.get(j).meets(buffers.get(i)))) {
          slot = candidate;
        }
      }
      if (slot == null) {
        slot = new ArrayList<>();
        slots.add(slot);
      }
      slot.add(i);
    }
    float[][] storage = new float[buffers.size()][];
    for (List<Integer> slot : slots) {
      float[] shared = new float[buffers.get(slot.getFirst()).length()];
      slot.forEach(i -> storage[i] = shared);
    }
    return storage;
  }
}
