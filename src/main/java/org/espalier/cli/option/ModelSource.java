package org.espalier.cli.option;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.io.ModelFile;
import org.espalier.io.onnx.translate.ImportOptions;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import picocli.CommandLine.Model.CommandSpec;

/** Models as commands take them: files of ours, and ONNX files of others. */
public final class ModelSource {
  private ModelSource() {}

  /**
   * Reads a model. An ONNX file has neither preprocessing nor class names: values are taken as they
   * are, outputs called by their indices.
   *
   * @param spec the command, on whose error stream a line says what had to be decided
   * @throws InputException if it can't be read
   */
  public static Model read(Path file, CommandSpec spec) {
    return OnnxImport.isOnnx(file)
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
    return model(file, imported.graph(), preprocessing, classes, Map.of("source", "ONNX"));
  }

  /**
   * Returns the model of a network that was in a file, with what the user says of it.
   *
   * @throws InputException if that doesn't fit the network
   */
  public static Model model(
      Path file,
      Graph graph,
      Preprocessing preprocessing,
      List<String> classes,
      Map<String, String> provenance) {
    try {
      return new Model(graph, preprocessing, classes, provenance);
    } catch (IllegalArgumentException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
  }
}
