package org.espalier.io.onnx;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes what a file says for one example, by the description of ONNX's operators, in double:
 * those of fully connected networks and of what stands before and around them.
 */
final class Reader {
  private final Map<String, double[]> values = new HashMap<>();

  private Reader() {}

  static float[] run(byte[] file, String output, float... input) {
    double[] x = new double[input.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = input[i];
    }
    return run(file, output, x);
  }

  static float[] run(byte[] file, String output, double... input) {
    Wire graph = Wire.read(file).message(7);
    Reader reader = new Reader();
    reader.values.put(graph.message(11).text(1), input);
    graph.messages(5).forEach(t -> reader.values.put(t.text(8), elements(t)));
    graph.messages(15).forEach(s -> reader.values.put(s.message(1).text(8), whole(s)));
    graph.messages(1).forEach(reader::compute);
    double[] y = reader.values.get(output);
    float[] rounded = new float[y.length];
    for (int i = 0; i < y.length; i++) {
      rounded[i] = (float) y[i];
    }
    return rounded;
  }

  private static double[] elements(Wire tensor) {
    ByteBuffer raw = tensor.bytes(9);
    int count = (int) tensor.integers(1).stream().mapToLong(d -> d).reduce(1, (a, b) -> a * b);
    double[] elements = new double[count];
    for (int i = 0; i < count; i++) {
      elements[i] =
          switch ((int) tensor.integer(2)) {
            case 1 -> raw.getFloat();
            case 3 -> raw.get();
            case 7 -> raw.getLong();
            case 10 -> Float.float16ToFloat(raw.getShort());
            case 11 -> raw.getDouble();
            default -> throw new AssertionError("type " + tensor.integer(2));
          };
    }
    return elements;
  }

  private static double[] whole(Wire sparse) {
    double[] all =
        new double[(int) sparse.integers(3).stream().mapToLong(d -> d).reduce(1, (a, b) -> a * b)];
    double[] some = elements(sparse.message(1));
    double[] places = elements(sparse.message(2));
    for (int i = 0; i < some.length; i++) {
      all[(int) places[i]] = some[i];
    }
    return all;
  }

  private void compute(Wire node) {
    List<double[]> in = node.texts(1).stream().map(values::get).toList();
    double[] x = in.getFirst();
    double[] y = new double[node.text(4).equals("Gemm") ? in.getLast().length : size(in)];
    double sum = Arrays.stream(x).map(Math::exp).sum();
    for (int i = 0; i < y.length; i++) {
      y[i] =
          switch (node.text(4)) {
            case "Cast" -> (float) x[i];
            case "Flatten" -> x[i];
            case "Relu" -> Math.max(0, x[i]);
            case "Add" -> at(x, i, y) + at(in.get(1), i, y);
            case "Sub" -> at(x, i, y) - at(in.get(1), i, y);
            case "Mul", "DequantizeLinear" -> at(x, i, y) * at(in.get(1), i, y);
            case "Div" -> at(x, i, y) / at(in.get(1), i, y);
            case "IsNaN" -> Double.isNaN(x[i]) ? 1 : 0;
            case "Where" -> x[i] != 0 ? at(in.get(1), i, y) : at(in.get(2), i, y);
            case "Softmax" -> Math.exp(x[i]) / sum;
            case "Gemm" -> {
              double dot = in.get(2)[i];
              for (int k = 0; k < x.length; k++) {
                dot += x[k] * in.get(1)[i * x.length + k];
              }
              yield dot;
            }
            default -> throw new AssertionError(node.text(4));
          };
    }
    values.put(node.text(2), y);
  }

  private static int size(List<double[]> in) {
    return in.stream().mapToInt(x -> x.length).max().orElseThrow();
  }

  /** An element of what is spread over the rows of the result. */
  private static double at(double[] x, int i, double[] y) {
    return x[i / (y.length / x.length)];
  }
}
