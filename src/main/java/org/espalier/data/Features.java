package org.espalier.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.io.Sha256;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;

/**
 * Rows of a table as floats, one for each column that is used: of numbers what is stored of them,
 * NaN for a missing one; of categories the index of the category, −1 for a value that isn't among
 * them.
 */
public final class Features implements Examples {
  private final Preprocessing.Columns layout;
  private final Column[] used;
  private final Shape shape;
  private final float[] values;

  /**
   * Makes rows over an array that is shared with the caller and must not change.
   *
   * @param layout the columns; of those of numbers the offset counts, their moments don't
   * @param values the rows {@code [count][used columns]}
   */
  public Features(Preprocessing.Columns layout, float[] values) {
    this.layout = layout;
    this.used = layout.used().toArray(Column[]::new);
    this.values = values;
    if (used.length == 0 || values.length % used.length != 0) {
      throw new IllegalArgumentException(
          values.length + " values are no whole number of rows of " + used.length);
    }
    this.shape = Shape.of(Math.toIntExact(layout.inputs()));
  }

  /** Makes rows of numbers. */
  public static Features ofNumbers(List<String> names, float[] values) {
    List<Column> columns = new ArrayList<>(names.size());
    names.forEach(name -> columns.add(new Column.Numbers(name, 0, 1)));
    return new Features(new Preprocessing.Columns(columns), values);
  }

  /** Returns the columns. */
  public Preprocessing.Columns layout() {
    return layout;
  }

  /** Returns the names of the columns that are used. */
  public List<String> names() {
    return Arrays.stream(used).map(Column::name).toList();
  }

  /** Returns the rows, shared. */
  public float[] values() {
    return values;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public int count() {
    return values.length / used.length;
  }

  @Override
  public Inputs inputs(Preprocessing preprocessing) {
    Preprocessing given =
        preprocessing instanceof Preprocessing.AsIs
            ? Preprocessing.AsIs.table(shape.size())
            : preprocessing;
    if (!(given instanceof Preprocessing.Columns table)
        || table.used().size() != used.length
        || table.inputs() != shape.size()) {
      throw new IllegalArgumentException("a table needs a preprocessing for each column");
    }
    Column[] columns = table.used().toArray(Column[]::new);
    return (example, x, xo) -> {
      int from = example * columns.length;
      int to = xo;
      for (int i = 0; i < columns.length; i++) {
        Column column = columns[i];
        float value = values[from + i];
        if (column instanceof Column.Numbers numbers) {
          x[to] = numbers.input(value);
        } else {
          Arrays.fill(x, to, to + column.inputs(), 0);
          if (value >= 0) {
            x[to + (int) value] = 1;
          }
        }
        to += column.inputs();
      }
    };
  }

  @Override
  public Features part(int[] chosen) {
    float[] some = new float[chosen.length * used.length];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(values, chosen[i] * used.length, some, i * used.length, used.length);
    }
    return new Features(layout, some);
  }

  @Override
  @Internal
  public void addTo(Sha256 sha) {
    sha.add(used.length);
    for (Column column : used) {
      // Plain numbers add nothing: their digest is as old as tables are.
      if (column instanceof Column.Categories categories) {
        categories.values().forEach(sha::add);
      } else if (column instanceof Column.Numbers numbers && numbers.offset() != 0) {
        sha.add(Double.doubleToLongBits(numbers.offset()));
      }
    }
    for (float value : values) {
      sha.add(Float.floatToIntBits(value));
    }
  }

  /**
   * {@inheritDoc} Each column of numbers by itself, in double, the deviation from a second pass;
   * one that is the same in all rows becomes 0. Missing numbers don't count. Categories stay as
   * they are.
   */
  @Override
  public Preprocessing standardization(String name) {
    List<Column> columns = new ArrayList<>(layout.columns().size());
    boolean differs = false;
    boolean varies = false;
    int at = 0;
    for (Column column : layout.columns()) {
      Column standard = column;
      if (column.inputs() > 0) {
        boolean here = differs(at);
        differs |= here;
        if (column instanceof Column.Numbers numbers) {
          Moments moments = moments(at);
          boolean spread = moments.areSpread();
          varies |= spread;
          standard =
              new Column.Numbers(
                  numbers.name(),
                  numbers.offset(),
                  (float) moments.mean(),
                  spread ? (float) moments.deviation() : 1,
                  count() - moments.present());
        } else {
          varies |= here;
        }
        at++;
      }
      columns.add(standard);
    }
    if (!varies) {
      throw InputException.expected(
          name,
          "rows that differ",
          differs
              ? "only numbers that deviate by less than " + Float.MIN_NORMAL
              : "the same values in all");
    }
    return new Preprocessing.Columns(columns, layout.format());
  }

  private record Moments(double mean, double deviation, int present) {
    boolean areSpread() {
      return (float) deviation >= Float.MIN_NORMAL && Float.isFinite((float) deviation);
    }
  }

  private Moments moments(int column) {
    double sum = 0;
    int present = 0;
    for (int i = column; i < values.length; i += used.length) {
      if (!Float.isNaN(values[i])) {
        sum += values[i];
        present++;
      }
    }
    if (present == 0) {
      return new Moments(0, 0, 0);
    }
    double mean = sum / present;
    double squares = 0;
    for (int i = column; i < values.length; i += used.length) {
      if (!Float.isNaN(values[i])) {
        squares += (values[i] - mean) * (values[i] - mean);
      }
    }
    return new Moments(mean, Math.sqrt(squares / present), present);
  }

  private boolean differs(int column) {
    for (int i = column; i < values.length; i += used.length) {
      if (Float.compare(values[i], values[column]) != 0) {
        return true;
      }
    }
    return false;
  }
}
