package org.espalier.op;

import java.util.HashMap;
import java.util.Map;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * The forward pass of a graph in double precision, written from the operators' definitions alone:
 * what the operations are held against, and what finite differences are taken of. Activations are
 * {@code [batch][features in row-major order]}.
 */
final class DoubleNetwork {
  private final Graph graph;
  private final boolean training;
  private final Map<String, double[]> parameters = new HashMap<>();

  /** Takes the graph's parameters; {@code training} normalises by the batch. */
  DoubleNetwork(Graph graph, boolean training) {
    this.graph = graph;
    this.training = training;
    graph
        .parameters()
        .forEach(
            p -> {
              float[] values = p.value().toArray();
              double[] copy = new double[values.length];
              for (int i = 0; i < copy.length; i++) {
                copy[i] = values[i];
              }
              parameters.put(p.name(), copy);
            });
  }

  /** The elements of a parameter, which may be changed. */
  double[] parameter(String name) {
    return parameters.get(name);
  }

  double[][] forward(Tensor input, int batch) {
    Map<String, double[][]> values = new HashMap<>();
    double[][] x = new double[batch][input.cols()];
    for (int i = 0; i < batch; i++) {
      for (int j = 0; j < input.cols(); j++) {
        x[i][j] = input.get(i, j);
      }
    }
    values.put(Graph.INPUT, x);
    double[][] last = x;
    for (Node node : graph.nodes()) {
      Shape in = graph.shapeOf(node.input());
      last = apply(node, in, values.get(node.input()), values.get(node.inputs().getLast()));
      values.put(node.name(), last);
    }
    return last;
  }

  private double[][] apply(Node node, Shape in, double[][] x, double[][] other) {
    double[][] y = new double[x.length][node.outputShape().size()];
    if (node.operator() instanceof Operator.BatchNorm norm) {
      normalize(node, norm, in, x, y);
      return y;
    }
    for (int i = 0; i < x.length; i++) {
      switch (node.operator()) {
        case Operator.Linear _ -> linear(node, x[i], y[i]);
        case Operator.Conv2d conv -> convolve(node, conv, in, x[i], y[i]);
        case Operator.Relu _ -> {
          for (int j = 0; j < y[i].length; j++) {
            y[i][j] = Math.max(x[i][j], 0);
          }
        }
        case Operator.Add _ -> {
          for (int j = 0; j < y[i].length; j++) {
            y[i][j] = x[i][j] + other[i][j];
          }
        }
        case Operator.Flatten _ -> System.arraycopy(x[i], 0, y[i], 0, y[i].length);
        case Operator.Shortcut(int _, int stride) -> {
          Shape out = node.outputShape();
          for (int c = 0; c < in.dim(0); c++) {
            for (int r = 0; r < out.dim(1); r++) {
              for (int s = 0; s < out.dim(2); s++) {
                y[i][(c * out.dim(1) + r) * out.dim(2) + s] =
                    x[i][(c * in.dim(1) + r * stride) * in.dim(2) + s * stride];
              }
            }
          }
        }
        case Operator.GlobalAveragePool _ -> {
          int pixels = in.dim(1) * in.dim(2);
          for (int j = 0; j < x[i].length; j++) {
            y[i][j / pixels] += x[i][j] / pixels;
          }
        }
        case Operator.Pool pool -> pool(pool, in, node.outputShape(), x[i], y[i]);
        case Operator.BatchNorm _, Elementwise _, Movement _, Reduction _, Resampling _ ->
            throw new IllegalStateException();
      }
    }
    return y;
  }

  private void linear(Node node, double[] x, double[] y) {
    double[] w = parameters.get(node.parameter("weight"));
    double[] b = parameters.get(node.parameter("bias"));
    for (int o = 0; o < y.length; o++) {
      y[o] = b[o];
      for (int j = 0; j < x.length; j++) {
        y[o] += w[o * x.length + j] * x[j];
      }
    }
  }

  private void convolve(Node node, Operator.Conv2d conv, Shape in, double[] x, double[] y) {
    double[] w = parameters.get(node.parameter("weight"));
    double[] b = conv.bias() ? parameters.get(node.parameter("bias")) : new double[conv.outputs()];
    int height = node.outputShape().dim(1);
    int width = node.outputShape().dim(2);
    int inputs = conv.inputs() / conv.groups();
    for (int o = 0; o < conv.outputs(); o++) {
      int first = o / (conv.outputs() / conv.groups()) * inputs;
      for (int r = 0; r < height; r++) {
        for (int s = 0; s < width; s++) {
          double sum = b[o];
          for (int c = 0; c < inputs; c++) {
            for (int i = 0; i < conv.window().height(); i++) {
              for (int j = 0; j < conv.window().width(); j++) {
                int row = r * conv.window().strideY() - conv.window().top() + i;
                int col = s * conv.window().strideY() - conv.window().top() + j;
                if (row >= 0 && row < in.dim(1) && col >= 0 && col < in.dim(2)) {
                  sum +=
                      w[((o * inputs + c) * conv.window().height() + i) * conv.window().width() + j]
                          * x[((first + c) * in.dim(1) + row) * in.dim(2) + col];
                }
              }
            }
          }
          y[(o * height + r) * width + s] = sum;
        }
      }
    }
  }

  private static void pool(Operator.Pool pool, Shape in, Shape out, double[] x, double[] y) {
    boolean max = pool instanceof Operator.MaxPool;
    for (int c = 0; c < out.dim(0); c++) {
      for (int r = 0; r < out.dim(1); r++) {
        for (int s = 0; s < out.dim(2); s++) {
          double result = max ? Double.NEGATIVE_INFINITY : 0;
          for (int i = 0; i < pool.window().height(); i++) {
            for (int j = 0; j < pool.window().height(); j++) {
              int row = r * pool.window().strideY() - pool.window().top() + i;
              int col = s * pool.window().strideY() - pool.window().top() + j;
              if (row >= 0 && row < in.dim(1) && col >= 0 && col < in.dim(2)) {
                double v = x[(c * in.dim(1) + row) * in.dim(2) + col];
                result =
                    max
                        ? Math.max(result, v)
                        : result + v / (pool.window().height() * pool.window().height());
              }
            }
          }
          y[(c * out.dim(1) + r) * out.dim(2) + s] = result;
        }
      }
    }
  }

  private void normalize(Node node, Operator.BatchNorm norm, Shape in, double[][] x, double[][] y) {
    int pixels = in.dim(1) * in.dim(2);
    int n = x.length * pixels;
    for (int c = 0; c < in.dim(0); c++) {
      double mean = 0;
      double variance = 0;
      for (double[] image : x) {
        for (int p = 0; p < pixels; p++) {
          mean += image[c * pixels + p] / n;
        }
      }
      for (double[] image : x) {
        for (int p = 0; p < pixels; p++) {
          variance += Math.pow(image[c * pixels + p] - mean, 2) / n;
        }
      }
      if (!training) {
        mean = parameters.get(node.parameter("running_mean"))[c];
        variance = parameters.get(node.parameter("running_var"))[c];
      }
      double factor =
          parameters.get(node.parameter("weight"))[c] / Math.sqrt(variance + norm.epsilon());
      double beta = parameters.get(node.parameter("bias"))[c];
      for (int i = 0; i < x.length; i++) {
        for (int p = 0; p < pixels; p++) {
          y[i][c * pixels + p] = (x[i][c * pixels + p] - mean) * factor + beta;
        }
      }
    }
  }
}
