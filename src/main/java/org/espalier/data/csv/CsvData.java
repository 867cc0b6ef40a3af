package org.espalier.data.csv;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Features;
import org.espalier.data.Split;
import org.espalier.data.TrainedOn;
import org.espalier.kernel.Kernels;
import org.espalier.model.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * Datasets in CSV files: columns of numbers, of categories and one of labels. Where there is no
 * file of test data a fifth of the rows is held out, drawn with each class's share and always the
 * same, so that whoever reads the file again, in whatever run, judges by the same rows. Everything
 * but the kinds of the columns and the classes is decided by the other rows.
 */
public final class CsvData {
  private static final double HELD_OUT = 0.2;
  private static final long SEED = 0;

  private static final Set<String> ENDINGS =
      Set.of("csv", "tsv", "tab", "psv", "data", "dat", "txt");

  private CsvData() {}

  /** Returns whether a file is one of these by the end of its name, behind which .gz may stand. */
  public static boolean isCsv(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    int point = plain.lastIndexOf('.');
    return point >= 0 && ENDINGS.contains(plain.substring(point + 1)) && !Files.isDirectory(file);
  }

  /**
   * Reads training and test data.
   *
   * @param test file with the test data, or null to hold out a part of the first one
   * @param notes receives what was decided about the columns, a line at a time
   * @throws InputException if a file can't be read or isn't right
   */
  public static Split read(
      Path file, @Nullable Path test, CsvOptions options, Consumer<String> notes) {
    CsvTable table = CsvTable.read(file, options, null, true, notes);
    String label = table.names().get(table.labelColumn());
    boolean named =
        options.categories().stream()
            .anyMatch(name -> table.position(name, "of --categories") == table.labelColumn());
    CsvLayout columns = new CsvLayout(table, options);
    ClassLabels labels = ClassLabels.of(table, named);
    int[] classes = labels.ofRows();
    int count = test == null ? heldOut(file, table.rows()) : 0;
    boolean[] held =
        count == 0
            ? new boolean[classes.length]
            : Dataset.draw(classes, labels.names().size(), count, SEED, Kernels.random());
    int[] training = IntStream.range(0, held.length).filter(i -> !held[i]).toArray();
    Preprocessing.Columns layout = columns.decide(training, notes);
    new CsvSummary(table, layout).tell(labels.names(), notes);
    int[] positions =
        IntStream.range(0, layout.columns().size())
            .filter(c -> layout.columns().get(c).inputs() > 0)
            .toArray();
    Features features = CsvFeatures.of(table, layout, positions, false, notes);
    Dataset all = new Dataset(file.toString(), features, classes, labels.names());
    if (test == null) {
      return cut(all, count);
    }
    CsvOptions same = options.label() == null ? options : options.withLabel(label);
    return new Split(all, dataset(test, same, layout, labels.names(), notes));
  }

  /**
   * Reads training and test data for a model that was trained before, whose columns and classes
   * they must have.
   */
  public static Split read(
      Path file,
      @Nullable Path test,
      CsvOptions options,
      Preprocessing.Columns columns,
      List<String> classes,
      Consumer<String> notes) {
    Dataset all = dataset(file, options, columns, classes, notes);
    return test == null
        ? cut(all, heldOut(file, all.size()))
        : new Split(all, dataset(test, options, columns, classes, notes));
  }

  /**
   * Reads what to judge a model by of a file that may be the one that it was trained on: its
   * held-out rows then, else all.
   */
  public static Dataset readTest(
      Path file,
      CsvOptions options,
      Preprocessing.Columns columns,
      List<String> classes,
      TrainedOn trained,
      Consumer<String> notes) {
    Dataset all = dataset(file, options, columns, classes, notes);
    return all.size() < 2
        ? all
        : trained.judged(cut(all, heldOut(file, all.size())), all.name(), () -> all, notes);
  }

  /** Reads all rows of a file to judge a model by. */
  public static Dataset readAll(
      Path file,
      CsvOptions options,
      Preprocessing.Columns columns,
      List<String> classes,
      Consumer<String> notes) {
    return dataset(file, options, columns, classes, notes);
  }

  /**
   * Reads rows to be classified: the columns that a model takes, whatever else there is.
   *
   * @throws InputException if the file can't be read or lacks one
   */
  public static Features readFeatures(
      Path file, CsvOptions options, Preprocessing.Columns columns, Consumer<String> notes) {
    CsvTable table = CsvTable.read(file, options, columns, false, notes);
    return CsvFeatures.of(table, columns, table.positions(columns), true, notes);
  }

  private static Dataset dataset(
      Path file,
      CsvOptions options,
      Preprocessing.Columns columns,
      List<String> classes,
      Consumer<String> notes) {
    CsvTable table = CsvTable.read(file, options, columns, true, notes);
    ClassLabels labels = ClassLabels.of(table, classes, notes);
    Features features = CsvFeatures.of(table, columns, table.positions(columns), true, notes);
    return new Dataset(file.toString(), features, labels.ofRows(), classes);
  }

  /** Returns how many of the rows are held out. */
  private static int heldOut(Path file, int rows) {
    if (rows < 2) {
      throw InputException.expected(file, "two rows or more, to hold one out", rows);
    }
    return (int) Math.max(1, Math.round(HELD_OUT * rows));
  }

  private static Split cut(Dataset all, int count) {
    Split split = all.holdOut(count, SEED);
    return new Split(
        split.training().named(all.name() + ", training rows"),
        split.heldOut().named(all.name() + ", held-out rows"));
  }
}
