package org.espalier.op;

import java.util.List;
import java.util.Objects;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.PoolKernels;
import org.espalier.model.Operator;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Tensor;

/**
 * Operators that make of each map of the input one of the output, without parameters: pooling and
 * the parameterless shortcut. A thread takes one map of one group of images at a time.
 */
abstract class PoolAndShortcut implements Operation, ThreadPool.Pieces {
  private final OperationInput input;
  private final Activation output;
  private final ThreadPool workers;
  private final ThreadPool.Pieces backward = this::backwardOf;

  /** The part of the input's gradient, where it is to be added to what stands there. */
  private final Tensor part;

  PoolAndShortcut(OperationInput input, Activation output, int maxBatch, ThreadPool workers) {
    this.input = input;
    this.output = output;
    this.workers = workers;
    this.part =
        input.adds() ? input.activation().requiredPlanes().zeros(maxBatch) : Tensor.zeros(0, 0);
  }

  /** Returns the operation of a pooling. */
  static PoolAndShortcut of(
      Operator.Pool pool,
      OperationInput input,
      Activation output,
      int maxBatch,
      ThreadPool workers) {
    return switch (pool) {
      case Operator.MaxPool max -> new Max(max, input, output, maxBatch, workers);
      case Operator.AveragePool mean -> new Average(mean, input, output, maxBatch, workers);
    };
  }

  /** Computes map {@code to} of the output from map {@code from} of the input. */
  abstract void forward(float[] x, int from, float[] y, int to);

  /** Computes the gradient of a map of the input. */
  abstract void backward(
      float[] x, int xo, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo);

  /** Returns the maps of the input. */
  final Nchw16n in() {
    return input.activation().requiredPlanes();
  }

  /** Returns the maps of the output. */
  final Nchw16n out() {
    return output.requiredPlanes();
  }

  /** Returns the row of the input that becomes a row of the output, or −1 for none. */
  int source(int row) {
    return row;
  }

  @Override
  public final void forward(Phase phase, Clock clock, int batch) {
    boolean same = in().channels() == out().channels();
    output.emitting(same ? input.activation().emitting() : null);
    workers.run(output.rows(batch), this);
  }

  @Override
  public final void compute(int row) {
    Tensor x = input.value();
    Tensor y = output.value();
    int from = source(row);
    if (from < 0) {
      y.fillRow(row, 0);
    } else {
      forward(x.data(), x.row(from), y.data(), y.row(row));
    }
  }

  @Override
  public final void backward(int batch) {
    if (input.gradient() != null) {
      workers.run(output.rows(batch), backward);
    }
  }

  private void backwardOf(int row) {
    int from = source(row);
    if (from < 0) {
      return;
    }
    Tensor x = input.value();
    Tensor y = output.value();
    Tensor dy = output.requiredGradient();
    Tensor dx = input.adds() ? part : Objects.requireNonNull(input.gradient());
    backward(
        x.data(),
        x.row(from),
        y.data(),
        y.row(row),
        dy.data(),
        dy.row(row),
        dx.data(),
        dx.row(from));
    if (input.adds()) {
      input.hand(part, from, from + 1);
    }
  }

  @Override
  public final Activation output() {
    return output;
  }

  @Override
  public final List<Trainable> trainables() {
    return List.of();
  }

  private static final class Max extends PoolAndShortcut {
    private final PoolKernels kernels = Kernels.pool();
    private final Operator.MaxPool pool;

    Max(
        Operator.MaxPool pool,
        OperationInput input,
        Activation output,
        int maxBatch,
        ThreadPool workers) {
      super(input, output, maxBatch, workers);
      this.pool = pool;
    }

    @Override
    void forward(float[] x, int from, float[] y, int to) {
      kernels.maxPool(
          in().height(),
          in().width(),
          pool.window().height(),
          pool.window().strideY(),
          pool.window().top(),
          x,
          from,
          y,
          to);
    }

    @Override
    void backward(float[] x, int xo, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
      kernels.maxPoolBackward(
          in().height(),
          in().width(),
          pool.window().height(),
          pool.window().strideY(),
          pool.window().top(),
          x,
          xo,
          y,
          yo,
          dy,
          dyo,
          dx,
          dxo);
    }
  }

  private static final class Average extends PoolAndShortcut {
    private final PoolKernels kernels = Kernels.pool();
    private final Operator.AveragePool pool;

    Average(
        Operator.AveragePool pool,
        OperationInput input,
        Activation output,
        int maxBatch,
        ThreadPool workers) {
      super(input, output, maxBatch, workers);
      this.pool = pool;
    }

    @Override
    void forward(float[] x, int from, float[] y, int to) {
      kernels.averagePool(
          in().height(),
          in().width(),
          pool.window().height(),
          pool.window().strideY(),
          pool.window().top(),
          x,
          from,
          y,
          to);
    }

    @Override
    void backward(float[] x, int xo, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
      kernels.averagePoolBackward(
          in().height(),
          in().width(),
          pool.window().height(),
          pool.window().strideY(),
          pool.window().top(),
          dy,
          dyo,
          dx,
          dxo);
    }
  }

  /** The mean of each map. */
  static final class GlobalAverage extends PoolAndShortcut {
    GlobalAverage(OperationInput input, Activation output, int maxBatch, ThreadPool workers) {
      super(input, output, maxBatch, workers);
    }

    @Override
    void forward(float[] x, int from, float[] y, int to) {
      Kernels.pool().globalAverage(in().pixels(), x, from, y, to);
    }

    @Override
    void backward(float[] x, int xo, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
      Kernels.pool().globalAverageBackward(in().pixels(), dy, dyo, dx, dxo);
    }
  }

  /** See {@link Operator.Shortcut}. */
  static final class Shortcut extends PoolAndShortcut {
    private final int stride;

    Shortcut(
        int stride, OperationInput input, Activation output, int maxBatch, ThreadPool workers) {
      super(input, output, maxBatch, workers);
      this.stride = stride;
    }

    @Override
    int source(int row) {
      int channel = row % out().channels();
      int group = row / out().channels();
      return channel < in().channels() ? group * in().channels() + channel : -1;
    }

    @Override
    void forward(float[] x, int from, float[] y, int to) {
      Kernels.layout().subsample(in().height(), in().width(), stride, x, from, y, to);
    }

    @Override
    void backward(float[] x, int xo, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
      Kernels.layout().spread(in().height(), in().width(), stride, dy, dyo, dx, dxo);
    }
  }
}
