package org.espalier.op;

import java.util.Objects;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** {@code Y = X·(W⊙m)ᵀ + b}: {@code X [batch][in]}, {@code W [out][in]}, {@code Y [batch][out]}. */
final class LinearOp extends WeightedOp {
  private final Gemm forward;
  private final Gemm inputGradient;
  private final Gemm weightGradient;
  private final Gemm maskedWeightGradient;
  private final CompactedGemm keptUnits;
  private final BiasReluBackward outputGradient;

  /** The gradient of the output's columns that count in this pass. */
  private @Nullable Tensor keptGradient;

  /** This layer's part of the input's gradient, where that is added to what stands there. */
  private @Nullable Tensor partOfGradient;

  LinearOp(
      Node node,
      Graph graph,
      OperationInput input,
      Activation output,
      boolean relu,
      boolean maskGradient,
      Scratch scratch,
      ThreadPool workers) {
    super(node, graph, input, output, relu, maskGradient, workers);
    this.forward =
        new Gemm(workers, Gemm.Form.NT, relu ? Gemm.Epilogue.BIAS_RELU : Gemm.Epilogue.BIAS);
    this.inputGradient = new Gemm(workers, Gemm.Form.NN, Gemm.Epilogue.NONE);
    this.weightGradient = new Gemm(workers, Gemm.Form.TN, Gemm.Epilogue.NONE);
    this.maskedWeightGradient = new Gemm(workers, Gemm.Form.TN, Gemm.Epilogue.MASK);
    this.keptUnits = new CompactedGemm(weight().value(), relu, scratch, workers);
    this.outputGradient = new BiasReluBackward(output, relu, workers);
  }

  @Override
  long work(int batch, @Nullable Subset units, @Nullable Subset inputs) {
    Tensor w = weight().value();
    long n = units == null ? w.rows() : units.count();
    return batch * n * (inputs == null ? w.cols() : inputs.count());
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
    Tensor y = output().value();
    Tensor bias = Objects.requireNonNull(b);
    if (units == null && inputs == null) {
      forward.run(batch, w.rows(), w.cols(), x, w, keep, y, bias, null);
    } else {
      keptUnits.forward(batch, x, w, bias, units, inputs, y);
    }
  }

  @Override
  void outputGradient(int batch, boolean resume, @Nullable Tensor db) {
    outputGradient.run(batch, resume, Objects.requireNonNull(db));
    keptGradient = null;
  }

  /** Returns the gradient of the columns that count, closed up. */
  private Tensor kept(int batch, @Nullable Subset units) {
    if (keptGradient == null) {
      keptGradient = keptUnits.outputGradient(batch, output().requiredGradient(), units);
    }
    return keptGradient;
  }

  @Override
  void inputGradient(
      int batch,
      Tensor w,
      @Nullable BitMask keep,
      @Nullable Subset units,
      @Nullable Subset inputs,
      Tensor dx) {
    Tensor part = dx;
    if (addsToInputGradient()) {
      part = Objects.requireNonNullElseGet(partOfGradient, () -> Tensor.zeros(dx.shape()));
      partOfGradient = part;
    }
    if (units == null && inputs == null) {
      Tensor dy = output().requiredGradient();
      inputGradient.run(batch, w.cols(), w.rows(), dy, w, keep, part, null, null);
    } else {
      keptUnits.inputGradient(batch, kept(batch, units), w, units, inputs, part);
    }
    for (int r = 0; part != dx && r < batch; r++) {
      Kernels.vector().add(dx.cols(), part.data(), part.row(r), dx.data(), dx.row(r));
    }
  }

  @Override
  void weightGradient(
      int batch,
      @Nullable BitMask written,
      @Nullable Subset units,
      @Nullable Subset inputs,
      boolean resume,
      Tensor dw) {
    Tensor x = input().value();
    if (units == null && inputs == null) {
      Gemm product = written == null ? weightGradient : maskedWeightGradient;
      Tensor dy = output().requiredGradient();
      product.resume(resume);
      product.run(dw.rows(), dw.cols(), batch, dy, x, null, dw, null, written);
    } else {
      keptUnits.weightGradient(batch, kept(batch, units), x, units, inputs, resume, dw);
    }
  }
}
