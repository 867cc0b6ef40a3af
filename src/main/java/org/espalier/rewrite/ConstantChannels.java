package org.espalier.rewrite;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.BatchNormAffine;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.espalier.reference.ReferenceKernel;
import org.espalier.tensor.Shape;

/**
 * Which channels of a network emit the same number whatever the input is, in every pixel, and what:
 * computed by the arithmetic of evaluation, so that it is that number to the bit. A channel begins
 * to be constant behind a row without weights, which emits its bias or 0; behind a normalisation
 * with factor 0; and where a shortcut fills up with zeros. It stays so through normalisations,
 * rectifiers and other functions, poolings, flattening, sums of two constants, and layers that read
 * nothing else. It ends before a border of zeros, unless it is 0 itself.
 *
 * <p>The channels of a vector are its elements. All weights and inputs are taken to be finite.
 */
final class ConstantChannels {
  /** What a channel emits that is not constant: arithmetic hands it on. */
  private static final float VARIES = Float.NaN;

  private static final float[] NOTHING = {};

  private final Graph graph;
  private final Map<String, float[]> constants = new HashMap<>();

  ConstantChannels(Graph graph) {
    this.graph = graph;
    graph.inputs().forEach((name, shape) -> constants.put(name, varying(shape)));
    for (Node node : graph.nodes()) {
      constants.put(node.name(), emitted(node));
    }
  }

  private static float[] varying(Shape shape) {
    float[] channels = new float[channels(shape)];
    Arrays.fill(channels, VARIES);
    return channels;
  }

  /** Returns the number of channels of maps, or of elements of anything else. */
  static int channels(Shape shape) {
    return shape.rank() == 3 ? shape.dim(0) : shape.size();
  }

  /** Returns whether a channel of a node is constant. */
  boolean isConstant(String node, int channel) {
    return !Float.isNaN(get(node, channel));
  }

  /** Returns what a channel of a node always emits, NaN if that varies. */
  float get(String node, int channel) {
    return of(node)[channel];
  }

  private float[] of(String node) {
    float[] emitted = constants.get(node);
    if (emitted == null) {
      throw new IllegalArgumentException("no node " + node);
    }
    return emitted;
  }

  private float[] emitted(Node node) {
    if (ForeignNodes.isForeign(graph, node)) {
      return varying(node.outputShape());
    }
    float[] x = of(node.input());
    float[] y = new float[channels(node.outputShape())];
    switch (node.operator()) {
      case Operator.Layer layer -> layer(node, layer, x, y);
      case Operator.BatchNorm norm -> normalization(node, norm, x, y);
      case Operator.Add _ -> {
        float[] other = of(node.inputs().getLast());
        for (int c = 0; c < y.length; c++) {
          y[c] = x[c] + other[c];
        }
      }
      case Operator.Relu _ -> {
        for (int c = 0; c < y.length; c++) {
          y[c] = x[c] <= 0 ? 0 : x[c];
        }
      }
      case Operator.AveragePool pool -> {
        Window window = pool.window();
        for (int c = 0; c < y.length; c++) {
          y[c] = window.isPadded() && x[c] != 0 ? VARIES : mean(x[c], window.size());
        }
      }
      case Operator.GlobalAveragePool _ -> {
        int pixels = graph.shapeOf(node.input()).size() / x.length;
        for (int c = 0; c < y.length; c++) {
          y[c] = mean(x[c], pixels);
        }
      }
      case Operator.Flatten _ -> {
        int pixels = y.length / x.length;
        for (int i = 0; i < y.length; i++) {
          y[i] = x[i / pixels];
        }
      }
      case Operator.MaxPool _, Operator.Shortcut _ -> System.arraycopy(x, 0, y, 0, x.length);
      case Elementwise.Activation function -> {
        ReferenceKernel.of(function, List.of(Shape.of(y.length)), _ -> NOTHING)
            .compute(new float[][] {x}, new int[1], y, 0);
        for (int c = 0; c < y.length; c++) {
          y[c] = Float.isNaN(x[c]) ? VARIES : y[c]; // whatever the function makes of NaN
        }
      }
      case Elementwise.Binary _, Elementwise.Where _, Movement _, Reduction _, Resampling _ ->
          Arrays.fill(y, VARIES);
    }
    return y;
  }

  private void layer(Node node, Operator.Layer layer, float[] x, float[] y) {
    FanIn in = FanIn.of(graph, node, layer);
    for (int r = 0; r < y.length; r++) {
      y[r] = product(in, r, x);
      if (layer.bias()) {
        y[r] += graph.parameter(node.parameter(Operator.BIAS)).value().get(0, r);
      }
    }
  }

  private static float product(FanIn in, int row, float[] x) {
    float sum = 0;
    for (int k = 0; k < in.weight().cols(); k++) {
      float w = in.weight().get(row, k);
      if (w != 0) {
        float v = x[in.channel(row, k)];
        sum = in.padded() && v != 0 ? VARIES : Math.fma(v, w, sum);
        if (Float.isNaN(sum)) {
          break;
        }
      }
    }
    return sum;
  }

  private void normalization(Node node, Operator.BatchNorm norm, float[] x, float[] y) {
    BatchNormAffine affine = BatchNormAffine.of(graph, node, norm);
    for (int c = 0; c < y.length; c++) {
      float factor = affine.scale(c);
      float shift = affine.shift(c);
      y[c] = factor == 0 ? shift : Math.fma(x[c], factor, shift);
    }
  }

  /** The mean of so many equal numbers, rounded as the kernels of pooling round it. */
  private static float mean(float v, int count) {
    if (v == 0 || Float.isNaN(v)) {
      return v + 0f; // +0 for −0, as a sum
    }
    float sum = 0;
    for (int i = 0; i < count; i++) {
      sum += v;
    }
    return sum * (1f / count);
  }
}
