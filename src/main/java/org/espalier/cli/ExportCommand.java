package org.espalier.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.espalier.io.ModelFile;
import org.espalier.io.onnx.OnnxFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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

  @Override
  public Integer call() {
    OnnxFile.write(
        out,
        ModelFile.read(model).graph(),
        int8 ? OnnxFile.Form.DYNAMIC_INT8 : OnnxFile.Form.FLOAT);
    return CommandLine.ExitCode.OK;
  }
}
