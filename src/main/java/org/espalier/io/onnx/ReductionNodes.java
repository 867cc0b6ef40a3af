package org.espalier.io.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.model.Node;
import org.espalier.model.Reduction;
import org.espalier.tensor.Shape;

/** Writes operators that compute sums and the like along axes of one example. */
final class ReductionNodes {
  private final Values values;

  ReductionNodes(Values values) {
    this.values = values;
  }

  /**
   * Writes an operator.
   *
   * @param single whether its value is there once
   */
  void write(Node node, Reduction operator, Steps steps, boolean single) {
    int first = single ? 0 : 1; // axis of an example's first
    switch (operator) {
      case Reduction.Reduce reduce -> reduce(node.input(), reduce, steps, first);
      case Reduction.Softmax(int axis, boolean log) ->
          softmax(node, axis, log ? "LogSoftmax" : "Softmax", steps, first);
      case Reduction.Standardize(List<Integer> axes, double epsilon) ->
          standardize(node, axes, (float) epsilon, steps, first);
      case Reduction.LocalResponse local -> localResponse(node, local, steps);
      case Reduction.MatMul _ -> matMul(node, steps, single);
    }
  }

  private static void reduce(String x, Reduction.Reduce reduce, Steps s, int first) {
    if (reduce.axes().isEmpty()) { // which ONNX takes for all
      switch (reduce.kind()) {
        case SUM, MEAN, MAX, MIN, PROD, LOG_SUM_EXP -> s.end("Identity", x);
        case L1, L2 -> s.end("Abs", x);
        case SUM_SQUARE -> s.end("Mul", x, x);
        case LOG_SUM -> s.end("Log", x);
      }
      return;
    }
    String type =
        switch (reduce.kind()) {
          case SUM -> "ReduceSum";
          case MEAN -> "ReduceMean";
          case MAX -> "ReduceMax";
          case MIN -> "ReduceMin";
          case PROD -> "ReduceProd";
          case L1 -> "ReduceL1";
          case L2 -> "ReduceL2";
          case SUM_SQUARE -> "ReduceSumSquare";
          case LOG_SUM -> "ReduceLogSum";
          case LOG_SUM_EXP -> "ReduceLogSumExp";
        };
    long[] axes = shifted(reduce.axes(), first);
    Attribute keep = new Attribute.Whole("keepdims", reduce.keep() ? 1 : 0);
    if (s.since(reduce.kind() == Reduction.Kind.SUM ? 13 : 18)) {
      s.end(type, List.of(x, s.wholes("axes", axes)), keep);
    } else {
      s.end(type, List.of(x), new Attribute.Wholes("axes", axes), keep);
    }
  }

  private static long[] shifted(List<Integer> axes, int first) {
    return axes.stream().mapToLong(axis -> axis + first).toArray();
  }

  /** Before opset 13 it goes over all axes from one on: that one has to be the last. */
  private void softmax(Node node, int axis, String type, Steps s, int first) {
    int last = values.shape(node.input()).rank() - 1 + first;
    int own = axis + first;
    if (s.since(13) || own == last) {
      s.end(type, List.of(node.input()), new Attribute.Whole("axis", own));
      return;
    }
    long[] swap = IntStream.rangeClosed(0, last).asLongStream().toArray();
    swap[own] = last;
    swap[last] = own;
    Attribute perm = new Attribute.Wholes("perm", swap);
    String there = s.step("Transpose", List.of(node.input()), perm);
    String done = s.step(type, List.of(there), new Attribute.Whole("axis", last));
    s.end("Transpose", List.of(done), perm);
  }

  private void standardize(Node node, List<Integer> axes, float epsilon, Steps s, int first) {
    Shape shape = values.shape(node.input());
    List<Integer> behind = IntStream.range(1, shape.rank()).boxed().toList();
    String x = node.input();
    if (first == 1 && shape.rank() > 1 && axes.stream().sorted().toList().equals(behind)) {
      int channels = shape.dim(0);
      float[] ones = new float[channels];
      Arrays.fill(ones, 1);
      s.end(
          "InstanceNormalization",
          List.of(x, s.reals("scale", ones), s.reals("shift", new float[channels])),
          new Attribute.Real("epsilon", epsilon));
      return;
    }
    String centred = s.step("Sub", x, mean(x, axes, s, first));
    String variance = mean(s.step("Mul", centred, centred), axes, s, first);
    s.end("Div", centred, s.step("Sqrt", s.step("Add", variance, s.real(epsilon))));
  }

  private static String mean(String x, List<Integer> axes, Steps s, int first) {
    if (axes.isEmpty()) {
      return x;
    }
    long[] shifted = shifted(axes, first);
    return s.since(18)
        ? s.step("ReduceMean", x, s.wholes("axes", shifted))
        : s.step("ReduceMean", List.of(x), new Attribute.Wholes("axes", shifted));
  }

  /** Readers take images alone. */
  private void localResponse(Node node, Reduction.LocalResponse local, Steps s) {
    Shape shape = node.outputShape();
    List<Attribute> attributes =
        List.of(
            new Attribute.Whole("size", local.size()),
            new Attribute.Real("alpha", local.alpha()),
            new Attribute.Real("beta", local.beta()),
            new Attribute.Real("bias", local.bias()));
    Attribute[] all = attributes.toArray(Attribute[]::new);
    if (shape.rank() == 3) {
      s.end("LRN", List.of(node.input()), all);
      return;
    }
    int channels = shape.dim(0);
    String image = s.wholes("image", 0, channels, shape.size() / channels, 1);
    String there = s.step("Reshape", node.input(), image);
    String done = s.step("LRN", List.of(there), all);
    s.end("Reshape", done, s.wholes("shape", Values.prefixed(0, shape.dims())));
  }

  /**
   * Examples that are vectors become matrices, and what has a batch gets as many axes as the other,
   * unless the axes meet as they are.
   */
  private void matMul(Node node, Steps s, boolean single) {
    String x = node.inputs().getFirst();
    String y = node.inputs().getLast();
    Shape left = values.shape(x);
    Shape right = values.shape(y);
    if (single || isPlain(left.rank(), values.isOnce(x), right.rank(), values.isOnce(y))) {
      s.end("MatMul", x, y);
      return;
    }
    int rank = Math.max(2, Math.max(left.rank(), right.rank()));
    int[] rows = Values.padded(left, rank);
    int[] columns = Values.padded(right, rank);
    if (right.rank() == 1) {
      columns[rank - 2] = columns[rank - 1];
      columns[rank - 1] = 1;
    }
    String product = s.step("MatMul", shaped(x, rows, s), shaped(y, columns, s));
    int[] dims = node.outputShape().dims();
    s.end("Reshape", product, s.wholes("shape", Values.prefixed(0, dims)));
  }

  /** Returns whether ONNX's product is ours, of which one side has a batch or both. */
  private static boolean isPlain(int left, boolean leftOnce, int right, boolean rightOnce) {
    if (rightOnce) {
      return right <= 2 || left >= right;
    }
    return right >= 2 && (leftOnce ? left <= right : left == right);
  }

  private String shaped(String x, int[] dims, Steps s) {
    long[] extents = values.isOnce(x) ? Values.longs(dims) : Values.prefixed(0, dims);
    return s.step("Reshape", x, s.wholes("extents", extents));
  }
}
