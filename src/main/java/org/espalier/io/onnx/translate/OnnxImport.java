package org.espalier.io.onnx.translate;

import java.nio.file.Path;
import java.util.ArrayList;
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
 * @param leavesOutRounding whether activations stay as they are that the file quantises
 * @param weights by the name of a parameter, the initialiser that it is, or is transposed
 * @param metadata what the file says besides
 */
@Internal
public record OnnxImport(
    Graph graph,
    boolean batched,
    Optional<String> fixed,
    boolean leavesOutRounding,
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

  /** Makes a graph of what was emitted, simpler where it can be. */
  private static final class Building {
    private final Translated translated;
    private final Draft draft;
    private final Map<Integer, String> names = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    /** By a wanted name, how often another was tried: a node may become thousands of ours. */
    private final Map<String, Integer> counts = new HashMap<>();

    private final Map<String, Value.Reals> values = new LinkedHashMap<>();

    Building(Translated translated) {
      this.translated = translated;
      List<Integer> outputs = new ArrayList<>();
      for (Value value : translated.outputs().values()) {
        if (value instanceof Value.Computed computed) {
          outputs.add(computed.id());
        }
      }
      draft = new Draft(translated.emitter().all(), outputs);
      Transpositions.move(draft);
      Activations.recognise(draft);
      Normalizations.recognise(draft);
      Absorption.apply(draft);
      UsualForms.take(draft);
    }

    OnnxImport build(Map<String, String> metadata) {
      Map<String, Shape> inputs = new LinkedHashMap<>();
      translated.inputs().forEach((name, value) -> inputs.put(name, value.shape()));
      Graph.Builder builder = Graph.inputs(inputs);
      taken.addAll(inputs.keySet());
      taken.addAll(translated.outputs().keySet());
      translated.inputs().forEach((name, value) -> names.put(value.id(), name));
      Map<Integer, String> givers = givers();
      for (int id : draft.order()) {
        Operator operator = draft.operator(id);
        if (operator == null) {
          continue;
        }
        String given = givers.get(id);
        String name = given == null ? fresh(draft.get(id).node()) : given;
        names.put(id, name);
        builder.add(name, operator, draft.inputs(id).stream().map(this::name).toList());
        draft.get(id).parameters().forEach((role, known) -> values.put(name + "." + role, known));
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
                    && draft.operator(computed.id()) != null) {
                  givers.putIfAbsent(draft.standIn(computed.id()), name);
                }
              });
      return givers;
    }

    private String name(int id) {
      return Objects.requireNonNull(names.get(draft.standIn(id)));
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
          if (!name.equals(name(computed.id()))) {
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
      return new OnnxImport(
          graph,
          translated.batched(),
          translated.fixed(),
          translated.emitter().leavesOutRounding(),
          origins,
          metadata);
    }
  }
}
