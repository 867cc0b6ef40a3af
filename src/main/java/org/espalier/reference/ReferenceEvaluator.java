package org.espalier.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.Internal;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.tensor.Shape;

/**
 * A whole graph by {@link ReferenceKernel}s, one example at a time: what its outputs are by
 * definition. Parameters are those that the graph has when the evaluator is made.
 */
@Internal
public final class ReferenceEvaluator {
  private final Graph graph;
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final List<Call> calls = new ArrayList<>();

  @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
  private record Call(ReferenceKernel kernel, float[][] inputs, int[] offsets, float[] output) {}

  /** Prepares the evaluation of a graph, whose values all have storage of their own. */
  public ReferenceEvaluator(Graph graph) {
    this.graph = graph;
    graph.inputs().forEach((name, shape) -> values.put(name, new float[shape.size()]));
    for (Node node : graph.nodes()) {
      List<Shape> shapes = node.inputs().stream().map(graph::shapeOf).toList();
      ReferenceKernel kernel =
          ReferenceKernel.of(
              node.operator(),
              shapes,
              role -> graph.parameter(node.parameter(role)).value().toArray());
      float[][] inputs = node.inputs().stream().map(this::value).toArray(float[][]::new);
      float[] output = new float[node.outputShape().size()];
      values.put(node.name(), output);
      calls.add(new Call(kernel, inputs, new int[inputs.length], output));
    }
  }

  /**
   * Evaluates the graph.
   *
   * @param inputs row-major values of one example of each input, by name
   * @return row-major values of each output, by name, in the graph's order; arrays of their own
   * @throws IllegalArgumentException if these aren't the graph's inputs
   */
  public Map<String, float[]> run(Map<String, float[]> inputs) {
    if (!inputs.keySet().equals(graph.inputs().keySet())) {
      throw new IllegalArgumentException(
          "values of " + inputs.keySet() + " for the inputs " + graph.inputs());
    }
    inputs.forEach(
        (name, given) -> {
          float[] value = value(name);
          if (given.length != value.length) {
            throw new IllegalArgumentException(
                given.length + " values for " + name + " " + graph.shapeOf(name));
          }
          System.arraycopy(given, 0, value, 0, value.length);
        });
    for (Call call : calls) {
      call.kernel().compute(call.inputs(), call.offsets(), call.output(), 0);
    }
    Map<String, float[]> outputs = new LinkedHashMap<>();
    graph.outputs().forEach(name -> outputs.put(name, value(name).clone()));
    return outputs;
  }

  private float[] value(String name) {
    float[] value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("nothing is called " + name);
    }
    return value;
  }
}
