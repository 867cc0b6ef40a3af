package org.espalier.cli.option;

import java.util.List;
import org.espalier.InputException;
import org.espalier.data.csv.CsvOptions;
import org.espalier.model.TableFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the columns of a CSV file are; columns go by names or, from 0, indices. */
final class TableOption {
  /** What a model keeps from its training. */
  private static final List<String> OF_TRAINING =
      List.of("--columns", "--ignore", "--categories", "--missing", "--thousands", "--decimal");

  /** What may also be said for data of a model. */
  private static final List<String> OF_ANY_TABLE = List.of("--label", "--header", "--separator");

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description =
          "The CSV column with the labels, by name or by index from 0. Default: the one that the"
              + " model was trained on; else the one named label, class or target; else the last.")
  @Nullable String label;

  @Option(
      names = "--columns",
      paramLabel = "COLUMN",
      split = ",",
      description = "CSV columns to learn from. Default: all.")
  List<String> columns = List.of();

  @Option(
      names = "--ignore",
      paramLabel = "COLUMN",
      split = ",",
      description = "CSV columns to leave out.")
  List<String> ignored = List.of();

  @Option(
      names = "--categories",
      paramLabel = "COLUMN",
      split = ",",
      description = "CSV columns whose numbers are categories, with one input for each value.")
  List<String> categories = List.of();

  @Option(
      names = "--missing",
      paramLabel = "TEXT",
      split = ",",
      description =
          "Texts that mean a missing value in CSV files, in addition to an empty cell, ?, NA, N/A,"
              + " NaN, null and none.")
  List<String> missing = List.of();

  @Option(
      names = "--thousands",
      paramLabel = "MARK",
      defaultValue = "",
      description = "Thousands separator of CSV numbers: , . ' _ or a blank. Default: none.")
  String thousands;

  @Option(
      names = "--decimal",
      paramLabel = ".|,",
      description = "Decimal mark of CSV numbers. Default: a point; with --thousands . a comma.")
  @Nullable String decimal;

  @Mixin RowsOption rows;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Returns what is said for data to train on. */
  public CsvOptions options() {
    if (!columns.isEmpty() && !ignored.isEmpty()) {
      throw InputException.expected("--ignore", "no --columns", columns);
    }
    String mark = decimal != null ? decimal : thousands.equals(".") ? "," : ".";
    TableFormat format;
    try {
      format = new TableFormat(null, mark, thousands, missing);
    } catch (IllegalArgumentException e) {
      throw new InputException("--thousands, --decimal: " + e.getMessage(), e);
    }
    return new CsvOptions(rows.header, rows.separator, label, columns, ignored, categories, format);
  }

  /**
   * Returns what is said for data of a model.
   *
   * @throws InputException if it is said what the model knows from its training
   */
  CsvOptions optionsOfModel() {
    refuse(OF_TRAINING, "no model, which keeps it from its training", "one");
    return rows.options().withLabel(label);
  }

  /**
   * Checks that nothing is said about tables.
   *
   * @param data what there is instead
   */
  void checkNothingIsSaid(Object data) {
    refuse(OF_TRAINING, "--data with a CSV file", data);
    refuse(OF_ANY_TABLE, "--data with a CSV file", data);
  }

  private void refuse(List<String> options, String expected, Object found) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw InputException.expected(option, expected, found);
      }
    }
  }
}
