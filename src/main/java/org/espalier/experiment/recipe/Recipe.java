package org.espalier.experiment.recipe;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.espalier.InputException;
import org.espalier.data.Augmentation;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Zoo;
import org.espalier.op.Span;
import org.espalier.op.Sparsifier;
import org.espalier.tensor.Shape;
import org.espalier.train.AdamOptions;
import org.espalier.train.LearningRate;
import org.espalier.train.OptimizerOptions;
import org.espalier.train.SgdOptions;
import org.espalier.train.TrainOptions;

/**
 * A training, as data. The keys and their defaults stand in {@code defaults.yaml} beside this
 * class; {@link RecipeReader} reads recipes.
 */
public record Recipe(
    String name,
    List<String> network,
    String initializer,
    int epochs,
    int batch,
    int accumulate,
    double learningRate,
    String warmUp,
    String decay,
    List<String> decayAt,
    double decayBy,
    String optimizer,
    double momentum,
    boolean nesterov,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double clipNorm,
    double ema,
    double labelSmoothing,
    Augmentation augment,
    double validation,
    MethodSpec method) {
  private static final Map<String, Supplier<LearningRate.Decay>> PLAIN_DECAYS =
      Map.of("constant", LearningRate.Constant::new, "cosine", LearningRate.Cosine::new);

  /** Returns the network, initialised. */
  public Graph graph(Shape input, int classes, long seed) {
    Graph graph = checked("network " + String.join(", ", network), () -> structure(input, classes));
    parsedInitializer().initialize(graph, seed);
    return graph;
  }

  private Graph structure(Shape input, int classes) {
    String first = network.isEmpty() ? "" : network.getFirst();
    if (network.stream().allMatch(text -> text.matches("\\d+"))) {
      int[] widths = new int[network.size() + 1];
      for (int i = 0; i < network.size(); i++) {
        widths[i] = width(network.get(i));
      }
      widths[network.size()] = classes;
      return Zoo.mlp(input, widths);
    }
    Optional<Graph> named =
        network.size() == 1 ? Zoo.named(first, input, classes) : Optional.empty();
    if (named.isEmpty() && network.size() == 1 && first.matches("[a-z0-9-]+")) {
      throw InputException.expected(
          "network",
          "one of " + Zoo.names() + ", widths of hidden layers or a list of layers",
          first);
    }
    return named.orElseGet(() -> LayerList.build(network, input, classes));
  }

  private Initializer parsedInitializer() {
    Map<String, Initializer> known = new TreeMap<>();
    for (Initializer i : Initializer.values()) {
      known.put(i.name().toLowerCase(Locale.ROOT).replace('_', '-'), i);
    }
    Initializer found = known.get(initializer);
    if (found == null) {
      throw InputException.expected("initializer", "one of " + known.keySet(), initializer);
    }
    return found;
  }

  private static int width(String text) {
    if (!text.matches("[1-9]\\d{0,6}")) {
      throw InputException.expected("network", "widths of hidden layers, numbers above 0", text);
    }
    return Integer.parseInt(text);
  }

  /** Returns the method, made for a network. */
  public Sparsifier sparsifier(Graph graph) {
    return checked("method", () -> method.sparsifier(graph));
  }

  /** Returns what the trainer needs to know. */
  public TrainOptions options(long seed) {
    return checked(
        "recipe " + name,
        () ->
            new TrainOptions(
                epochs,
                batch,
                accumulate,
                optimizerOptions(),
                ema,
                labelSmoothing,
                augment,
                validation,
                seed));
  }

  private OptimizerOptions optimizerOptions() {
    var rate = new LearningRate(learningRate, Span.parse(warmUp), learningRateDecay());
    return switch (optimizer) {
      case "sgd" -> new SgdOptions(rate, momentum, nesterov, weightDecay, clipNorm);
      case "adam" -> new AdamOptions(rate, beta1, beta2, epsilon, weightDecay, false, clipNorm);
      case "adamw" -> new AdamOptions(rate, beta1, beta2, epsilon, weightDecay, true, clipNorm);
      default -> throw InputException.expected("optimizer", "sgd, adam or adamw", optimizer);
    };
  }

  private LearningRate.Decay learningRateDecay() {
    if (decay.equals("steps")) {
      return new LearningRate.Steps(decayAt.stream().map(Span::parse).toList(), decayBy);
    }
    Supplier<LearningRate.Decay> plain = PLAIN_DECAYS.get(decay);
    if (plain == null) {
      throw InputException.expected("decay", "constant, cosine or steps", decay);
    }
    return plain.get();
  }

  /** What a record's constructor refuses comes from the recipe. */
  private static <T> T checked(String where, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }
}
