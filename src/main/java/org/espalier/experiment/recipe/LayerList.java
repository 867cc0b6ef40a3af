package org.espalier.experiment.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Operator;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;

/**
 * A network written as a list of layers in a recipe. A layer is a word, its numbers, and options:
 *
 * <pre>
 * conv OUTPUTS KERNEL [stride N] [padding N] [groups N] [bias]     padding: half the kernel
 * depthwise KERNEL [stride N] [padding N] [multiplier N] [bias]    each channel by itself, N outputs
 * batch-norm
 * relu
 * max-pool KERNEL [stride N] [padding N]                           stride: the kernel
 * average-pool KERNEL [stride N] [padding N]
 * global-average-pool
 * flatten
 * linear UNITS
 * from NODE        the next layer reads that node; 'input' is the network's input
 * plus NODE        adds the output of that node
 * </pre>
 *
 * Nodes are called by their kind and a number from 1: {@code conv1}, {@code dw1}, {@code bn1},
 * {@code relu1}, {@code pool1}, {@code fc1}, {@code add1}. The layer into the logits comes by
 * itself.
 */
final class LayerList {
  private final Graph.Builder builder;
  private final Map<String, Integer> counts = new LinkedHashMap<>();

  private LayerList(Shape input) {
    builder = Graph.input(input);
  }

  /**
   * Builds the network.
   *
   * @throws InputException if a layer can't be read or doesn't fit
   */
  static Graph build(List<String> layers, Shape input, int classes) {
    LayerList list = new LayerList(input);
    for (int i = 0; i < layers.size(); i++) {
      String where = "network, layer " + (i + 1) + " ('" + layers.get(i) + "')";
      try {
        list.add(where, new Words(where, layers.get(i)));
      } catch (IllegalArgumentException e) {
        throw new InputException(where + ": " + e.getMessage(), e);
      }
    }
    try {
      if (list.builder.shape().rank() != 1) {
        list.builder.flatten();
      }
      return list.builder.linear("logits", classes).build();
    } catch (IllegalArgumentException e) {
      throw new InputException("network: " + e.getMessage(), e);
    }
  }

  private void add(String where, Words words) {
    switch (words.kind) {
      case "conv" -> {
        int outputs = words.number("the number of outputs");
        int kernel = words.number("the size of the kernel");
        int inputs = Nchw16n.of(builder.shape()).channels();
        int stride = words.option("stride", 1);
        int padding = words.option("padding", kernel / 2);
        int groups = words.option("groups", 1);
        boolean bias = words.flag("bias");
        builder.add(
            name("conv"),
            new Operator.Conv2d(inputs, outputs, kernel, kernel, stride, padding, groups, bias));
      }
      case "depthwise" -> {
        int kernel = words.number("the size of the kernel");
        int channels = Nchw16n.of(builder.shape()).channels();
        int stride = words.option("stride", 1);
        int padding = words.option("padding", kernel / 2);
        long outputs = (long) channels * words.option("multiplier", 1);
        if (outputs > Integer.MAX_VALUE) {
          throw InputException.expected(where, "at most 2^31-1 channels", outputs);
        }
        boolean bias = words.flag("bias");
        builder.add(
            name("dw"),
            new Operator.Conv2d(
                channels, (int) outputs, kernel, kernel, stride, padding, channels, bias));
      }
      case "batch-norm" -> builder.batchNorm(name("bn"));
      case "relu" -> builder.relu();
      case "max-pool" -> {
        int kernel = words.number("the size of the window");
        builder.maxPool(kernel, words.option("stride", kernel), words.option("padding", 0));
      }
      case "average-pool" -> {
        int kernel = words.number("the size of the window");
        builder.averagePool(kernel, words.option("stride", kernel), words.option("padding", 0));
      }
      case "global-average-pool" -> builder.globalAveragePool();
      case "flatten" -> builder.flatten();
      case "linear" -> builder.linear(name("fc"), words.number("the number of units"));
      case "from" -> builder.from(words.word("the name of a node"));
      case "plus" -> builder.plus(words.word("the name of a node"));
      default ->
          throw InputException.expected(
              where,
              "conv, depthwise, batch-norm, relu, max-pool, average-pool, global-average-pool, flatten,"
                  + " linear, from or plus",
              words.kind);
    }
    words.end();
  }

  private String name(String kind) {
    return kind + counts.merge(kind, 1, Integer::sum);
  }

  /** The words of a layer, which are taken out one by one. */
  private static final class Words {
    private final String where;
    private final String kind;
    private final List<String> rest;

    Words(String where, String text) {
      this.where = where;
      List<String> words = new ArrayList<>(Arrays.asList(text.trim().split("\\s+", -1)));
      kind = words.removeFirst();
      rest = words;
    }

    String word(String what) {
      if (rest.isEmpty()) {
        throw InputException.expected(where, what, "nothing");
      }
      return rest.removeFirst();
    }

    int number(String what) {
      return number(what, word(what));
    }

    private int number(String what, String text) {
      if (!text.matches("\\d{1,7}")) {
        throw InputException.expected(where, what, text);
      }
      return Integer.parseInt(text);
    }

    int option(String key, int otherwise) {
      int at = rest.indexOf(key);
      if (at < 0) {
        return otherwise;
      }
      if (at + 1 == rest.size()) {
        throw InputException.expected(where, "a number behind " + key, "nothing");
      }
      int value = number("a number behind " + key, rest.get(at + 1));
      rest.subList(at, at + 2).clear();
      return value;
    }

    boolean flag(String key) {
      return rest.remove(key);
    }

    void end() {
      if (!rest.isEmpty()) {
        throw InputException.expected(where, "nothing more", String.join(" ", rest));
      }
    }
  }
}
