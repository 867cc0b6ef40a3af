package org.espalier.cli.option;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.espalier.io.ModelFile;
import org.espalier.io.onnx.translate.ImportOptions;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import picocli.CommandLine.Model.CommandSpec;

/** Models as commands take them: files of ours, and ONNX files of others. */
public final class ModelSource {
  private ModelSource() {}

  /** Returns whether a file is taken for an ONNX file: by its name. */
  public static boolean isOnnx(Path file) {
    return file.toString().endsWith(".onnx");
  }

  /**
   * Reads a model. An ONNX file has neither preprocessing nor class names: values are taken as they
   * are, outputs called by their indices.
   *
   * @param spec the command, on whose error stream a line says what had to be decided
   * @throws org.espalier.InputException if it can't be read
   */
  public static Model read(Path file, CommandSpec spec) {
    return isOnnx(file)
        ? read(file, ImportOptions.defaults(), new Preprocessing.AsIs(), List.of(), spec)
        : ModelFile.read(file);
  }

  /** Reads an ONNX file, and what it doesn't say. */
  public static Model read(
      Path file,
      ImportOptions options,
      Preprocessing preprocessing,
      List<String> classes,
      CommandSpec spec) {
    OnnxImport imported = OnnxImport.read(file, options);
    imported
        .fixed()
        .ifPresent(
            reason ->
                OutOption.warnings(spec).accept(file + ": the batch is fixed, since " + reason));
    return new Model(imported.graph(), preprocessing, classes, Map.of("source", "ONNX"));
  }
}
