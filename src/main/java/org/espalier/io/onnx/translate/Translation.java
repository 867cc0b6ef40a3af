package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.io.onnx.read.OnnxNetwork;
import org.espalier.io.onnx.read.OnnxNode;
import org.espalier.io.onnx.read.OnnxTensor;
import org.espalier.io.onnx.read.OnnxValue;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Translates an ONNX graph node by node. The first axis of what the network takes is that of the
 * batch as long as every operator leaves it alone; where one doesn't, the whole tensor, its number
 * of examples fixed, is one example of our graph.
 */
final class Translation {
  private final OnnxNetwork network;
  private final boolean batched;
  private final Emitter emitter;
  private final ImportOptions options;
  private final Map<String, Value> values = new HashMap<>();

  /** By operator, the nodes that can't be translated, and why the first of them can't. */
  private final Map<String, Refused> refused = new LinkedHashMap<>();

  /** Names of what can't be known because what it is made of was refused. */
  private final Set<String> lost = new HashSet<>();

  /** By the name of an output that has no value, which node doesn't give it and why. */
  private final Map<String, Withheld> withheld = new HashMap<>();

  private record Refused(String why, List<String> nodes) {}

  private record Withheld(OnnxNode node, String why) {}

  private Translation(OnnxNetwork network, boolean batched, ImportOptions options) {
    this.network = network;
    this.batched = batched;
    this.options = options;
    this.emitter = new Emitter(network, options.exactQuantization());
  }

  /**
   * Translates a graph.
   *
   * @param where names the file in messages
   * @throws InputException if there are nodes that can't be translated, all of which it names
   */
  static Translated translate(String where, OnnxNetwork network, ImportOptions options) {
    if (!options.fixedBatch()) {
      try {
        return new Translation(network, true, options).run(where, Optional.empty());
      } catch (MixedBatch e) {
        return fixed(where, network, options, String.valueOf(e.getMessage()));
      }
    }
    return fixed(where, network, options, "asked for");
  }

  private static Translated fixed(
      String where, OnnxNetwork network, ImportOptions options, String reason) {
    try {
      return new Translation(network, false, options).run(where, Optional.of(reason));
    } catch (MixedBatch e) {
      throw new IllegalStateException(e);
    }
  }

  private Translated run(String where, Optional<String> fixed) throws MixedBatch {
    Map<String, Value.Computed> inputs = new LinkedHashMap<>();
    network.inputs().forEach(input -> checkInitializer(where, input));
    for (OnnxValue input : network.freeInputs()) {
      inputs.put(input.name(), input(where, input));
    }
    checkExamples(where);
    values.putAll(inputs);
    for (OnnxNode node : network.nodes()) {
      translate(node);
    }
    network.outputs().forEach(output -> ask(output.name()));
    if (!refused.isEmpty()) {
      throw new InputException(where + ": " + refusal());
    }
    Map<String, Value> outputs = new LinkedHashMap<>();
    for (OnnxValue output : network.outputs()) {
      Value value = value(output.name());
      if (value == null) {
        throw InputException.expected(where, "output " + output.name(), "no value of that name");
      }
      if (batched && !Site.isBatched(value)) {
        throw new MixedBatch("output " + output.name() + " is the same for all examples");
      }
      checkDeclared(where, output, value);
      outputs.put(output.name(), number(output, value));
    }
    return new Translated(emitter, inputs, outputs, batched, fixed);
  }

  /** Outputs are numbers as the file has them. */
  private Value number(OnnxValue output, Value value) throws MixedBatch {
    try {
      return value instanceof Value.Computed computed ? emitter.numbers(null, computed) : value;
    } catch (Unsupported e) {
      throw new IllegalStateException(output.name(), e);
    }
  }

  private void translate(OnnxNode node) throws MixedBatch {
    try {
      Rule rule = Rules.of(node);
      List<@Nullable Value> inputs = new ArrayList<>();
      for (String input : node.inputs()) {
        ask(input);
        if (lost.contains(input)) {
          lost.addAll(node.outputs()); // nothing is known of it but that there is a rule
          return;
        }
        inputs.add(input.isEmpty() ? null : value(input));
      }
      Site site = new Site(node, emitter, inputs);
      rule.translate(site);
      values.putAll(site.outputs());
      site.withheld().forEach((name, why) -> withheld.put(name, new Withheld(node, why)));
    } catch (MixedBatch e) {
      throw new MixedBatch("node " + node.name() + " (" + node.opType() + ") " + e.getMessage());
    } catch (ArithmeticException e) {
      refuse(node, sentence(e));
    } catch (Unsupported | IllegalArgumentException e) {
      refuse(node, e.getMessage() == null ? "" : e.getMessage());
    }
  }

  /** Says in words what the JVM says of arithmetic. */
  private static String sentence(ArithmeticException e) {
    return switch (String.valueOf(e.getMessage())) {
      case "integer overflow" ->
          "an extent or a number of elements above " + Integer.MAX_VALUE + ", or far below 0";
      case "long overflow" -> "a whole number that doesn't fit 64 bits";
      case "/ by zero" -> "a division by 0";
      default -> String.valueOf(e.getMessage());
    };
  }

  /** Refuses the node that doesn't give a value of this name, if there is one. */
  private void ask(String name) {
    Withheld missing = withheld.remove(name);
    if (missing != null) {
      refuse(missing.node(), missing.why());
    }
  }

  private void refuse(OnnxNode node, String why) {
    String domain = node.domain().isEmpty() ? "" : node.domain() + ".";
    String operator =
        domain + node.opType() + (node.domain().isEmpty() ? " (opset " + node.opset() + ")" : "");
    refused
        .computeIfAbsent(operator + "\n" + why, _ -> new Refused(why, new ArrayList<>()))
        .nodes()
        .add(node.name());
    lost.addAll(node.outputs());
  }

  private String refusal() {
    int count = refused.values().stream().mapToInt(r -> r.nodes().size()).sum();
    StringBuilder text = new StringBuilder();
    text.append(count).append(count == 1 ? " node" : " nodes").append(" can't be imported: ");
    List<String> parts = new ArrayList<>();
    refused.forEach(
        (operator, r) -> {
          String names =
              "'" + String.join("', '", r.nodes().subList(0, Math.min(8, r.nodes().size()))) + "'";
          String more = r.nodes().size() > 8 ? " and " + (r.nodes().size() - 8) + " more" : "";
          String why = r.why().isEmpty() ? "" : ": " + r.why();
          parts.add(operator.substring(0, operator.indexOf('\n')) + " " + names + more + why);
        });
    return text.append(String.join("; ", parts))
        .append("; supported: espalier import --operators")
        .toString();
  }

  /** Returns the value of a name, an initialiser's read when it is first asked for. */
  private @Nullable Value value(String name) {
    Value known = values.get(name);
    OnnxTensor tensor = network.initializers().get(name);
    if (known == null && tensor != null) {
      known = Constants.of(tensor, Optional.of(new Value.Origin(name, false)));
      values.put(name, known);
    }
    return known;
  }

  /** Compares what the file says of an input with the values that it has. */
  private void checkInitializer(String where, OnnxValue input) {
    OnnxTensor tensor = network.initializers().get(input.name());
    Optional<List<OnnxValue.Extent>> declared = input.shape();
    if (tensor == null || declared.isEmpty()) {
      return;
    }
    boolean fits = declared.get().size() == tensor.dims().length;
    for (int i = 0; fits && i < declared.get().size(); i++) {
      fits =
          !(declared.get().get(i) instanceof OnnxValue.Extent.Fixed(long size))
              || size == tensor.dims()[i];
    }
    if (!fits) {
      throw InputException.expected(
          where + ", input " + input.name(),
          "shape " + ImportOptions.text(declared.get()),
          "an initializer of " + Arrays.toString(tensor.dims()));
    }
  }

  /** Compares what the file says of an output, unless its inputs have other extents now. */
  private void checkDeclared(String where, OnnxValue output, Value value) {
    Optional<List<OnnxValue.Extent>> declared = output.shape();
    if (declared.isEmpty() || !options.shapes().isEmpty()) {
      return;
    }
    int skipped = Site.isBatched(value) ? 1 : 0;
    boolean fits = declared.get().size() == value.rank();
    for (int i = skipped; fits && i < declared.get().size(); i++) {
      fits =
          !(declared.get().get(i) instanceof OnnxValue.Extent.Fixed(long size))
              || size == Site.shape(value).dim(i - skipped);
    }
    if (!fits) {
      throw InputException.expected(
          where + ", output " + output.name(),
          "shape " + ImportOptions.text(declared.get()),
          (skipped > 0 ? "of each example " : "") + Site.shape(value));
    }
  }

  /** Where the file fixes the first extents, these are a number of examples only if it is one. */
  private void checkExamples(String where) throws MixedBatch {
    long examples = 0;
    for (OnnxValue input : batched ? network.freeInputs() : List.<OnnxValue>of()) {
      if (options.extents(where, input).getFirst() instanceof OnnxValue.Extent.Fixed(long n)) {
        if (examples != 0 && n != examples) {
          throw new MixedBatch("input " + input.name() + " has another first extent than others");
        }
        examples = n;
      }
    }
  }

  private Value.Computed input(String where, OnnxValue input) throws MixedBatch {
    List<OnnxValue.Extent> extents = options.extents(where, input);
    if (batched && extents.isEmpty()) {
      throw new MixedBatch("input " + input.name() + " has no axis for a batch");
    }
    int skipped = batched ? 1 : 0;
    int[] dims = new int[extents.size() - skipped];
    for (int i = 0; i < dims.length; i++) {
      dims[i] =
          switch (extents.get(i + skipped)) {
            case OnnxValue.Extent.Fixed(long size) -> {
              if (size < 0 || size > Integer.MAX_VALUE) {
                throw InputException.expected(
                    where + ", input " + input.name(),
                    "extents from 0 to " + Integer.MAX_VALUE,
                    ImportOptions.text(extents));
              }
              yield (int) size;
            }
            case OnnxValue.Extent.Symbol _, OnnxValue.Extent.Unknown _ -> {
              if (i + skipped > 0) {
                throw InputException.expected(
                    where + ", input " + input.name(),
                    "extents that are numbers, but for the first (--shape gives them)",
                    ImportOptions.text(extents));
              }
              yield 1;
            }
          };
    }
    try {
      return emitter.input(input.name(), Shape.of(dims), batched);
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ", input " + input.name() + ": " + e.getMessage(), e);
    }
  }
}
