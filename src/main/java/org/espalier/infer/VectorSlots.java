package org.espalier.infer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the vectors of a plan lie: a place is free again once all that read its vector have, and
 * has room for the widest that ever lies there.
 */
final class VectorSlots {
  /** By a vector's name, how many are still to read it. */
  private final Map<String, Integer> readersLeft = new HashMap<>();

  private final Map<String, Integer> places = new HashMap<>();
  private final List<Integer> widths = new ArrayList<>();

  /** The last one that became free comes first: it is still in the nearest cache. */
  private final Deque<Integer> free = new ArrayDeque<>();

  /** Announces that a vector will be read once more. */
  void announce(String vector) {
    readersLeft.merge(vector, 1, Integer::sum);
  }

  /** Returns whether anybody will still read a vector. */
  boolean isRead(String vector) {
    return readersLeft.getOrDefault(vector, 0) > 0;
  }

  /** Gives a vector a place. */
  int put(String vector, int width) {
    int place;
    if (free.isEmpty()) {
      place = widths.size();
      widths.add(width);
    } else {
      place = free.pop();
      widths.set(place, Math.max(widths.get(place), width));
    }
    places.put(vector, place);
    return place;
  }

  /** Returns the place of a vector that is there. */
  int of(String vector) {
    Integer place = places.get(vector);
    if (place == null) {
      throw new IllegalArgumentException("no vector " + vector);
    }
    return place;
  }

  /** Says that one of those that read a vector has. */
  void haveRead(String vector) {
    if (readersLeft.merge(vector, -1, Integer::sum) == 0) {
      free.push(of(vector));
    }
  }

  /** Returns the elements of an example that each place has room for. */
  List<Integer> widths() {
    return widths;
  }
}
