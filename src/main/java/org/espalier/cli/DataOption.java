package org.espalier.cli;

import java.nio.file.Path;
import org.espalier.InputException;
import org.espalier.data.CsvData;
import org.espalier.data.Dataset;
import org.espalier.data.FashionMnist;
import org.espalier.data.ImageData;
import org.espalier.data.Split;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which data. */
final class DataOption {
  private static final int LARGEST_IMAGE = 4096;

  @Option(
      names = "--data",
      paramLabel = "DIR|FILE",
      description =
          "Folder with the four IDX files, gz or plain; or one images file whose labels lie"
              + " beside it; or a folder with the binary files of CIFAR-10 or CIFAR-100; or one"
              + " with PNG and JPEG files in train/CLASS and test/CLASS (or val/CLASS), or in"
              + " CLASS, of which --split holds some out; or a CSV file (also .tsv, .data, .txt),"
              + " a fifth of whose rows, always the same, is the test part. Default: the embedded"
              + " part of Fashion-MNIST.")
  private @Nullable Path path;

  @Option(
      names = "--test",
      paramLabel = "FILE.csv",
      description = "A CSV file that is the test part; then none is cut off --data.")
  private @Nullable Path test;

  @Mixin private TableOption table;

  @Option(
      names = "--split",
      paramLabel = "SHARE",
      description =
          "Share of the image files of each class, above 0 and below 1, that is held out as the"
              + " test part where there is none: always the same files, told by their names."
              + " Default: 0.2.")
  private @Nullable Double share;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description =
          "Brings PNG and JPEG files to NxN: scaled to cover it, the middle cut out. Default: all"
              + " must have one size; for a model the size that it takes.")
  private @Nullable Integer imageSize;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Returns training and test part. */
  Split split() {
    return split((Shape) null);
  }

  private Split split(@Nullable Shape taken) {
    checkImageOptions();
    if (path != null && CsvData.isCsv(path)) {
      return CsvData.read(path, test, table.options(), this::warn);
    }
    checkNoCsvOptions();
    Shape shape = shape(taken);
    return path == null ? FashionMnist.embedded() : ImageData.read(path, shape, share, this::warn);
  }

  /**
   * Returns training and test part for a model: of its shape, in its classes, and from CSV in its
   * own columns.
   */
  Split split(Path modelFile, Model model) {
    Split read = readSplit(modelFile, model);
    return new Split(
        fitting(read.training(), modelFile, model), fitting(read.heldOut(), modelFile, model));
  }

  private Split readSplit(Path modelFile, Model model) {
    checkImageOptions();
    if (path == null || !CsvData.isCsv(path)) {
      return split(model.graph().inputShape());
    }
    return CsvData.read(
        path,
        test,
        table.optionsOfModel(),
        columns(path, modelFile, model),
        model.classes(),
        this::warn);
  }

  /** Returns what to judge a model by: of its shape, in its classes. */
  Dataset test(Path modelFile, Model model) {
    return fitting(readTest(modelFile, model), modelFile, model);
  }

  private static Dataset fitting(Dataset data, Path modelFile, Model model) {
    if (!model.graph().inputShape().equals(data.examples().shape())) {
      throw InputException.expected(
          data.name(),
          "examples of " + model.graph().inputShape() + ", which " + modelFile + " takes",
          data.examples().shape());
    }
    return data.inClassesOf(modelFile, model.classes());
  }

  private Dataset readTest(Path modelFile, Model model) {
    checkImageOptions();
    if (test != null && path == null) {
      return CsvData.readAll(
          test,
          table.optionsOfModel(),
          columns(test, modelFile, model),
          model.classes(),
          this::warn);
    }
    if (path != null && CsvData.isCsv(path)) {
      return readSplit(modelFile, model).heldOut();
    }
    checkNoCsvOptions();
    Shape shape = shape(model.graph().inputShape());
    return path == null
        ? FashionMnist.embedded().heldOut()
        : ImageData.readTest(path, shape, share, this::warn);
  }

  private void checkImageOptions() {
    if (imageSize == null && share == null) {
      return;
    }
    if (path == null || CsvData.isCsv(path) || !ImageData.areFiles(path)) {
      throw InputException.expected(
          imageSize != null ? "--image-size" : "--split",
          "--data with a folder of image files beside it",
          path == null ? "no --data" : path);
    }
    if (share != null && !(share > 0 && share < 1)) {
      throw InputException.expected("--split", "a number above 0 and below 1", share);
    }
    if (imageSize == null) {
      return;
    }
    if (imageSize < 1 || imageSize > LARGEST_IMAGE) {
      throw InputException.expected(
          "--image-size", "a number from 1 to " + LARGEST_IMAGE, imageSize);
    }
  }

  private void warn(String message) {
    spec.commandLine().getErr().println("espalier: " + message);
  }

  /** Returns what image files are brought to: what is asked for, else what a model takes. */
  private @Nullable Shape shape(@Nullable Shape taken) {
    return imageSize == null ? taken : Shape.of(3, imageSize, imageSize);
  }

  private static Preprocessing.Columns columns(Path csv, Path modelFile, Model model) {
    if (model.preprocessing() instanceof Preprocessing.Columns columns) {
      return columns;
    }
    throw InputException.expected(csv, "images, which " + modelFile + " takes", "a CSV file");
  }

  private void checkNoCsvOptions() {
    Object found = path == null ? "no --data" : path;
    if (test != null) {
      throw InputException.expected("--test", "--data with a CSV file beside it", found);
    }
    table.checkNothingIsSaid(found);
  }
}
