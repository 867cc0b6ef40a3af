package org.espalier.model;

import java.util.HashSet;
import java.util.List;

/** What is made of a column of tables: some inputs of the network, or none. */
public sealed interface Column {
  /** Returns the name by which it is found in a file; its index where files have no header. */
  String name();

  /** Returns how many inputs of the network it gives. */
  int inputs();

  /**
   * Numbers, one input: {@code x = ((float) (value − offset) − mean) / deviation}. A missing one
   * counts as the mean, so it gives 0.
   *
   * @param offset what is subtracted in double, before a float would round away what tells the
   *     values apart; 0 where floats are fine enough
   * @param mean mean of the training data's numbers less the offset
   * @param deviation their standard deviation, above 0
   * @param missing how many were missing in the training data
   */
  record Numbers(String name, double offset, float mean, float deviation, int missing)
      implements Column {
    /** Checks the numbers. */
    public Numbers {
      Preprocessing.check(mean, deviation);
      if (!Double.isFinite(offset) || missing < 0) {
        throw new IllegalArgumentException(
            "a column needs a finite offset and a count of missing values, got "
                + offset
                + ", "
                + missing);
      }
    }

    /** Makes a column without offset and without missing values. */
    public Numbers(String name, float mean, float deviation) {
      this(name, 0, mean, deviation, 0);
    }

    @Override
    public int inputs() {
      return 1;
    }

    /** Returns what is stored of a value: what is left above the offset. */
    public float stored(double value) {
      return (float) (value - offset);
    }

    /** Returns the input for a stored value, where NaN is a missing one. */
    public float input(float stored) {
      return Float.isNaN(stored) ? 0 : (stored - mean) / deviation;
    }
  }

  /**
   * Categories, an input for each: 1 at the value's own, 0 at all others. A value that isn't among
   * them gives zeros throughout.
   *
   * @param values the categories, at least one, all different; the empty text stands for a missing
   *     value
   */
  record Categories(String name, List<String> values) implements Column {
    /** Copies the list and checks it. */
    public Categories {
      values = List.copyOf(values);
      if (values.isEmpty() || new HashSet<>(values).size() < values.size()) {
        throw new IllegalArgumentException(
            "column " + name + " needs categories that are all different");
      }
    }

    @Override
    public int inputs() {
      return values.size();
    }
  }

  /** The classes, which aren't shown to the network. */
  record Label(String name) implements Column {
    @Override
    public int inputs() {
      return 0;
    }
  }

  /**
   * A column that is left out.
   *
   * @param reason why
   */
  record Ignored(String name, String reason) implements Column {
    @Override
    public int inputs() {
      return 0;
    }
  }
}
