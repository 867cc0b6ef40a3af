package org.espalier.cli;

import java.nio.file.Path;
import org.espalier.InputException;
import org.espalier.data.CifarData;
import org.espalier.data.CsvData;
import org.espalier.data.Dataset;
import org.espalier.data.FashionMnist;
import org.espalier.data.IdxData;
import org.espalier.data.Split;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which data. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR|FILE",
      description =
          "Folder with the four IDX files, gz or plain, or with the binary files of CIFAR-10 or"
              + " CIFAR-100; or one such file of images (IDX labels lie beside it); or a CSV file"
              + " of numbers and labels, a fifth of whose rows, always the same, is the test part."
              + " Default: the embedded part of Fashion-MNIST.")
  private @Nullable Path path;

  @Option(
      names = "--test",
      paramLabel = "FILE.csv",
      description = "A CSV file that is the test part; then none is cut off --data.")
  private @Nullable Path test;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description =
          "Name or index (from 0) of the CSV column with the labels. Default: the one named label,"
              + " class or target, else the last.")
  private @Nullable String label;

  /** Returns training and test part. */
  Split split() {
    if (path != null && CsvData.isCsv(path)) {
      return CsvData.read(path, test, label);
    }
    checkNoCsvOptions();
    if (path == null) {
      return FashionMnist.embedded();
    }
    return CifarData.isCifar(path) ? CifarData.read(path) : IdxData.read(path);
  }

  /** Returns training and test part for a model, from CSV in its own columns and classes. */
  Split split(Path modelFile, Model model) {
    if (path == null || !CsvData.isCsv(path)) {
      return split();
    }
    return CsvData.read(path, test, label, columns(path, modelFile, model), model.classes());
  }

  /** Returns what to judge a model by. */
  Dataset test(Path modelFile, Model model) {
    if (test != null && path == null) {
      return CsvData.readAll(test, label, columns(test, modelFile, model), model.classes());
    }
    if (path != null && CsvData.isCsv(path)) {
      return split(modelFile, model).heldOut();
    }
    checkNoCsvOptions();
    if (path == null) {
      return FashionMnist.embedded().heldOut();
    }
    return CifarData.isCifar(path) ? CifarData.readPart(path) : IdxData.readPart(path);
  }

  private static Preprocessing.Columns columns(Path csv, Path modelFile, Model model) {
    if (model.preprocessing() instanceof Preprocessing.Columns columns) {
      return columns;
    }
    throw InputException.expected(csv, "images, which " + modelFile + " takes", "a CSV file");
  }

  private void checkNoCsvOptions() {
    if (test != null || label != null) {
      throw InputException.expected(
          test != null ? "--test" : "--label",
          "--data with a CSV file beside it",
          path == null ? "no --data" : path);
    }
  }
}
