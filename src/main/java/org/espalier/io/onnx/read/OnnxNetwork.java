package org.espalier.io.onnx.read;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The graph of an ONNX model. Every name that is read is written before, once: by an input, an
 * initialiser (which may have the name of an input, to be its value where none is given) or a node.
 *
 * @param name its name
 * @param nodes what it computes, functions put in, each node behind those it reads from
 * @param initializers constants by name, in the order of the file
 * @param inputs what it takes
 * @param outputs what it gives
 * @param valueInfo what the file says of values in between, by name
 */
public record OnnxNetwork(
    String name,
    List<OnnxNode> nodes,
    Map<String, OnnxTensor> initializers,
    List<OnnxValue> inputs,
    List<OnnxValue> outputs,
    Map<String, OnnxValue> valueInfo) {
  /** Copies lists and maps. */
  public OnnxNetwork {
    nodes = List.copyOf(nodes);
    initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    valueInfo = Collections.unmodifiableMap(new LinkedHashMap<>(valueInfo));
  }

  /** Returns the inputs that have no value of their own. */
  public List<OnnxValue> freeInputs() {
    return inputs.stream().filter(input -> !initializers.containsKey(input.name())).toList();
  }

  /** Returns the graph with some of its inputs bound to values, as if these were initialisers. */
  public OnnxNetwork binding(Map<String, OnnxTensor> values) {
    Map<String, OnnxTensor> all = new LinkedHashMap<>(initializers);
    all.putAll(values);
    return new OnnxNetwork(name, nodes, all, inputs, outputs, valueInfo);
  }
}
