package org.espalier.sparsify;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
      String[] parts = (away ? glob.substring(1) : glob).split("\\*", -1);
      List<String> matching = layers.stream().filter(name -> matches(parts, name)).toList();
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

  /**
   * Returns whether a name consists of some parts with anything between them. Taking the first
   * place of each part is enough, and linear where a regular expression would try them all.
   */
  private static boolean matches(String[] parts, String name) {
    int last = parts.length - 1;
    if (last == 0) {
      return name.equals(parts[0]);
    }
    int at = parts[0].length();
    int end = name.length() - parts[last].length();
    if (at > end || !name.startsWith(parts[0]) || !name.endsWith(parts[last])) {
      return false;
    }
    for (int i = 1; i < last; i++) {
      int found = name.indexOf(parts[i], at);
      at = found + parts[i].length();
      if (found < 0 || at > end) {
        return false;
      }
    }
    return true;
  }
}
