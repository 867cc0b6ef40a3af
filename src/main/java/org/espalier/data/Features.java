package org.espalier.data;

import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.espalier.io.Sha256;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;

/**
 * Rows of a table as floats.
 *
 * @param names of the columns, at least one
 * @param values the rows {@code [count][names.size()]}, shared with the caller
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose, as of images
public record Features(List<String> names, float[] values) implements Examples {
  /** Copies the names and checks that the values are a whole number of rows. */
  public Features {
    names = List.copyOf(names);
    if (names.isEmpty() || values.length % names.size() != 0) {
      throw new IllegalArgumentException(
          values.length + " values are no whole number of rows of " + names.size());
    }
  }

  @Override
  public Shape shape() {
    return Shape.of(names.size());
  }

  @Override
  public int count() {
    return values.length / names.size();
  }

  @Override
  public Inputs inputs(Preprocessing preprocessing) {
    if (!(preprocessing instanceof Preprocessing.Columns table)
        || table.columns().size() != names.size()) {
      throw new IllegalArgumentException("a table needs a preprocessing for each column");
    }
    Preprocessing.Column[] columns = table.columns().toArray(Preprocessing.Column[]::new);
    return (example, x, xo) -> {
      int from = example * columns.length;
      for (int i = 0; i < columns.length; i++) {
        x[xo + i] = columns[i].apply(values[from + i]);
      }
    };
  }

  @Override
  public Features part(int[] chosen) {
    int size = names.size();
    float[] some = new float[chosen.length * size];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(values, chosen[i] * size, some, i * size, size);
    }
    return new Features(names, some);
  }

  @Override
  public void addTo(Sha256 sha) {
    sha.add(names.size());
    for (float value : values) {
      sha.add(Float.floatToIntBits(value));
    }
  }

  /**
   * {@inheritDoc} Each column by itself, in double, the deviation from a second pass; a column that
   * is the same in all rows becomes 0.
   */
  @Override
  public Preprocessing standardization(String name) {
    List<Preprocessing.Column> columns = new ArrayList<>();
    boolean varies = false;
    for (int c = 0; c < names.size(); c++) {
      double sum = 0;
      for (int i = c; i < values.length; i += names.size()) {
        sum += values[i];
      }
      double mean = sum / count();
      double squares = 0;
      for (int i = c; i < values.length; i += names.size()) {
        squares += (values[i] - mean) * (values[i] - mean);
      }
      float deviation = (float) Math.sqrt(squares / count());
      boolean spread = deviation >= Float.MIN_NORMAL && Float.isFinite(deviation);
      varies |= spread;
      columns.add(new Preprocessing.Column(names.get(c), (float) mean, spread ? deviation : 1));
    }
    if (!varies) {
      throw InputException.expected(name, "rows that differ", "the same values in all");
    }
    return new Preprocessing.Columns(columns);
  }
}
