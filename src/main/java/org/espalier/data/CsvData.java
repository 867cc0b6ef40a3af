package org.espalier.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.espalier.InputException;
import org.espalier.kernel.Kernels;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * Datasets in CSV files: columns of numbers and one of labels. The classes are the labels that
 * occur, in the order of numbers if all are numbers, else of letters. Where there is no file of
 * test data a fifth of the rows is held out, drawn with each class's share and always the same, so
 * that whoever reads the file again, in whatever run, judges by the same rows.
 */
public final class CsvData {
  private static final double HELD_OUT = 0.2;
  private static final long SEED = 0;

  private CsvData() {}

  /** Returns whether a file is one of these by its name. */
  public static boolean isCsv(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
  }

  /**
   * Reads training and test data.
   *
   * @param test file with the test data, or null to hold out a part of the first one
   * @param label name or index of the column of labels, or null for the one that is called label,
   *     class or target, else the last
   * @throws InputException if a file can't be read or isn't right
   */
  public static Split read(Path file, @Nullable Path test, @Nullable String label) {
    Dataset all = CsvTable.read(file, new CsvTable.Wanted(null, true, label, null)).dataset();
    if (test == null) {
      return cut(all);
    }
    List<String> columns = ((Features) all.examples()).names();
    return new Split(all, dataset(test, label, columns, all.classes()));
  }

  /**
   * Reads training and test data for a model that was trained before, whose columns and classes
   * they must have.
   */
  public static Split read(
      Path file,
      @Nullable Path test,
      @Nullable String label,
      Preprocessing.Columns columns,
      List<String> classes) {
    Dataset all = dataset(file, label, columns.used().stream().map(Column::name).toList(), classes);
    return test == null
        ? cut(all)
        : new Split(
            all, dataset(test, label, columns.used().stream().map(Column::name).toList(), classes));
  }

  /** Reads all rows of a file to judge a model by. */
  public static Dataset readAll(
      Path file, @Nullable String label, Preprocessing.Columns columns, List<String> classes) {
    return dataset(file, label, columns.used().stream().map(Column::name).toList(), classes);
  }

  /**
   * Reads rows to be classified: the columns that a model takes, whatever else there is.
   *
   * @throws InputException if the file can't be read or lacks one
   */
  public static Features readFeatures(Path file, Preprocessing.Columns columns) {
    return CsvTable.read(
            file,
            new CsvTable.Wanted(
                columns.used().stream().map(Column::name).toList(), false, null, null))
        .features();
  }

  private static Dataset dataset(
      Path file, @Nullable String label, List<String> columns, List<String> classes) {
    return CsvTable.read(file, new CsvTable.Wanted(columns, true, label, classes)).dataset();
  }

  private static Split cut(Dataset all) {
    if (all.size() < 2) {
      throw InputException.expected(all.name(), "two rows or more, to hold one out", all.size());
    }
    int count = (int) Math.max(1, Math.round(HELD_OUT * all.size()));
    Split split = all.holdOut(count, SEED, Kernels.random());
    return new Split(
        split.training().named(all.name() + ", training rows"),
        split.heldOut().named(all.name() + ", held-out rows"));
  }
}
