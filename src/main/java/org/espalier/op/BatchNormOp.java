package org.espalier.op;

import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.NormKernels;
import org.espalier.model.BatchNormAffine;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation, with the addition of a residual branch and the rectifier behind it where
 * they are: {@code y = act(γ·(x − μ)/√(σ² + ε) + β + r)}. In training μ and σ² are the batch's, in
 * evaluation the running ones.
 *
 * <p>A channel whose weights were all dropped is constant: without bias its mean and variance are 0
 * and what it emits is β, in training and, so that a network means the same then, in evaluation; or
 * nothing, if the method says so. Its running statistics stay as they are. A channel takes one
 * thread, and its sums are cut at groups of sixteen images.
 */
final class BatchNormOp implements Operation, ThreadPool.Pieces {
  private final NormKernels kernels = Kernels.norm();
  private final Operator.BatchNorm operator;
  private final OperationInput input;
  private final @Nullable OperationInput residual;
  private final boolean relu;
  private final Activation output;
  private final Nchw16n planes;
  private final Trainable scale;
  private final Trainable shift;
  private final Tensor runningMean;
  private final Tensor runningVariance;
  private final ThreadPool workers;
  private final ThreadPool.Pieces backward = this::backwardOf;

  // Of the batch, for each channel.
  private final float[] means;
  private final float[] inverseDeviations;

  /** Two results of a kernel for each channel. */
  private final float[] results;

  private Phase phase = Phase.TRAIN;
  private boolean firstPart = true;

  /** Passes of {@link Phase#RECALIBRATE} so far. */
  private long recalibrations;

  private int images;
  private @Nullable Subset computed;
  private boolean silent;

  BatchNormOp(
      Node node,
      Operator.BatchNorm operator,
      Graph graph,
      OperationInput input,
      @Nullable OperationInput residual,
      boolean relu,
      Activation output,
      ThreadPool workers) {
    this.operator = operator;
    this.input = input;
    this.residual = residual;
    this.relu = relu;
    this.output = output;
    this.planes = output.requiredPlanes();
    this.scale = trainable(graph, node.parameter(Operator.WEIGHT));
    this.shift = trainable(graph, node.parameter(Operator.BIAS));
    this.runningMean = graph.parameter(node.parameter(Operator.BatchNorm.MEAN)).value();
    this.runningVariance = graph.parameter(node.parameter(Operator.BatchNorm.VARIANCE)).value();
    this.workers = workers;
    int channels = operator.channels();
    means = new float[channels];
    inverseDeviations = new float[channels];
    results = new float[2 * channels];
  }

  private static Trainable trainable(Graph graph, String name) {
    return new Trainable(name, graph.parameter(name).value(), false);
  }

  @Override
  public void forward(Phase pass, Clock clock, int batch) {
    phase = pass;
    images = batch;
    if (pass == Phase.TRAIN) {
      firstPart = clock.isFirstPart();
    } else if (pass == Phase.RECALIBRATE) {
      recalibrations++;
    }
    Activation in = input.activation();
    computed = in.computed();
    silent = in.emitting() != null;
    output.emitting(residual == null ? in.emitting() : null);
    workers.run(operator.channels(), this);
  }

  /** Normalises a channel. */
  @Override
  public void compute(int channel) {
    float gamma = scale.value().get(0, channel);
    float beta = shift.value().get(0, channel);
    if (computed != null && !computed.bits().get(0, channel)) {
      write(channel, 0, silent ? 0 : beta);
      return;
    }
    float mean;
    float inverse;
    if (phase == Phase.TRAIN || phase == Phase.RECALIBRATE) {
      measure(channel);
      mean = means[channel];
      inverse = inverseDeviations[channel];
    } else {
      mean = runningMean.get(0, channel);
      inverse = operator.inverseDeviation(runningVariance.get(0, channel));
    }
    float factor = BatchNormAffine.scale(gamma, inverse);
    write(channel, factor, BatchNormAffine.shift(mean, factor, beta));
  }

  /**
   * Takes mean and variance of a channel over the batch, and lets the running ones follow. Groups
   * of images are merged in order by their deviations (Chan, Golub and LeVeque 1979), in double
   * precision.
   */
  private void measure(int channel) {
    Tensor x = input.value();
    double n = 0;
    double mean = 0;
    double deviations = 0;
    for (int g = 0; g < Nchw16n.groups(images); g++) {
      int lanes = Nchw16n.lanes(images, g);
      int row = x.row(g * planes.channels() + channel);
      kernels.moments(planes.pixels(), lanes, x.data(), row, results, 2 * channel);
      double more = (double) planes.pixels() * lanes;
      double apart = results[2 * channel] - mean;
      deviations += results[2 * channel + 1] + apart * apart * (n * more / (n + more));
      mean += apart * (more / (n + more));
      n += more;
    }
    means[channel] = (float) mean;
    inverseDeviations[channel] = operator.inverseDeviation(deviations / n);
    follow(runningMean, channel, mean);
    follow(runningVariance, channel, n > 1 ? deviations / (n - 1) : 0);
  }

  private void follow(Tensor running, int channel, double now) {
    double before = running.get(0, channel);
    double kept = phase == Phase.TRAIN ? operator.momentum() : 1 - 1.0 / recalibrations;
    running.set(0, channel, (float) (kept * before + (1 - kept) * now));
  }

  private void write(int channel, float factor, float added) {
    Tensor x = input.value();
    Tensor y = output.value();
    int n = planes.pixels() * Nchw16n.LANES;
    for (int g = 0; g < Nchw16n.groups(images); g++) {
      int r = g * planes.channels() + channel;
      if (residual == null) {
        kernels.normalize(
            n, x.data(), x.row(r), factor, added, Clamp.rectifier(relu), y.data(), y.row(r));
      } else {
        Tensor other = residual.value();
        kernels.normalizeAdd(
            n,
            x.data(),
            x.row(r),
            factor,
            added,
            other.data(),
            other.row(r),
            Clamp.rectifier(relu),
            y.data(),
            y.row(r));
      }
    }
  }

  @Override
  public void backward(int batch) {
    workers.run(operator.channels(), backward);
  }

  private void backwardOf(int channel) {
    boolean constant = computed != null && !computed.bits().get(0, channel);
    Tensor x = input.value();
    Tensor y = output.value();
    Tensor dy = output.requiredGradient();
    double sum = 0;
    double withX = 0;
    for (int g = 0; g < Nchw16n.groups(images); g++) {
      int r = g * planes.channels() + channel;
      kernels.backwardSums(
          planes.pixels(),
          Nchw16n.lanes(images, g),
          relu,
          x.data(),
          x.row(r),
          constant ? 0 : means[channel],
          y.data(),
          y.row(r),
          dy.data(),
          dy.row(r),
          results,
          2 * channel);
      sum += results[2 * channel];
      withX += results[2 * channel + 1];
      if (residual != null) {
        residual.hand(dy, r, r + 1);
      }
    }
    float inverse = inverseDeviations[channel];
    add(scale, channel, constant ? 0 : withX * inverse);
    add(shift, channel, constant && silent ? 0 : sum);
    Tensor dx = input.gradient();
    if (dx == null || constant) {
      return; // nobody reads the gradient of a constant
    }
    double n = (double) images * planes.pixels();
    double factor = (double) scale.value().get(0, channel) * inverse;
    double slope = -factor * inverse * inverse * withX / n;
    float a = (float) factor;
    float b = (float) slope;
    float c = (float) (-factor * sum / n - slope * means[channel]);
    for (int g = 0; g < Nchw16n.groups(images); g++) {
      int r = g * planes.channels() + channel;
      kernels.backward(
          planes.pixels() * Nchw16n.LANES,
          x.data(),
          x.row(r),
          dy.data(),
          dy.row(r),
          a,
          b,
          c,
          input.adds(),
          dx.data(),
          dx.row(r));
    }
  }

  private void add(Trainable parameter, int channel, double value) {
    Tensor gradient = parameter.gradient();
    gradient.set(0, channel, (float) (firstPart ? value : gradient.get(0, channel) + value));
  }

  @Override
  public Activation output() {
    return output;
  }

  @Override
  public List<Trainable> trainables() {
    return List.of(scale, shift);
  }
}
