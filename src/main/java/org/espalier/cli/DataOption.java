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
              + " with PNG and JPEG files in train/CLASS and test/CLASS (or val/CLASS); or a CSV"
              + " file (also .tsv, .data, .txt), a fifth of whose rows, always the same, is the"
              + " test part. Default: the embedded part of Fashion-MNIST.")
  private @Nullable Path path;

  @Option(
      names = "--test",
      paramLabel = "FILE.csv",
      description = "A CSV file that is the test part; then none is cut off --data.")
  private @Nullable Path test;

  @Mixin private TableOption table;

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
    checkImageSize();
    if (path != null && CsvData.isCsv(path)) {
      return CsvData.read(path, test, table.options(), this::warn);
    }
    checkNoCsvOptions();
    Shape shape = shape(taken);
    return path == null ? FashionMnist.embedded() : ImageData.read(path, shape, this::warn);
  }

  /** Returns training and test part for a model, from CSV in its own columns and classes. */
  Split split(Path modelFile, Model model) {
    checkImageSize();
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

  /** Returns what to judge a model by. */
  Dataset test(Path modelFile, Model model) {
    checkImageSize();
    if (test != null && path == null) {
      return CsvData.readAll(
          test,
          table.optionsOfModel(),
          columns(test, modelFile, model),
          model.classes(),
          this::warn);
    }
    if (path != null && CsvData.isCsv(path)) {
      return split(modelFile, model).heldOut();
    }
    checkNoCsvOptions();
    Shape shape = shape(model.graph().inputShape());
    return path == null
        ? FashionMnist.embedded().heldOut()
        : ImageData.readTest(path, shape, this::warn);
  }

  private void checkImageSize() {
    if (imageSize == null) {
      return;
    }
    if (path == null || !ImageData.areFiles(path)) {
      throw InputException.expected(
          "--image-size",
          "--data with image files in folders train and test beside it",
          path == null ? "no --data" : path);
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
    if (imageSize == null) {
      return taken != null && taken.rank() == 3 && taken.dim(0) == 3 ? taken : null;
    }
    return Shape.of(3, imageSize, imageSize);
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
