package org.espalier.io.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Resampling;
import org.espalier.model.Resampling.Coordinates;
import org.espalier.model.Resampling.Interpolation;
import org.espalier.model.Resampling.Rounding;
import org.espalier.tensor.Shape;

/** Writes operators that give maps of other extents. */
final class ResamplingNodes {
  /** Readers know how to interpolate images, {@code [channels, height, width]}. */
  private static final int IMAGE = 3;

  private final Graph graph;
  private final OnnxGraph onnx;
  private final Values values;

  ResamplingNodes(Graph graph, OnnxGraph onnx, Values values) {
    this.graph = graph;
    this.onnx = onnx;
    this.values = values;
  }

  /** Writes an operator whose input has a batch. */
  void write(Node node, Resampling operator, Steps steps) {
    switch (operator) {
      case Resampling.Resize resize -> resize(node, resize, steps);
      case Resampling.ConvTranspose2d conv -> convTranspose(node, conv, steps);
    }
  }

  private void convTranspose(Node node, Resampling.ConvTranspose2d conv, Steps steps) {
    List<String> inputs = new ArrayList<>(List.of(node.input()));
    int h = conv.window().height();
    int w = conv.window().width();
    inputs.add(floats(node, Operator.WEIGHT, conv.inputs(), conv.outputs() / conv.groups(), h, w));
    if (conv.bias()) {
      inputs.add(floats(node, Operator.BIAS, conv.outputs()));
    }
    List<Attribute> attributes = LayerForm.window(conv.window());
    attributes.add(new Attribute.Whole("group", conv.groups()));
    if (conv.moreRows() > 0 || conv.moreColumns() > 0) {
      attributes.add(new Attribute.Wholes("output_padding", conv.moreRows(), conv.moreColumns()));
    }
    steps.end("ConvTranspose", inputs, attributes.toArray(Attribute[]::new));
  }

  private String floats(Node node, String role, long... dims) {
    String name = node.parameter(role);
    return onnx.floats(name, graph.parameter(name).value().toArray(), dims);
  }

  private void resize(Node node, Resampling.Resize resize, Steps s) {
    Shape input = graph.shapeOf(node.input());
    int missing = Math.max(0, IMAGE - input.rank());
    // Axes of 1 behind the channels.
    int[] from = widened(input, missing);
    int[] to = widened(node.outputShape(), missing);
    List<Float> scales = new ArrayList<>(resize.scales());
    scales.addAll(Math.min(1, scales.size()), Collections.nCopies(missing, 1f));
    String x =
        missing == 0
            ? node.input()
            : s.step("Reshape", node.input(), s.wholes("image", Values.prefixed(0, from)));
    Steps last = s;
    String image = "";
    if (missing > 0) {
      image = onnx.fresh(node.name() + ".resized");
      last = new Steps(onnx, node.name(), image);
    }
    if (s.since(11)) {
      resize(x, from, to, scales, resize, last);
    } else {
      upsample(x, from, to, scales, resize, last);
    }
    if (missing > 0) {
      int[] dims = node.outputShape().dims();
      s.end("Reshape", image, s.wholes("shape", Values.prefixed(0, dims)));
    }
  }

  private static int[] widened(Shape shape, int missing) {
    int[] dims = new int[shape.rank() + missing];
    Arrays.fill(dims, 1);
    int own = Math.min(1, shape.rank());
    for (int i = 0; i < shape.rank(); i++) {
      dims[i < own ? i : i + missing] = shape.dim(i);
    }
    return dims;
  }

  private void resize(
      String x, int[] from, int[] to, List<Float> scales, Resampling.Resize resize, Steps s) {
    Coordinates coordinates = resize.coordinates();
    if (coordinates == Coordinates.HALF_PIXEL_SYMMETRIC && !s.since(19)) {
      if (!isWhole(from, to, scales)) {
        s.require(19, "coordinates about the centre");
      }
      coordinates = Coordinates.HALF_PIXEL; // the same where extents are whole
    }
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(new Attribute.Text("mode", name(resize.interpolation())));
    attributes.add(new Attribute.Text("coordinate_transformation_mode", name(coordinates)));
    if (resize.interpolation() == Interpolation.NEAREST) {
      attributes.add(new Attribute.Text("nearest_mode", name(resize.rounding())));
    }
    if (resize.interpolation() == Interpolation.CUBIC) {
      attributes.add(new Attribute.Real("cubic_coeff_a", resize.cubic()));
    }
    if (resize.excludeOutside()) {
      attributes.add(new Attribute.Whole("exclude_outside", 1));
    }
    String none = s.since(13) ? "" : s.reals("none");
    List<String> inputs;
    if (givenByScales(from, to, scales)) {
      inputs = List.of(x, none, s.reals("scales", withBatch(scales)));
    } else if (givenBySizes(from, to, scales)) {
      String sizes =
          s.step(
              "Concat",
              List.of(values.batch(), s.wholes("sizes", Values.longs(to))),
              new Attribute.Whole("axis", 0));
      inputs = List.of(x, none, none, sizes);
    } else {
      throw s.refusal("scales " + scales + " with sizes " + Arrays.toString(to));
    }
    s.end("Resize", inputs, attributes.toArray(Attribute[]::new));
  }

  /** Up to opset 10 a pixel stood for {@code x/scale} or, the nearest, for what is below it. */
  private static void upsample(
      String x, int[] from, int[] to, List<Float> scales, Resampling.Resize resize, Steps s) {
    boolean same =
        switch (resize.interpolation()) {
          case NEAREST -> isFloor(resize, scales);
          case LINEAR -> resize.coordinates() == Coordinates.ASYMMETRIC;
          case CUBIC -> false;
        };
    if (!same || resize.excludeOutside()) {
      s.require(11, "this interpolation");
    }
    if (!givenByScales(from, to, scales)) {
      s.require(11, "extents that are no multiple");
    }
    Attribute mode = new Attribute.Text("mode", name(resize.interpolation()));
    if (s.since(10)) {
      s.end("Resize", List.of(x, s.reals("scales", withBatch(scales))), mode);
      return;
    }
    if (scales.stream().anyMatch(scale -> scale < 1)) {
      s.require(10, "fewer pixels");
    }
    if (s.since(9)) {
      s.end("Upsample", List.of(x, s.reals("scales", withBatch(scales))), mode);
      return;
    }
    List<Float> all = new ArrayList<>(scales);
    all.addFirst(1f);
    s.end("Upsample", List.of(x), mode, new Attribute.Reals("scales", all));
  }

  /** Returns whether the nearest pixel is that of {@code ⌊x/scale⌋}. */
  private static boolean isFloor(Resampling.Resize resize, List<Float> scales) {
    boolean up = scales.stream().allMatch(scale -> scale >= 1);
    boolean multiple = scales.stream().allMatch(scale -> scale == Math.rint(scale));
    boolean rounds =
        resize.rounding() == Rounding.ROUND_PREFER_FLOOR
            || resize.rounding() == Rounding.ROUND_PREFER_CEIL;
    return up
        && switch (resize.coordinates()) {
          case ASYMMETRIC -> resize.rounding() == Rounding.FLOOR;
          case HALF_PIXEL, HALF_PIXEL_SYMMETRIC -> multiple && rounds;
          case PYTORCH_HALF_PIXEL, ALIGN_CORNERS -> false;
        };
  }

  private static boolean givenByScales(int[] from, int[] to, List<Float> scales) {
    return IntStream.range(0, from.length)
        .allMatch(i -> (int) Math.floor(from[i] * scales.get(i)) == to[i]);
  }

  private static boolean isWhole(int[] from, int[] to, List<Float> scales) {
    return IntStream.range(0, from.length).allMatch(i -> (double) from[i] * scales.get(i) == to[i]);
  }

  private static boolean givenBySizes(int[] from, int[] to, List<Float> scales) {
    return IntStream.range(0, from.length).allMatch(i -> (float) to[i] / from[i] == scales.get(i));
  }

  private static float[] withBatch(List<Float> scales) {
    float[] all = new float[scales.size() + 1];
    all[0] = 1;
    for (int i = 1; i < all.length; i++) {
      all[i] = scales.get(i - 1);
    }
    return all;
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
