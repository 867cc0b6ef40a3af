package org.espalier.infer;

import java.util.List;
import org.espalier.kernel.Convolution;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Step;
import org.espalier.tensor.Planes;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A step on feature maps at work in a session. Convolutions cut themselves among threads; of all
 * others a thread takes one map of one group of images at a time.
 */
final class MapStage implements Workers.Pieces {
  private final Step step;
  private final Planes in;
  private final Planes out;
  private final Tensor x;
  private final @Nullable Tensor other;
  private final Tensor y;
  private final Workers workers;
  private final @Nullable Convolution convolution;
  private final Tensor weight;
  private final @Nullable Tensor bias;

  /** Of a normalisation: what each channel is multiplied with and what is added. */
  private final float[] factors;

  private final float[] added;

  MapStage(
      Step step,
      Graph graph,
      List<FeatureSession.Maps> read,
      FeatureSession.Maps written,
      int maxBatch,
      Workers workers) {
    this.step = step;
    this.in = read.getFirst().planes();
    this.out = written.planes();
    this.x = read.getFirst().tensor();
    this.other = read.size() > 1 ? read.get(1).tensor() : null;
    this.y = written.tensor();
    this.workers = workers;
    Node node = step.node();
    boolean conv = step.operator() instanceof Operator.Conv2d;
    convolution =
        step.operator() instanceof Operator.Conv2d c
            ? new Convolution(c.geometry(in.shape()), maxBatch, workers)
            : null;
    weight = conv ? graph.parameter(node.parameter(Operator.WEIGHT)).value() : Tensor.zeros(0, 0);
    bias =
        step.operator() instanceof Operator.Conv2d c && c.bias()
            ? graph.parameter(node.parameter(Operator.BIAS)).value()
            : null;
    boolean norm = step.operator() instanceof Operator.BatchNorm;
    factors = new float[norm ? out.channels() : 0];
    added = new float[factors.length];
    if (step.operator() instanceof Operator.BatchNorm n) {
      normalization(graph, node, n);
    }
  }

  /** The same arithmetic as in the evaluation of a network that is trained. */
  private void normalization(Graph graph, Node node, Operator.BatchNorm norm) {
    Tensor gamma = graph.parameter(node.parameter(Operator.WEIGHT)).value();
    Tensor beta = graph.parameter(node.parameter(Operator.BIAS)).value();
    Tensor mean = graph.parameter(node.parameter(Operator.BatchNorm.MEAN)).value();
    Tensor variance = graph.parameter(node.parameter(Operator.BatchNorm.VARIANCE)).value();
    for (int c = 0; c < factors.length; c++) {
      factors[c] = gamma.get(0, c) * norm.inverseDeviation(variance.get(0, c));
      added[c] = Math.fma(-mean.get(0, c), factors[c], beta.get(0, c));
    }
  }

  /** Computes the maps of so many images. */
  void run(int images) {
    if (convolution != null) {
      convolution.forward(images, x, weight, null, null, null, bias, step.relu(), y);
    } else {
      workers.run(Planes.groups(images) * out.channels(), this);
    }
  }

  @Override
  public void compute(int row) {
    int n = out.pixels() * Planes.LANES;
    float[] from = x.data();
    float[] to = y.data();
    int yo = y.row(row);
    switch (step.operator()) {
      case Operator.BatchNorm _ -> normalize(row, n);
      case Operator.Relu _ -> Kernels.vector().relu(n, from, x.row(row), to, yo);
      case Operator.Add _ -> {
        Tensor second = other == null ? x : other;
        System.arraycopy(from, x.row(row), to, yo, n);
        Kernels.vector().add(n, second.data(), second.row(row), to, yo);
      }
      case Operator.Shortcut(int _, int stride) -> {
        int channel = row % out.channels();
        if (channel < in.channels()) {
          int xo = x.row(row / out.channels() * in.channels() + channel);
          Kernels.planes().subsample(in.height(), in.width(), stride, from, xo, to, yo);
        } else {
          y.fillRow(row, 0);
        }
      }
      case Operator.MaxPool(int kernel, int stride, int padding) ->
          Kernels.pool()
              .maxPool(in.height(), in.width(), kernel, stride, padding, from, x.row(row), to, yo);
      case Operator.AveragePool(int kernel, int stride, int padding) ->
          Kernels.pool()
              .averagePool(
                  in.height(), in.width(), kernel, stride, padding, from, x.row(row), to, yo);
      case Operator.GlobalAveragePool _ ->
          Kernels.pool().globalAverage(in.pixels(), from, x.row(row), to, yo);
      case null, default -> throw new IllegalStateException(step.name() + " is no step on maps");
    }
  }

  private void normalize(int row, int n) {
    int channel = row % out.channels();
    float factor = factors[channel];
    float shift = added[channel];
    boolean relu = step.relu();
    if (other == null) {
      Kernels.norm().normalize(n, x.data(), x.row(row), factor, shift, relu, y.data(), y.row(row));
    } else {
      Kernels.norm()
          .normalizeAdd(
              n,
              x.data(),
              x.row(row),
              factor,
              shift,
              other.data(),
              other.row(row),
              relu,
              y.data(),
              y.row(row));
    }
  }
}
