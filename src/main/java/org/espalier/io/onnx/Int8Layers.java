package org.espalier.io.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.BatchNormAffine;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;

/**
 * Layers in the form in which ONNX Runtime's own tool quantises dynamically: {@code
 * DynamicQuantizeLinear} of the input, whose scale is that of the whole batch; {@code
 * MatMulInteger} or {@code ConvInteger}; then the scales and the bias in fp32. Weights are
 * symmetric, with a scale for each unit.
 */
final class Int8Layers implements LayerForm {
  private static final int LARGEST = 127;

  /** {@code ConvInteger} of ONNX Runtime takes unsigned weights alone: zero is this. */
  private static final int UNSIGNED_ZERO = 128;

  private static final long FLOAT = OnnxType.FLOAT.code();

  /**
   * Names of what {@code DynamicQuantizeLinear} gives.
   *
   * @param values the bytes
   * @param scale what one step of them is worth
   * @param zero which of them stands for 0
   */
  private record Quantized(String values, String scale, String zero) {}

  private final Graph graph;
  private final OnnxGraph onnx;

  /** What has been quantised, by name: several layers may read it. */
  private final Map<String, Quantized> inputs = new HashMap<>();

  Int8Layers(Graph graph, OnnxGraph onnx) {
    this.graph = graph;
    this.onnx = onnx;
  }

  @Override
  public void linear(Node node, Operator.Linear linear, String input, String output) {
    float[] w = values(node, Operator.WEIGHT);
    int outputs = linear.outputs();
    float[] scales = scales(w, outputs);
    byte[] columns = new byte[w.length]; // [inputs][outputs]
    for (int i = 0; i < w.length; i++) {
      int unit = i / linear.inputs();
      columns[i % linear.inputs() * outputs + unit] = (byte) Math.rint(w[i] / scales[unit]);
    }
    String name = node.parameter(Operator.WEIGHT);
    Quantized x = quantized(input);
    String sums = onnx.fresh(node.name() + ".sums");
    onnx.node(
        "MatMulInteger",
        sums,
        List.of(
            x.values,
            onnx.constant(name, OnnxType.INT8, columns, linear.inputs(), outputs),
            x.zero,
            onnx.constant(name + ".zero", OnnxType.INT8, new byte[] {0})));
    float[] bias = linear.bias() ? values(node, Operator.BIAS) : new float[outputs];
    finish(output, name, sums, x, scales, bias, outputs);
  }

  @Override
  public void conv(Node node, Operator.Conv2d conv, Optional<Node> norm) {
    float[] w = values(node, Operator.WEIGHT);
    int outputs = conv.outputs();
    float[] bias = conv.bias() ? values(node, Operator.BIAS) : new float[outputs];
    norm.ifPresent(n -> fold(n, w, bias));
    float[] scales = scales(w, outputs);
    byte[] rows = new byte[w.length];
    for (int i = 0; i < w.length; i++) {
      rows[i] = (byte) (UNSIGNED_ZERO + Math.rint(w[i] / scales[i / conv.fanIn()]));
    }
    String name = node.parameter(Operator.WEIGHT);
    Quantized x = quantized(node.input());
    String sums = onnx.fresh(node.name() + ".sums");
    onnx.node(
        "ConvInteger",
        sums,
        List.of(
            x.values,
            onnx.constant(name, OnnxType.UINT8, rows, LayerForm.dims(conv)),
            x.zero,
            onnx.constant(name + ".zero", OnnxType.UINT8, new byte[] {(byte) UNSIGNED_ZERO})),
        LayerForm.window(conv));
    finish(norm.orElse(node).name(), name, sums, x, scales, bias, 1, outputs, 1, 1);
  }

  @Override
  public boolean foldsNormalizations() {
    return true;
  }

  /** Multiplies the sums with both scales and adds the bias. */
  private void finish(
      String output,
      String weight,
      String sums,
      Quantized x,
      float[] scales,
      float[] bias,
      long... dims) {
    String scale = onnx.fresh(output + ".scale");
    onnx.node("Mul", scale, List.of(x.scale, onnx.floats(weight + ".scale", scales, dims)));
    String real = onnx.fresh(output + ".real");
    onnx.node("Cast", real, List.of(sums), new Attribute.Whole("to", FLOAT));
    String scaled = onnx.fresh(output + ".scaled");
    onnx.node("Mul", scaled, List.of(real, scale));
    onnx.node("Add", output, List.of(scaled, onnx.floats(output + ".bias", bias, dims)));
  }

  private Quantized quantized(String input) {
    return inputs.computeIfAbsent(
        input,
        name -> {
          Quantized q =
              new Quantized(
                  onnx.fresh(name + ".int8"),
                  onnx.fresh(name + ".int8.scale"),
                  onnx.fresh(name + ".int8.zero"));
          onnx.node("DynamicQuantizeLinear", List.of(q.values, q.scale, q.zero), List.of(name));
          return q;
        });
  }

  /** Returns what one step is worth in each row of a weight. */
  private static float[] scales(float[] w, int rows) {
    float[] scales = new float[rows];
    int cols = w.length / rows;
    for (int i = 0; i < w.length; i++) {
      scales[i / cols] = Math.max(scales[i / cols], Math.abs(w[i]) / LARGEST);
    }
    for (int r = 0; r < rows; r++) {
      scales[r] = scales[r] == 0 ? 1 : scales[r]; // a row of zeros
    }
    return scales;
  }

  /** Multiplies each channel's weights with what the normalisation does, and so its bias. */
  private void fold(Node norm, float[] w, float[] bias) {
    Operator.BatchNorm operator = (Operator.BatchNorm) norm.operator();
    float[] beta = values(norm, Operator.BIAS);
    float[] mean = values(norm, Operator.BatchNorm.MEAN);
    BatchNormAffine affine = BatchNormAffine.of(graph, norm, operator);
    int fanIn = w.length / bias.length;
    for (int c = 0; c < bias.length; c++) {
      float factor = affine.scale(c);
      for (int i = c * fanIn; i < (c + 1) * fanIn; i++) {
        w[i] *= factor;
      }
      bias[c] = (bias[c] - mean[c]) * factor + beta[c];
    }
  }

  private float[] values(Node node, String role) {
    return graph.parameter(node.parameter(role)).value().toArray();
  }
}
