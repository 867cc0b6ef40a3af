package org.espalier.io.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.tensor.Shape;

/** Writes operators that only move elements. */
final class MovementNodes {
  private final Graph graph;
  private final OnnxGraph onnx;
  private final Values values;

  MovementNodes(Graph graph, OnnxGraph onnx, Values values) {
    this.graph = graph;
    this.onnx = onnx;
    this.values = values;
  }

  /**
   * Writes an operator.
   *
   * @param output the name of its value
   * @param single whether it is there once
   */
  void write(Node node, Movement operator, String output, boolean single) {
    Steps steps = new Steps(onnx, node.name(), output);
    int first = single ? 0 : 1; // axis of an example's first
    switch (operator) {
      case Movement.Concat(int axis, int _) ->
          steps.end(
              "Concat",
              single ? node.inputs() : node.inputs().stream().map(values::batched).toList(),
              new Attribute.Whole("axis", axis + first));
      case Movement.Slice slice -> slice(node, slice, output, steps, first);
      case Movement.Gather(int axis, List<Integer> indices) ->
          steps.end(
              "Gather",
              List.of(node.input(), steps.wholes("indices", longs(indices))),
              new Attribute.Whole("axis", axis + first));
      case Movement.Pad pad -> pad(node, pad, steps, first);
      case Movement.Transpose(List<Integer> axes) -> {
        List<Integer> all = new ArrayList<>();
        if (!single) {
          all.add(0);
        }
        axes.forEach(axis -> all.add(axis + first));
        steps.end("Transpose", List.of(node.input()), new Attribute.Wholes("perm", longs(all)));
      }
      case Movement.Reshape(Shape shape) -> reshape(node.input(), output, shape, single);
      case Movement.Expand _ -> expand(node, steps, single);
      case Movement.Constant(Shape shape) ->
          onnx.initializer(
              output,
              graph.parameter(node.parameter(Movement.Constant.VALUE)).value().toArray(),
              Values.longs(shape.dims()));
    }
  }

  /** Writes the same elements in another shape. */
  void reshape(String x, String output, Shape shape, boolean single) {
    int[] dims = shape.dims();
    values.reshape(x, output, single ? Values.longs(dims) : Values.prefixed(0, dims));
  }

  private void slice(Node node, Movement.Slice slice, String output, Steps steps, int first) {
    int axis = slice.axis() + first;
    if (slice.step() != 1 && !steps.since(10)) {
      long[] indices =
          IntStream.range(0, slice.size())
              .mapToLong(i -> slice.start() + (long) i * slice.step())
              .toArray();
      steps.end(
          "Gather",
          List.of(node.input(), steps.wholes("indices", indices)),
          new Attribute.Whole("axis", axis));
      return;
    }
    long last = slice.start() + (slice.size() - 1L) * slice.step();
    long end = last + Integer.signum(slice.step());
    if (end < 0) { // would count from the end
      end = -1L - values.shape(node.input()).dim(slice.axis());
    }
    Values.slice(onnx, node.name(), node.input(), output, axis, slice.start(), end, slice.step());
  }

  private void pad(Node node, Movement.Pad pad, Steps steps, int first) {
    if (pad.padding() == Movement.Padding.WRAP && !steps.since(19)) {
      wrap(node, pad, steps, first);
      return;
    }
    int rank = pad.before().size() + first;
    long[] pads = new long[2 * rank];
    for (int i = first; i < rank; i++) {
      pads[i] = pad.before().get(i - first);
      pads[rank + i] = pad.after().get(i - first);
    }
    Attribute mode = new Attribute.Text("mode", pad.padding().name().toLowerCase(Locale.ROOT));
    if (!steps.since(11)) {
      steps.end(
          "Pad",
          List.of(node.input()),
          mode,
          new Attribute.Wholes("pads", pads),
          new Attribute.Real("value", pad.value()));
      return;
    }
    List<String> inputs = new ArrayList<>(List.of(node.input(), steps.wholes("pads", pads)));
    if (pad.padding() == Movement.Padding.CONSTANT) {
      inputs.add(steps.real(pad.value()));
    }
    steps.end("Pad", inputs, mode);
  }

  /** Elements from the other end, axis by axis. */
  private void wrap(Node node, Movement.Pad pad, Steps steps, int first) {
    String x = node.input();
    Shape shape = values.shape(x);
    for (int axis = 0; axis < shape.rank(); axis++) {
      int extent = shape.dim(axis);
      long[] indices =
          IntStream.range(-pad.before().get(axis), extent + pad.after().get(axis))
              .mapToLong(i -> Math.floorMod(i, extent))
              .toArray();
      x =
          steps.step(
              "Gather",
              List.of(x, steps.wholes("indices", indices)),
              new Attribute.Whole("axis", axis + first));
    }
    steps.end("Identity", x);
  }

  private void expand(Node node, Steps steps, boolean single) {
    Shape shape = node.outputShape();
    if (!steps.since(8)) {
      steps.end("Identity", values.spread(node.input(), shape, single));
      return;
    }
    String x = values.aligned(node.input(), shape.rank());
    int[] dims = shape.dims();
    long[] extents = single ? Values.longs(dims) : Values.prefixed(1, dims);
    steps.end("Expand", x, steps.wholes("shape", extents));
  }

  static long[] longs(List<Integer> numbers) {
    return numbers.stream().mapToLong(i -> i).toArray();
  }
}
