package org.espalier.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.espalier.InputException;
import org.espalier.cli.option.ModelSource;
import org.espalier.cli.option.OutOption;
import org.espalier.cli.option.WeightsOption;
import org.espalier.io.ModelFile;
import org.espalier.io.OutputFile;
import org.espalier.io.onnx.translate.ImportOptions;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.prune.Sparsity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a model file of what others have made. */
@Command(
    name = "import",
    customSynopsis = {
      "espalier import [OPTIONS] --out=FILE.safetensors MODEL.onnx",
      "espalier import [OPTIONS] --network=NAME --out=FILE.safetensors WEIGHTS.safetensors"
    },
    description = {
      "Makes a model file of an ONNX file, or of weights as safetensors and the network they belong to.",
      "Other commands take ONNX files, too; a model file also keeps what an ONNX file doesn't say: how values are prepared, and the names of the classes."
    })
final class ImportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      arity = "0..1",
      description = "An ONNX file, or with --network weights as safetensors.")
  @Nullable Path model;

  @Option(names = "--out", paramLabel = "FILE.safetensors", description = "The file to write.")
  @Nullable Path out;

  @Option(
      names = "--mean",
      paramLabel = "X",
      split = ",",
      description =
          "Mean of the pixels, from 0 to 1, one number or one for each channel. With --std pixels become (x - mean) / std. Default: values as they are.")
  List<Float> means = List.of();

  @Option(
      names = "--std",
      paramLabel = "X",
      split = ",",
      description = "Standard deviation of the pixels, as many numbers as --mean has.")
  List<Float> deviations = List.of();

  @Option(
      names = "--classes",
      paramLabel = "NAME",
      split = ",",
      description = "Names of the outputs, in order. Default: their indices.")
  List<String> classes = List.of();

  @Option(
      names = "--shape",
      paramLabel = "INPUT=N,N",
      description =
          "Extents of an input, that of the batch included, in place of those in the file: --shape x=1,3,224,224. Can be repeated.")
  List<String> shapes = List.of();

  @Option(
      names = "--exact-quantization",
      description =
          "Round activations as the file asks. Otherwise they stay real numbers, and only weights are what the file's bytes stand for.")
  boolean exactQuantization;

  @Mixin WeightsOption weights;

  @Option(names = "--operators", description = "Show which ONNX operators can be imported.")
  boolean operators;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter console = spec.commandLine().getOut();
    if (operators) {
      OnnxImport.operators().forEach(console::println);
      return CommandLine.ExitCode.OK;
    }
    if (model == null || out == null) {
      throw new InputException("import takes MODEL.onnx and --out=FILE.safetensors");
    }
    Model read = read(model);
    try (OutputFile file = OutputFile.open(out, OutOption.warnings(spec))) {
      ModelFile.write(file.path(), read);
    }
    console.printf(
        Locale.ROOT,
        "%s: %,d parameters, %.2f %% of the weights zero, input %s, output %s%n",
        out,
        read.graph().parameterCount(),
        100 * Sparsity.of(read.graph()).overall(),
        read.graph().inputs(),
        read.graph().outputs());
    return CommandLine.ExitCode.OK;
  }

  private Model read(Path file) {
    String network = weights.network();
    if (network == null) {
      if (file.toString().endsWith(".safetensors")) {
        throw InputException.expected(file, "--network, whose weights these are", "none");
      }
      ImportOptions options = new ImportOptions(extents(), false, exactQuantization);
      return ModelSource.read(file, options, preprocessing(), classes, spec);
    }
    if (OnnxImport.isOnnx(file)) {
      throw InputException.expected("--network", "weights as safetensors", file);
    }
    for (String option : List.of("--shape", "--exact-quantization")) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw InputException.expected(option, "an ONNX file", "--network");
      }
    }
    Preprocessing preprocessing = preprocessing();
    Graph graph = weights.read(network, file);
    Map<String, String> provenance = Map.of("source", "safetensors", "network", network);
    return ModelSource.model(file, graph, preprocessing, classes, provenance);
  }

  private Preprocessing preprocessing() {
    if (means.size() != deviations.size()) {
      throw InputException.expected(
          "--std", "as many numbers as --mean has: " + means.size(), deviations.size());
    }
    if (means.isEmpty()) {
      return new Preprocessing.AsIs();
    }
    List<Preprocessing.Channel> channels = new ArrayList<>();
    for (int c = 0; c < means.size(); c++) {
      try {
        channels.add(new Preprocessing.Channel(means.get(c), deviations.get(c)));
      } catch (IllegalArgumentException e) {
        throw new InputException("--mean, --std: " + e.getMessage(), e);
      }
    }
    return new Preprocessing.Pixels(channels);
  }

  private Map<String, List<Long>> extents() {
    Map<String, List<Long>> extents = new HashMap<>();
    for (String shape : shapes) {
      int equals = shape.lastIndexOf('=');
      List<Long> dims = new ArrayList<>();
      for (String dim : shape.substring(equals + 1).split(",", -1)) {
        try {
          dims.add(Long.parseLong(dim.strip()));
        } catch (NumberFormatException e) {
          throw InputException.expected("--shape", "INPUT=N,N,…", shape);
        }
      }
      if (equals < 1 || dims.stream().anyMatch(dim -> dim < 1)) {
        throw InputException.expected("--shape", "INPUT=N,N,… of numbers above 0", shape);
      }
      extents.put(shape.substring(0, equals), dims);
    }
    return extents;
  }
}
