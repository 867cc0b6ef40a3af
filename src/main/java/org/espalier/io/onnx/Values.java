package org.espalier.io.onnx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.model.Graph;
import org.espalier.tensor.Shape;

/**
 * What the nodes of a graph give, in the file: examples one behind the other along a first axis,
 * the batch; or what depends on no input, once, without that axis.
 */
final class Values {
  private final Graph graph;
  private final OnnxGraph onnx;
  private final Set<String> once = new HashSet<>();

  /** What is there once, repeated for each example, by its name. */
  private final Map<String, String> repeated = new HashMap<>();

  private String batch = "";

  Values(Graph graph, OnnxGraph onnx) {
    this.graph = graph;
    this.onnx = onnx;
  }

  /** Says that a value is there once. */
  void addOnce(String name) {
    once.add(name);
  }

  /** Returns whether a value is there once. */
  boolean isOnce(String name) {
    return once.contains(name);
  }

  /** Returns the shape of a value for one example. */
  Shape shape(String name) {
    return graph.shapeOf(name);
  }

  /** Returns the name of a value with a batch. */
  String batched(String name) {
    if (!isOnce(name)) {
      return name;
    }
    return repeated.computeIfAbsent(
        name,
        _ -> {
          String all = onnx.fresh(name + ".batch");
          repeat(name, shape(name), all);
          return all;
        });
  }

  /** Repeats what is there once for each example. */
  void repeat(String value, Shape shape, String output) {
    String first = onnx.fresh(value + ".first");
    reshape(value, first, prefixed(1, shape.dims()));
    String repeats = onnx.fresh(value + ".repeats");
    String size = batch();
    if (shape.rank() > 0) {
      long[] ones = new long[shape.rank()];
      Arrays.fill(ones, 1);
      onnx.node(
          "Concat",
          repeats,
          List.of(size, onnx.wholes(value + ".ones", ones)),
          new Attribute.Whole("axis", 0));
    } else {
      repeats = size;
    }
    onnx.node("Tile", output, List.of(first, repeats));
  }

  /** Returns the name of the number of examples, a vector of one. */
  String batch() {
    if (batch.isEmpty()) {
      String extents = onnx.fresh("batch.extents");
      onnx.node("Shape", extents, List.of(graph.inputs().keySet().iterator().next()));
      batch = onnx.fresh("batch.size");
      slice(onnx, "batch", extents, batch, 0, 0, 1, 1);
    }
    return batch;
  }

  /** Cuts along an axis. */
  static void slice(
      OnnxGraph onnx,
      String name,
      String x,
      String output,
      long axis,
      long start,
      long end,
      long step) {
    if (onnx.opset() < 10) {
      onnx.node(
          "Slice",
          output,
          List.of(x),
          new Attribute.Wholes("axes", axis),
          new Attribute.Wholes("starts", start),
          new Attribute.Wholes("ends", end));
      return;
    }
    onnx.node(
        "Slice",
        output,
        List.of(
            x,
            onnx.wholes(name + ".starts", start),
            onnx.wholes(name + ".ends", end),
            onnx.wholes(name + ".axes", axis),
            onnx.wholes(name + ".steps", step)));
  }

  /**
   * Returns the name of a value as operands are broadcast: with a batch it gets axes of 1 behind
   * the batch until its examples have so many.
   */
  String aligned(String name, int rank) {
    Shape shape = shape(name);
    if (isOnce(name) || shape.rank() >= rank) {
      return name;
    }
    String more = onnx.fresh(name + ".aligned");
    reshape(name, more, prefixed(0, padded(shape, rank)));
    return more;
  }

  /** Returns the name of a value repeated to a shape, with a batch unless {@code single}. */
  String spread(String name, Shape target, boolean single) {
    Shape shape = shape(name);
    int[] padded = padded(shape, target.rank());
    long[] repeats = new long[target.rank()];
    for (int i = 0; i < repeats.length; i++) {
      repeats[i] = padded[i] == target.dim(i) ? 1 : target.dim(i);
    }
    String whole = single ? name : batched(name);
    String shaped = onnx.fresh(name + ".aligned");
    reshape(whole, shaped, single ? longs(padded) : prefixed(0, padded));
    String spread = onnx.fresh(name + ".spread");
    String times = onnx.wholes(name + ".times", single ? repeats : prefixed(1, repeats));
    onnx.node("Tile", spread, List.of(shaped, times));
    return spread;
  }

  /** Reads the same elements in another shape; 0 leaves an extent as it is. */
  void reshape(String x, String output, long... dims) {
    onnx.node("Reshape", output, List.of(x, onnx.wholes(output + ".shape", dims)));
  }

  /** Returns extents with ones in front, so that there are so many. */
  static int[] padded(Shape shape, int rank) {
    int[] dims = new int[rank];
    Arrays.fill(dims, 1);
    System.arraycopy(shape.dims(), 0, dims, rank - shape.rank(), shape.rank());
    return dims;
  }

  /** Returns extents with one in front. */
  static long[] prefixed(long first, int... dims) {
    return prefixed(first, longs(dims));
  }

  /** Returns numbers with one in front. */
  static long[] prefixed(long first, long... rest) {
    long[] all = new long[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  /** Returns the same numbers. */
  static long[] longs(int... values) {
    return Arrays.stream(values).asLongStream().toArray();
  }
}
