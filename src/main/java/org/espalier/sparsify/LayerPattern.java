package org.espalier.sparsify;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;

/**
 * Names layers of a network: globs over the names of the nodes that have weights, of which {@code
 * *} stands for any letters; a pattern that begins with {@code !} takes layers away again. Without
 * a pattern all layers are meant but the last, the one into the logits, and the first if that is a
 * convolution.
 *
 * @param globs the patterns, applied in order
 */
public record LayerPattern(List<String> globs) {
  /** All layers but the last and a first convolution. */
  public static final LayerPattern DEFAULT = new LayerPattern(List.of());

  /** Copies the list. */
  public LayerPattern {
    globs = List.copyOf(globs);
  }

  /**
   * Returns the names of the nodes that are meant, in the graph's order.
   *
   * @throws InputException if a pattern matches no layer
   */
  public Set<String> select(Graph graph) {
    List<String> layers = graph.layers().stream().map(Node::name).toList();
    if (globs.isEmpty()) {
      boolean convolves =
          !layers.isEmpty() && graph.layers().getFirst().operator() instanceof Operator.Conv2d;
      int from = Math.min(convolves ? 1 : 0, layers.size());
      return new LinkedHashSet<>(layers.subList(from, Math.max(from, layers.size() - 1)));
    }
    Set<String> chosen = new LinkedHashSet<>();
    for (String glob : globs) {
      boolean away = glob.startsWith("!");
      Pattern pattern = compile(away ? glob.substring(1) : glob);
      List<String> matching =
          layers.stream().filter(name -> pattern.matcher(name).matches()).toList();
      if (matching.isEmpty()) {
        throw InputException.expected("layers", "a pattern that matches one of " + layers, glob);
      }
      if (away) {
        if (chosen.isEmpty()) {
          chosen.addAll(layers);
        }
        matching.forEach(chosen::remove);
      } else {
        chosen.addAll(matching);
      }
    }
    List<String> inOrder = new ArrayList<>(layers);
    inOrder.retainAll(chosen);
    return new LinkedHashSet<>(inOrder);
  }

  private static Pattern compile(String glob) {
    StringBuilder regex = new StringBuilder();
    for (String literal : glob.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
    }
    return Pattern.compile(regex.toString());
  }
}
