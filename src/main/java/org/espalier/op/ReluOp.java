package org.espalier.op;

import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** A rectifier that no operation before it has taken over: {@code y = x <= 0 ? 0 : x}. */
final class ReluOp implements Operation, ThreadPool.Pieces {
  private final OperationInput input;
  private final Activation output;
  private final ThreadPool workers;
  private final ThreadPool.Pieces backward = this::backwardOf;

  ReluOp(OperationInput input, Activation output, ThreadPool workers) {
    this.input = input;
    this.output = output;
    this.workers = workers;
  }

  @Override
  public void forward(Phase phase, Clock clock, int batch) {
    output.emitting(input.activation().emitting());
    workers.run(output.rows(batch), this);
  }

  @Override
  public void compute(int row) {
    Tensor x = input.value();
    Tensor y = output.value();
    Kernels.vector().clamp(x.cols(), Clamp.RELU, x.data(), x.row(row), y.data(), y.row(row));
  }

  @Override
  public void backward(int batch) {
    workers.run(output.rows(batch), backward);
  }

  private void backwardOf(int row) {
    Tensor y = output.value();
    Tensor dy = output.requiredGradient();
    int at = dy.row(row);
    Kernels.vector().reluBackward(y.cols(), y.data(), y.row(row), dy.data(), at, dy.data(), at);
    input.hand(dy, row, row + 1);
  }

  @Override
  public Activation output() {
    return output;
  }

  @Override
  public List<Trainable> trainables() {
    return List.of();
  }
}
