package org.espalier.op;

import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** The sum of two branches, where no normalisation has taken it over. */
final class AddOp implements Operation, ThreadPool.Pieces {
  private final OperationInput first;
  private final OperationInput second;
  private final Activation output;
  private final ThreadPool workers;
  private final ThreadPool.Pieces backward = this::backwardOf;

  AddOp(OperationInput first, OperationInput second, Activation output, ThreadPool workers) {
    this.first = first;
    this.second = second;
    this.output = output;
    this.workers = workers;
  }

  @Override
  public void forward(Phase phase, Clock clock, int batch) {
    workers.run(output.rows(batch), this);
  }

  @Override
  public void compute(int row) {
    Tensor a = first.value();
    Tensor b = second.value();
    Tensor y = output.value();
    System.arraycopy(a.data(), a.row(row), y.data(), y.row(row), y.cols());
    Kernels.vector().add(y.cols(), b.data(), b.row(row), y.data(), y.row(row));
  }

  @Override
  public void backward(int batch) {
    workers.run(output.rows(batch), backward);
  }

  private void backwardOf(int row) {
    Tensor dy = output.requiredGradient();
    first.hand(dy, row, row + 1);
    second.hand(dy, row, row + 1);
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
