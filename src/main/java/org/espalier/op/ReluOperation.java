package org.espalier.op;

import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.tensor.Tensor;

/** A rectifier that no layer before it has taken over: {@code y = x <= 0 ? 0 : x}. */
final class ReluOperation implements Operation {
  private final Activation input;
  private final Activation output;

  ReluOperation(Activation input, Activation output) {
    this.input = input;
    this.output = output;
  }

  @Override
  public void forward(Phase phase, Clock clock, int batch) {
    Tensor x = input.value();
    Tensor y = output.value();
    for (int r = 0; r < batch; r++) {
      Kernels.vector().relu(x.cols(), x.data(), x.row(r), y.data(), y.row(r));
    }
  }

  @Override
  public void backward(int batch) {
    Tensor dx = input.gradient();
    if (dx == null) {
      return;
    }
    Tensor y = output.value();
    Tensor dy = output.requiredGradient();
    for (int r = 0; r < batch; r++) {
      Kernels.vector()
          .reluBackward(y.cols(), y.data(), y.row(r), dy.data(), dy.row(r), dx.data(), dx.row(r));
    }
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
