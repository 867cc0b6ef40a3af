package org.espalier.io.onnx.read;

/** Asks a model for everything that it can be asked for. */
final class ReadAll {
  private ReadAll() {}

  static void model(OnnxModel model) {
    OnnxNetwork graph = model.graph();
    graph.freeInputs();
    graph.initializers().values().forEach(ReadAll::tensor);
    graph.nodes().forEach(ReadAll::node);
  }

  static void tensor(OnnxTensor tensor) {
    if (tensor.type().isReadable()) {
      tensor.floats();
    }
    if (tensor.type().isWhole() && tensor.type() != ElementType.UINT64) {
      tensor.integers();
    }
  }

  private static void node(OnnxNode node) {
    for (String name : node.attributeNames()) {
      switch (node.kind(name)) {
        case INT -> node.integer(name, 0);
        case FLOAT -> node.real(name, 0);
        case STRING -> node.text(name, "");
        case INTS -> node.integers(name);
        case FLOATS -> node.reals(name);
        case STRINGS -> node.texts(name);
        case TENSOR, SPARSE_TENSOR -> node.tensor(name).ifPresent(ReadAll::tensor);
        case UNDEFINED, GRAPH, TENSORS, GRAPHS, SPARSE_TENSORS, TYPE_PROTO, TYPE_PROTOS -> {}
      }
    }
  }
}
