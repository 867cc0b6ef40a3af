package org.espalier.io.weights;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.io.FiniteParameters;
import org.espalier.io.TensorFile;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;

/**
 * The weights of a network in a safetensors file of another program. A weight that PyTorch has
 * pruned and not yet made permanent, {@code weight_orig} and {@code weight_mask}, is the product of
 * the two. How many batches a normalisation has seen ({@code num_batches_tracked}) is of no use
 * here.
 */
public final class ForeignWeights {
  private static final String COUNTER = "num_batches_tracked";
  private static final String ORIGINAL = "_orig";
  private static final String MASK = "_mask";

  private final String file;

  /** By name, the prefix taken away. */
  private final Map<String, TensorFile.Entry> tensors;

  private final int others;

  private ForeignWeights(String file, Map<String, TensorFile.Entry> tensors, int others) {
    this.file = file;
    this.tensors = tensors;
    this.others = others;
  }

  /**
   * Reads a file.
   *
   * @param prefix what the names of the network's tensors begin with; a dot behind it is part of it
   * @throws InputException if it can't be read, is a model file of ours, or no name begins so
   */
  public static ForeignWeights read(Path file, String prefix) {
    TensorFile content =
        TensorFile.read(file)
            .orElseThrow(
                () ->
                    InputException.expected(
                        file, "weights of another program", "a model file of Espalier"));
    Map<String, TensorFile.Entry> tensors = new LinkedHashMap<>();
    for (TensorFile.Entry t : content.tensors()) {
      if (t.name().startsWith(prefix)) {
        String name = t.name().substring(prefix.length());
        boolean dot = !prefix.isEmpty() && name.startsWith(".");
        tensors.put(dot ? name.substring(1) : name, t);
      }
    }
    if (tensors.isEmpty()) {
      throw InputException.expected(
          file,
          prefix.isEmpty() ? "tensors" : "tensors whose names begin with " + prefix,
          Mismatches.some(content.tensors().stream().map(TensorFile.Entry::name).toList()));
    }
    return new ForeignWeights(file.toString(), tensors, content.tensors().size() - tensors.size());
  }

  /** Returns how many tensors there are whose names begin otherwise. */
  public int others() {
    return others;
  }

  /**
   * Returns how many outputs a layer has in the file, if its weight is there.
   *
   * @param layer our name
   */
  public Optional<Integer> outputs(String layer, NameTable names) {
    return names
        .theirs(layer + "." + Operator.WEIGHT)
        .map(name -> tensors.getOrDefault(name, tensors.get(name + ORIGINAL)))
        .filter(t -> t.shape().rank() > 1 && t.shape().dim(0) > 0)
        .map(t -> t.shape().dim(0));
  }

  /**
   * Puts the weights into a network.
   *
   * @throws InputException if tensors are missing, left over, of another shape or type: names them
   *     all; or if a number isn't finite
   */
  public void fill(Graph network, NameTable names) {
    names.check(network);
    Mismatches wrong = new Mismatches();
    Set<String> left = new HashSet<>(tensors.keySet());
    left.removeIf(name -> name.equals(COUNTER) || name.endsWith("." + COUNTER));
    for (Node node : network.nodes()) {
      for (Operator.ParameterSpec spec : node.operator().parameters()) {
        String ours = node.parameter(spec.role());
        Optional<String> theirs = names.theirs(ours);
        List<String> factors = theirs.map(this::factors).orElse(List.of());
        if (factors.isEmpty()) {
          wrong.missing(theirs.orElse("no name of theirs"), ours);
        }
        boolean fit = !factors.isEmpty();
        for (String name : factors) {
          left.remove(name);
          fit &= wrong.check(tensor(name), name.endsWith(MASK), node, spec);
        }
        if (fit) {
          network.parameter(ours).value().copyFrom(product(factors));
        }
      }
    }
    wrong.surplus(left);
    wrong.report(file);
    FiniteParameters.check(file, network);
  }

  /** Returns the tensors whose product is a parameter: one, or two; none if it isn't there. */
  private List<String> factors(String name) {
    List<String> pruned = List.of(name + ORIGINAL, name + MASK);
    if (tensors.containsKey(name)) {
      return List.of(name);
    }
    return tensors.keySet().containsAll(pruned) ? pruned : List.of();
  }

  private TensorFile.Entry tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  private float[] product(List<String> factors) {
    float[] product = tensor(factors.getFirst()).floats().orElseThrow();
    for (String factor : factors.subList(1, factors.size())) {
      float[] values = tensor(factor).floats().orElseThrow();
      for (int i = 0; i < product.length; i++) {
        product[i] = product[i] * values[i] + 0f; // +0, never −0
      }
    }
    return product;
  }
}
