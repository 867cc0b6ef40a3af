package org.espalier.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.espalier.io.ModelFile;
import org.espalier.io.OutputFile;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.model.Graph;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a model for other programs. */
@Command(
    name = "export",
    description = {
      "Writes a model's network as ONNX, opset 13, for other programs.",
      "It takes values as they are after preprocessing; 'inspect' shows that."
    })
final class ExportCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Option(
      names = "--out",
      paramLabel = "FILE.onnx",
      required = true,
      description = "The file to write.")
  Path out;

  @Option(
      names = "--int8",
      description = "Weights of 8 bits, inputs of layers quantised as they come.")
  boolean int8;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Graph graph = ModelFile.read(model).graph();
    try (OutputFile file = OutputFile.open(out, OutOption.warnings(spec))) {
      OnnxFile.write(file.path(), graph, int8 ? OnnxFile.Form.DYNAMIC_INT8 : OnnxFile.Form.FLOAT);
    }
    return CommandLine.ExitCode.OK;
  }
}
