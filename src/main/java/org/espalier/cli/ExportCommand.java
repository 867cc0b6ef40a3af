package org.espalier.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.espalier.InputException;
import org.espalier.cli.option.ModelSource;
import org.espalier.cli.option.OutOption;
import org.espalier.io.OutputFile;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.OnnxOptions;
import org.espalier.io.onnx.OnnxSummary;
import org.espalier.io.onnx.translate.GiveBack;
import org.espalier.model.Column;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.prune.Sparsity;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a model for other programs. */
@Command(
    name = "export",
    customSynopsis = "espalier export [OPTIONS] --out=FILE.onnx MODEL",
    description = {
      "Writes a model as ONNX for other programs.",
      "Each weight is stored in the smallest form that ONNX Runtime reads: without zeros where that is smaller, and as int8 or fp16 where no bit is lost."
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
      names = "--with-preprocessing",
      description =
          "Put preprocessing into the network: it takes raw values of an image (bytes, channel by channel) or a table, and gives probabilities as well. Otherwise the caller preprocesses the input as 'inspect' shows.")
  boolean preprocessing;

  @Option(
      names = "--weights",
      paramLabel = "fp32|fp16|int8",
      defaultValue = "fp32",
      description =
          "Store weights rounded to fp16, or to int8 with a scale for each row. They are computed with as fp32. Default: ${DEFAULT-VALUE}.")
  Precision weights;

  @Option(
      names = "--sparse-initializers",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Store weights without zeros as sparse_initializer where that is smaller. Turn it off for readers that don't know sparse initializers. Default: ${DEFAULT-VALUE}.")
  boolean sparse;

  @Option(
      names = "--int8",
      description = "Compute with int8 weights and dynamically quantised inputs. Zeros are stored.")
  boolean int8;

  @Option(
      names = "--opset",
      paramLabel = "N",
      defaultValue = "" + OnnxOptions.USUAL,
      description =
          "The version of ONNX's operators, 7 to 21; readers know it and older ones. What it lacks is made of what it has, or refused. Default: ${DEFAULT-VALUE}.")
  int opset;

  @Option(
      names = "--like",
      paramLabel = "THEIR.onnx",
      description =
          "The ONNX file that the model was imported from: it is written again with nothing changed but the bytes of its weights.")
  @Nullable Path like;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (int8 && weights != Precision.FP32) {
      throw new InputException(
          "--int8 computes with bytes, --weights " + name(weights) + " with floats: take one");
    }
    if (opset < OnnxOptions.OLDEST || opset > OnnxOptions.NEWEST) {
      throw InputException.expected(
          "--opset", "a number from " + OnnxOptions.OLDEST + " to " + OnnxOptions.NEWEST, opset);
    }
    Model read = ModelSource.read(model, spec);
    if (like != null) {
      int weights;
      try (OutputFile file = OutputFile.open(out, OutOption.warnings(spec))) {
        weights = GiveBack.write(file.path(), like, read.graph());
      }
      spec.commandLine()
          .getOut()
          .printf(Locale.ROOT, "%s: like %s but for %d weights%n", out, like, weights);
      return CommandLine.ExitCode.OK;
    }
    OnnxFile.Form form = int8 ? OnnxFile.Form.DYNAMIC_INT8 : OnnxFile.Form.FLOAT;
    OnnxSummary written;
    OnnxOptions options =
        new OnnxOptions(form, true, weights, sparse, preprocessing).withOpset(opset);
    try (OutputFile file = OutputFile.open(out, OutOption.warnings(spec))) {
      written = OnnxFile.write(file.path(), read, options);
    }
    OnnxOptions plain = OnnxOptions.plain(OnnxFile.Form.FLOAT, preprocessing).withOpset(opset);
    print(written, OnnxFile.summary(read, plain).bytes(), read);
    return CommandLine.ExitCode.OK;
  }

  private void print(OnnxSummary written, long plain, Model read) {
    PrintWriter console = spec.commandLine().getOut();
    console.printf(
        Locale.ROOT,
        "%s: %,d bytes; with all weights as floats %,d; %s: %,d%n",
        out,
        written.bytes(),
        plain,
        model,
        model.toFile().length());
    if (!int8) {
      console.printf(
          Locale.ROOT,
          "of %d weights %d without zeros, %d as fp16, %d as int8%n",
          written.weights(),
          written.sparse(),
          written.fp16(),
          written.int8());
    }
    if (preprocessing && read.preprocessing() instanceof Preprocessing.Columns table) {
      List<String> categories =
          table.used().stream()
              .filter(c -> c instanceof Column.Categories)
              .map(Column::name)
              .toList();
      if (!categories.isEmpty()) {
        console.printf(
            Locale.ROOT,
            "not in it: the categories of %s; the input has one 0 or 1 for each value, in the order"
                + " of the property 'columns'%n",
            String.join(", ", categories));
      }
    }
    if (written.bytes() >= plain) {
      console.println("not smaller than with floats: " + reason(read));
    }
    console.flush();
  }

  private String reason(Model read) {
    if (int8) {
      return "the nodes that quantise take more than the bytes save";
    }
    Sparsity sparsity = Sparsity.of(read.graph());
    long nonZero = sparsity.weights().stream().mapToLong(Sparsity.Weight::nonZero).sum();
    long size = sparsity.weights().stream().mapToLong(Sparsity.Weight::size).sum();
    return String.format(
        Locale.ROOT,
        "%.1f %% of the weights are 0, %s; --weights fp16 or int8 rounds them",
        100 * (1 - nonZero / (double) size),
        sparse
            ? "and ONNX spends 12 bytes on each other one, which pays in a weight with more than"
                + " 66.7 % of zeros"
            : "which --no-sparse-initializers keeps");
  }

  private static String name(Precision precision) {
    return precision.toString().toLowerCase(Locale.ROOT);
  }
}
