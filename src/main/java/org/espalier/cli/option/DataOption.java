package org.espalier.cli.option;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Split;
import org.espalier.data.TrainedOn;
import org.espalier.data.binary.FashionMnist;
import org.espalier.data.csv.CsvData;
import org.espalier.data.image.ImageData;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which data. */
public final class DataOption {
  private static final int LARGEST_IMAGE = 4096;

  @Option(
      names = "--data",
      paramLabel = "DIR|FILE",
      description =
          "A folder with four IDX files (plain or gzip), with the binary files of CIFAR-10 or"
              + " CIFAR-100, or with PNG and JPEG files in CLASS, or in train/CLASS and test/CLASS"
              + " or val/CLASS. Or one IDX file of images with its labels in the same folder, or a"
              + " CSV file (csv, tsv, data or txt, also with .gz). Default: the embedded part of"
              + " Fashion-MNIST.")
  private @Nullable Path path;

  @Option(
      names = "--test",
      paramLabel = "FILE.csv",
      description =
          "A CSV file with the test data. Default: a fifth of the rows of --data, always the same.")
  private @Nullable Path test;

  @Mixin private TableOption table;

  @Option(
      names = "--split",
      paramLabel = "FRACTION",
      description =
          "Fraction of the image files of each class to hold out as test data where there is no"
              + " test folder: above 0, below 1, always the same files. For eval 1 means all."
              + " Default: 0.2; for eval all files if the model was trained on other data.")
  private @Nullable Double share;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description =
          "Resize PNG and JPEG files to NxN: scale to cover the square, then crop the centre."
              + " Default: the input size of the model, or no resizing where there is none: all"
              + " files must then have one size.")
  private @Nullable Integer imageSize;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Returns training and test part. */
  public Split split() {
    return split((Shape) null);
  }

  private Split split(@Nullable Shape taken) {
    checkImageOptions(1);
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
  public Split split(Path modelFile, Model model) {
    Split read = readSplit(modelFile, model);
    return new Split(
        fitting(read.training(), modelFile, model), fitting(read.heldOut(), modelFile, model));
  }

  private Split readSplit(Path modelFile, Model model) {
    checkImageOptions(1);
    if (path == null || !CsvData.isCsv(path)) {
      return split(model.graph().inputShape());
    }
    return CsvData.read(
        path,
        test,
        table.optionsOfModel(),
        columns(path, modelFile, model),
        classes(model),
        this::warn);
  }

  /** Returns what to judge a model by: of its shape, in its classes. */
  public Dataset test(Path modelFile, Model model) {
    return fitting(readTest(modelFile, model), modelFile, model);
  }

  private static Dataset fitting(Dataset data, Path modelFile, Model model) {
    requireOneInput(modelFile, model);
    if (!model.graph().inputShape().equals(data.examples().shape())) {
      throw InputException.expected(
          data.name(),
          "examples of " + model.graph().inputShape() + ", which " + modelFile + " takes",
          data.examples().shape());
    }
    int outputs = model.graph().outputShape().size();
    if (model.classes().isEmpty() && data.classes().size() == outputs) {
      return data; // whose classes come in the order of the outputs
    }
    return data.inClassesOf(modelFile, classes(model));
  }

  /** Returns the names of a model's outputs, which may be their indices. */
  private static List<String> classes(Model model) {
    int outputs = model.graph().outputShape().size();
    return IntStream.range(0, outputs).mapToObj(model::className).toList();
  }

  /**
   * Refuses a model that takes more than one input, which no data set gives.
   *
   * @throws InputException if it does
   */
  public static void requireOneInput(Path modelFile, Model model) {
    if (model.graph().inputs().size() > 1) {
      throw InputException.expected(
          modelFile, "a network of one input", "inputs " + model.graph().inputs().keySet());
    }
  }

  private Dataset readTest(Path modelFile, Model model) {
    checkImageOptions(Math.nextUp(1));
    if (test != null && path == null) {
      return CsvData.readAll(
          test,
          table.optionsOfModel(),
          columns(test, modelFile, model),
          classes(model),
          this::warn);
    }
    if (path != null && CsvData.isCsv(path)) {
      return test != null
          ? readSplit(modelFile, model).heldOut()
          : CsvData.readTest(
              path,
              table.optionsOfModel(),
              columns(path, modelFile, model),
              classes(model),
              trainedOn(model),
              this::warn);
    }
    checkNoCsvOptions();
    Shape shape = shape(model.graph().inputShape());
    return path == null
        ? FashionMnist.embedded().heldOut()
        : ImageData.readTest(path, shape, share, trainedOn(model), this::warn);
  }

  /**
   * Checks what is said about image files.
   *
   * @param mostShare what --split must be below: 1 where something must be left to learn from
   */
  private void checkImageOptions(double mostShare) {
    if (imageSize == null && share == null) {
      return;
    }
    if (path == null || CsvData.isCsv(path) || !ImageData.areFiles(path)) {
      throw InputException.expected(
          imageSize != null ? "--image-size" : "--split",
          "--data with a folder of image files",
          path == null ? "no --data" : path);
    }
    if (share != null && !(share > 0 && share < mostShare)) {
      throw InputException.expected(
          "--split",
          mostShare > 1 ? "a number above 0, 1 for all" : "a number above 0 and below 1",
          share);
    }
    if (imageSize == null) {
      return;
    }
    if (imageSize < 1 || imageSize > LARGEST_IMAGE) {
      throw InputException.expected(
          "--image-size", "a number from 1 to " + LARGEST_IMAGE, imageSize);
    }
  }

  private static TrainedOn trainedOn(Model model) {
    return new TrainedOn(model.provenance().get("data"), model.provenance().get("dataName"));
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
    if (model.preprocessing() instanceof Preprocessing.AsIs
        && model.graph().inputShape().rank() == 1) {
      return Preprocessing.AsIs.table(model.graph().inputShape().size());
    }
    throw InputException.expected(csv, "images, which " + modelFile + " takes", "a CSV file");
  }

  private void checkNoCsvOptions() {
    Object found = path == null ? "no --data" : path;
    if (test != null) {
      throw InputException.expected("--test", "--data with a CSV file", found);
    }
    table.checkNothingIsSaid(found);
  }
}
