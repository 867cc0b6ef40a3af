package org.espalier.op;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.conv.Convolution;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A convolution of feature maps; see {@link Convolution} for the order of its sums. */
final class Conv2dOp extends WeightedOp {
  private final ConvGeometry geometry;
  private final Convolution convolution;

  /** Threads over the channels of the output's gradient. */
  private final ThreadPool workers;

  private final ThreadPool.Pieces rectifierBackward = this::rectifierBackward;

  Conv2dOp(
      Node node,
      Graph graph,
      ConvGeometry geometry,
      OperationInput input,
      Activation output,
      boolean relu,
      int maxBatch,
      boolean maskGradient,
      ThreadPool workers) {
    super(node, graph, input, output, relu, maskGradient, workers);
    this.geometry = geometry;
    this.convolution = new Convolution(geometry, maxBatch, workers);
    this.workers = workers;
  }

  @Override
  long work(int batch, @Nullable Subset units, @Nullable Subset inputs) {
    double outputs = units == null ? 1 : (double) units.count() / units.size();
    double read = inputs == null ? 1 : (double) inputs.count() / inputs.size();
    return (long) (batch * (double) geometry.multiplyAdds() * outputs * read);
  }

  @Override
  void compute(
      int batch,
      Tensor w,
      @Nullable BitMask keep,
      @Nullable Subset units,
      @Nullable Subset inputs,
      @Nullable Tensor b) {
    Tensor x = input().value();
    convolution.forward(
        batch, x, w, keep, units, inputs, b, Clamp.rectifier(relu()), output().value());
  }

  @Override
  void outputGradient(int batch, boolean resume, @Nullable Tensor db) {
    if (relu()) {
      workers.run(output().rows(batch), rectifierBackward);
    }
    if (db != null) {
      convolution.biasGradient(batch, output().requiredGradient(), resume, db);
    }
  }

  private void rectifierBackward(int row) {
    Tensor y = output().value();
    Tensor dy = output().requiredGradient();
    int at = dy.row(row);
    Kernels.vector().reluBackward(dy.cols(), y.data(), y.row(row), dy.data(), at, dy.data(), at);
  }

  @Override
  void inputGradient(
      int batch,
      Tensor w,
      @Nullable BitMask keep,
      @Nullable Subset units,
      @Nullable Subset inputs,
      Tensor dx) {
    Tensor dy = output().requiredGradient();
    convolution.inputGradient(batch, dy, w, keep, units, inputs, addsToInputGradient(), dx);
  }

  @Override
  void weightGradient(
      int batch,
      @Nullable BitMask written,
      @Nullable Subset units,
      @Nullable Subset inputs,
      boolean resume,
      Tensor dw) {
    Tensor dy = output().requiredGradient();
    convolution.weightGradient(batch, dy, input().value(), units, inputs, resume, dw);
    if (written != null) {
      Kernels.gemm()
          .mask(
              dw.rows(),
              dw.cols(),
              written.words(),
              written.row(0),
              written.wordsPerRow(),
              0,
              dw.data(),
              dw.row(0),
              dw.ld());
    }
  }
}
