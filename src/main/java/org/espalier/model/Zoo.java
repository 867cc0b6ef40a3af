package org.espalier.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.espalier.tensor.Shape;

/** The networks that can be called by name. */
public final class Zoo {
  private static final Map<String, BiFunction<Shape, Integer, Graph>> NAMED =
      new TreeMap<>(
          Map.of(
              "lenet-300-100", (input, classes) -> mlp(input, 300, 100, classes),
              "mlp-128-64-32", (input, classes) -> mlp(input, 128, 64, 32, classes)));

  private Zoo() {}

  /** Returns the names that {@link #named} knows. */
  public static List<String> names() {
    return List.copyOf(NAMED.keySet());
  }

  /**
   * Returns a network of the zoo with all parameters 0: {@code lenet-300-100} (LeCun et al. 1998)
   * or {@code mlp-128-64-32}, the perceptron of the targeted dropout paper's code.
   *
   * @param input shape of one example
   * @param classes number of outputs
   */
  public static Optional<Graph> named(String name, Shape input, int classes) {
    return Optional.ofNullable(NAMED.get(name)).map(maker -> maker.apply(input, classes));
  }

  /**
   * Returns a multi-layer perceptron: layers {@code fc1}, {@code fc2}, … with rectifiers between
   * them and {@code logits} last, all parameters 0.
   *
   * @param input shape of one example, flattened first
   * @param widths outputs of each layer, the last being the number of classes
   */
  public static Graph mlp(Shape input, int... widths) {
    if (widths.length == 0) {
      throw new IllegalArgumentException("a perceptron needs at least one layer");
    }
    Graph.Builder builder = Graph.input(input).flatten();
    for (int i = 0; i < widths.length - 1; i++) {
      builder.linear("fc" + (i + 1), widths[i]).relu();
    }
    return builder.linear("logits", widths[widths.length - 1]).build();
  }
}
