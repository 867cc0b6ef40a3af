package org.espalier.cli.option;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.espalier.InputException;
import org.espalier.io.weights.ForeignWeights;
import org.espalier.io.weights.NameFile;
import org.espalier.io.weights.NameTable;
import org.espalier.io.weights.TorchNames;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which network the weights of a safetensors file belong to, and what they are called there. */
public final class WeightsOption {
  /** The layer of the logits in every network of the zoo. */
  private static final String LOGITS = "logits";

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description =
          "For weights as safetensors: the network that they belong to, by its name in recipes.")
  private @Nullable String network;

  @Option(
      names = "--names",
      paramLabel = "torchvision|timm|FILE",
      description =
          "What the tensors are called: as torchvision or timm does, or as a text file says that has"
              + " on each line their name and ours of a layer or tensor. Default: as here.")
  private @Nullable String names;

  @Option(
      names = "--prefix",
      paramLabel = "P",
      description =
          "What the names of the network's tensors begin with, as in module. or model. Others are"
              + " left aside.")
  private @Nullable String prefix;

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = Extents.class,
      description =
          "Shape of the network's input. Default: that of the images it was made for, 3x224x224 for"
              + " resnet18.")
  private @Nullable Shape input;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Returns the network's name, or null if there is none and weights aren't asked for. */
  public @Nullable String network() {
    if (network == null) {
      for (String option : List.of("--names", "--prefix", "--input")) {
        if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
          throw InputException.expected(option, "--network", "no --network");
        }
      }
    }
    return network;
  }

  /**
   * Reads weights into a network.
   *
   * @param name of the network
   * @throws InputException if a name is unknown, or the weights aren't those of the network
   */
  public Graph read(String name, Path file) {
    NameTable table = table(name);
    ForeignWeights weights = ForeignWeights.read(file, prefix == null ? "" : prefix);
    if (weights.others() > 0) {
      OutOption.warnings(spec)
          .accept(
              String.format(
                  Locale.ROOT,
                  "%s: left aside are %d of the tensors, whose names don't begin with %s",
                  file,
                  weights.others(),
                  prefix));
    }
    Graph graph = graph(name, weights.outputs(LOGITS, table).orElse(1));
    weights.fill(graph, table);
    return graph;
  }

  private Graph graph(String name, int outputs) {
    Shape shape = input == null ? Zoo.usualInput(name) : input;
    try {
      return Zoo.named(name, shape, outputs)
          .orElseThrow(() -> InputException.expected("--network", "one of " + Zoo.names(), name));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InputException(name + " of " + shape + ": " + e.getMessage(), e);
    }
  }

  private NameTable table(String network) {
    if (names == null) {
      return NameTable.SAME;
    }
    for (TorchNames collection : TorchNames.values()) {
      String name = collection.name().toLowerCase(Locale.ROOT);
      if (names.equals(name)) {
        return collection
            .of(network)
            .orElseThrow(
                () ->
                    InputException.expected(
                        "--names " + name, "a ResNet or VGG-16 as --network", network));
      }
    }
    return NameFile.read(Path.of(names));
  }
}
