package org.espalier.io.onnx.translate;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.io.onnx.read.OnnxModel;
import org.espalier.io.onnx.read.OnnxNetwork;
import org.espalier.io.onnx.read.OnnxNode;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The network of an ONNX file.
 *
 * @param graph our graph; its inputs and outputs have the file's names
 * @param batched whether it computes any number of examples, one by one; else an example of the
 *     graph is all that the file's network takes at once, its batch among it
 * @param fixed if the batch is fixed, which node fixes it
 * @param weights by the name of a parameter, the initialiser that it is, or is transposed
 * @param metadata what the file says besides
 */
@Internal
public record OnnxImport(
    Graph graph,
    boolean batched,
    Optional<String> fixed,
    Map<String, WeightOrigin> weights,
    Map<String, String> metadata) {
  /**
   * Where a weight lies in the file.
   *
   * @param tensor the initialiser's name
   * @param transposed whether its two axes changed places
   */
  public record WeightOrigin(String tensor, boolean transposed) {}

  /** Copies the maps. */
  public OnnxImport {
    weights = Map.copyOf(weights);
    metadata = Map.copyOf(metadata);
  }

  /** Returns whether a file is taken for an ONNX file: by its name. */
  public static boolean isOnnx(Path file) {
    return file.toString().endsWith(".onnx");
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it is no ONNX file, or can't be translated
   */
  public static OnnxImport read(Path file, ImportOptions options) {
    OnnxModel model = OnnxModel.read(file);
    return of(file.toString(), model.graph(), model.metadata(), options);
  }

  /**
   * Translates a graph.
   *
   * @param where names it in messages
   */
  public static OnnxImport of(
      String where, OnnxNetwork network, Map<String, String> metadata, ImportOptions options) {
    try {
      return new Building(Translation.translate(where, network, options)).build(metadata);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }

  /** Returns the names of the operators that can be translated. */
  public static List<String> operators() {
    return Rules.names();
  }

  /** Makes a graph of what was emitted and is of use. */
  private static final class Building {
    private final Translated translated;
    private final List<Emitter.Emitted> all;
    private final Map<Integer, String> names = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    /** By a wanted name, how often another was tried: a node may become thousands of ours. */
    private final Map<String, Integer> counts = new HashMap<>();

    private final Map<String, Value.Reals> values = new LinkedHashMap<>();

    Building(Translated translated) {
      this.translated = translated;
      this.all = translated.emitter().all();
    }

    OnnxImport build(Map<String, String> metadata) {
      Map<String, Shape> inputs = new LinkedHashMap<>();
      translated.inputs().forEach((name, value) -> inputs.put(name, value.shape()));
      Graph.Builder builder = Graph.inputs(inputs);
      taken.addAll(inputs.keySet());
      taken.addAll(translated.outputs().keySet());
      translated.inputs().forEach((name, value) -> names.put(value.id(), name));
      Map<Integer, String> givers = givers();
      Map<Integer, Integer> sums = sums(givers);
      Set<Integer> merged = new HashSet<>(sums.values());
      boolean[] used = used(merged, sums.keySet());
      for (int id = 0; id < all.size(); id++) {
        Emitter.Emitted emitted = all.get(id);
        Operator operator = emitted.operator();
        if (operator == null || !used[id] || merged.contains(id)) {
          continue;
        }
        String name = givers.get(id);
        int bias = sums.getOrDefault(id, -1);
        Map<String, Value.Reals> parameters = new HashMap<>(emitted.parameters());
        if (bias >= 0) {
          operator = ((Operator.Layer) operator).withBias();
          parameters.put(Operator.BIAS, Objects.requireNonNull(bias(id, bias)));
          name = givers.get(bias);
        }
        name = name == null ? fresh(emitted.node()) : name;
        names.put(id, name);
        if (bias >= 0) {
          names.put(bias, name);
        }
        List<String> read = emitted.inputs().stream().map(this::name).toList();
        builder.add(name, operator, read);
        for (var parameter : parameters.entrySet()) {
          values.put(name + "." + parameter.getKey(), parameter.getValue());
        }
      }
      translated.outputs().forEach((name, value) -> output(builder, name, value));
      return finish(builder.build(), metadata);
    }

    /** Returns by number the output that an operator gives, the first if it gives several. */
    private Map<Integer, String> givers() {
      Map<Integer, String> givers = new HashMap<>();
      translated
          .outputs()
          .forEach(
              (name, value) -> {
                if (value instanceof Value.Computed computed
                    && all.get(computed.id()).operator() != null) {
                  givers.putIfAbsent(computed.id(), name);
                }
              });
      return givers;
    }

    /** Returns what an output depends on; sums that layers take over read these alone. */
    private boolean[] used(Set<Integer> merged, Set<Integer> layers) {
      boolean[] used = new boolean[all.size()];
      for (Value value : translated.outputs().values()) {
        if (value instanceof Value.Computed computed) {
          used[computed.id()] = true;
        }
      }
      for (int id = all.size() - 1; id >= 0; id--) {
        for (int input : used[id] ? all.get(id).inputs() : List.<Integer>of()) {
          used[input] |= !merged.contains(id) || layers.contains(input);
        }
      }
      return used;
    }

    /**
     * Returns, by the number of a layer without bias, that of the sum behind it whose other side is
     * a value for each unit, if nobody else reads the layer.
     */
    private Map<Integer, Integer> sums(Map<Integer, String> givers) {
      Map<Integer, Integer> readers = translated.emitter().readers();
      Map<Integer, Integer> sums = new HashMap<>();
      for (int id = 0; id < all.size(); id++) {
        boolean sum =
            all.get(id).operator() instanceof Elementwise.Binary(Elementwise.Arithmetic function)
                && function == Elementwise.Arithmetic.ADD;
        for (int input : sum ? all.get(id).inputs() : List.<Integer>of()) {
          boolean lacks =
              all.get(input).operator() instanceof Operator.Layer layer && !layer.bias();
          boolean alone = readers.getOrDefault(input, 0) == 1 && !givers.containsKey(input);
          if (lacks && alone && bias(input, id) != null) {
            sums.put(input, id);
          }
        }
      }
      return sums;
    }

    /** Returns the values that a sum adds to each unit of a layer, or null if it isn't so. */
    private Value.@Nullable Reals bias(int layer, int sum) {
      List<Integer> inputs = all.get(sum).inputs();
      int other = inputs.get(0) == layer ? inputs.get(1) : inputs.get(0);
      if (!(all.get(other).operator() instanceof Movement.Constant constant)) {
        return null;
      }
      Value.Reals known =
          Objects.requireNonNull(all.get(other).parameters().get(Movement.Constant.VALUE));
      int units = ((Operator.Layer) Objects.requireNonNull(all.get(layer).operator())).outputs();
      int[] dims = constant.shape().dims();
      boolean conv = all.get(layer).operator() instanceof Operator.Conv2d;
      int axis = dims.length - (conv ? 3 : 1);
      if (axis < 0 || dims[axis] != units || known.values().length != units) {
        return null;
      }
      return new Value.Reals(Shape.of(units), known.values(), known.origin());
    }

    private String name(int id) {
      return Objects.requireNonNull(names.get(id));
    }

    private String fresh(@Nullable OnnxNode node) {
      String wanted = node == null ? "value" : node.name();
      String base = wanted.isBlank() ? "value" : wanted;
      String name = base;
      while (!taken.add(name)) {
        name = base + " " + (counts.merge(base, 1, Integer::sum) + 1);
      }
      return name;
    }

    /** An input, a known value or one that is given already becomes an output by a copy. */
    private void output(Graph.Builder builder, String name, Value value) {
      Shape shape = Site.shape(value);
      switch (value) {
        case Value.Computed computed -> {
          if (!name.equals(names.get(computed.id()))) {
            builder.add(name, new Movement.Reshape(shape), List.of(name(computed.id())));
          }
        }
        case Value.Reals known -> constant(builder, name, known);
        case Value.Wholes known -> {
          float[] reals = new float[known.values().length];
          for (int i = 0; i < reals.length; i++) {
            reals[i] = known.values()[i];
          }
          constant(builder, name, new Value.Reals(shape, reals));
        }
      }
      builder.output(name);
    }

    private void constant(Graph.Builder builder, String name, Value.Reals known) {
      builder.add(name, new Movement.Constant(known.shape()), List.of());
      values.put(name + "." + Movement.Constant.VALUE, known);
    }

    private OnnxImport finish(Graph graph, Map<String, String> metadata) {
      Map<String, WeightOrigin> origins = new HashMap<>();
      values.forEach(
          (name, known) -> {
            Tensor tensor = graph.parameter(name).value();
            if (known.values().length != Footprint.product(tensor.rows(), tensor.cols())) {
              throw new IllegalArgumentException(
                  "parameter "
                      + name
                      + " of "
                      + known.shape()
                      + " where "
                      + tensor.shape()
                      + " fits");
            }
            for (int i = 0; i < tensor.rows(); i++) {
              System.arraycopy(
                  known.values(), i * tensor.cols(), tensor.data(), tensor.row(i), tensor.cols());
            }
            known.steps().flatMap(s -> s.ofRows(tensor.rows())).ifPresent(tensor::setSteps);
            known
                .origin()
                .ifPresent(o -> origins.put(name, new WeightOrigin(o.tensor(), o.transposed())));
          });
      return new OnnxImport(graph, translated.batched(), translated.fixed(), origins, metadata);
    }
  }
}
