package org.espalier.op;

import java.util.List;
import org.espalier.kernel.Gemm;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@code Y = X·(W⊙m)ᵀ + b}, with the rectifier behind it where there is one: {@code X [batch][in]},
 * {@code W [out][in]}, {@code Y [batch][out]}. The mask is applied while panels of W are packed;
 * where whole units are left out, or inputs are silent, only the others are computed.
 */
public final class LinearOperation implements Operation {
  private final String name;
  private final Activation input;
  private final Activation output;
  private final boolean relu;
  private final boolean maskGradient;
  private final Trainable weight;
  private final Trainable bias;
  private final EffectiveWeight effective;
  private final Tensor keptBias;
  private final Gemm forward;
  private final Gemm inputGradient;
  private final Gemm weightGradient;
  private final Gemm maskedWeightGradient;
  private final KeptUnits keptUnits;
  private final OutputGradient outputGradient;
  private final int threads;
  private WeightTransform transform = WeightTransform.NONE;
  private long transformNanos;
  private @Nullable StageListener stages;

  // The part of the step that the last forward pass for training was of.
  private boolean firstPart = true;
  private boolean lastPart = true;

  LinearOperation(
      Node node,
      Activation input,
      Activation output,
      boolean relu,
      Tensor weight,
      Tensor bias,
      boolean maskGradient,
      Scratch scratch,
      Workers workers) {
    this.name = node.name();
    this.input = input;
    this.output = output;
    this.relu = relu;
    this.maskGradient = maskGradient;
    this.weight = new Trainable(node.parameter(Operator.Linear.WEIGHT), weight, true);
    this.bias = new Trainable(node.parameter(Operator.Linear.BIAS), bias, false);
    this.effective = new EffectiveWeight(weight);
    this.keptBias = Tensor.zeros(bias.shape());
    this.forward =
        new Gemm(workers, Gemm.Form.NT, relu ? Gemm.Epilogue.BIAS_RELU : Gemm.Epilogue.BIAS);
    this.inputGradient = new Gemm(workers, Gemm.Form.NN, Gemm.Epilogue.NONE);
    this.weightGradient = new Gemm(workers, Gemm.Form.TN, Gemm.Epilogue.NONE);
    this.maskedWeightGradient = new Gemm(workers, Gemm.Form.TN, Gemm.Epilogue.MASK);
    this.keptUnits = new KeptUnits(weight, relu, scratch, workers);
    this.outputGradient = new OutputGradient(output, relu, this.bias.gradient(), workers);
    this.threads = workers.threads();
  }

  void transform(WeightTransform transform) {
    this.transform = transform;
    weight.watcher(transform);
  }

  /** Sets who is told of the stages of forward and backward, or null for nobody. */
  void listen(@Nullable StageListener listener) {
    stages = listener;
  }

  private void ended(Stage stage, long multiplyAdds) {
    if (stages != null) {
      stages.ended(name, stage, multiplyAdds);
    }
  }

  /** Returns how many multiply-adds a product over what is left takes. */
  private long work(int batch, @Nullable Subset units, @Nullable Subset inputs) {
    Tensor w = effective.value();
    long n = units == null ? w.rows() : units.count();
    return batch * n * (inputs == null ? w.cols() : inputs.count());
  }

  /** Returns the time that deciding the effective weight has taken so far. */
  long transformNanos() {
    return transformNanos + weight.watcherNanos() / threads;
  }

  /** Returns the node's name. */
  public String name() {
    return name;
  }

  /** Returns the weight. */
  public Trainable weight() {
    return weight;
  }

  @Override
  public void forward(Phase phase, Clock clock, int batch) {
    if (phase == Phase.TRAIN) {
      firstPart = clock.isFirstPart();
      lastPart = clock.isLastPart();
    }
    if (phase != Phase.TRAIN || firstPart) {
      long start = System.nanoTime();
      transform.prepare(phase, clock, effective);
      transformNanos += System.nanoTime() - start;
      ended(Stage.PREPARE, 0);
    }
    Tensor w = effective.value();
    Tensor b = bias.value();
    BitMask units = effective.keepUnits();
    if (units != null) {
      keptBias.copyFrom(b);
      keep(keptBias, units);
      b = keptBias;
    }
    Subset kept = left(effective.units());
    Subset inputs = silentInputs();
    if (kept == null && inputs == null) {
      forward.run(
          batch, w.rows(), w.cols(), input.value(), w, effective.keep(), output.value(), b, null);
    } else {
      keptUnits.forward(batch, input.value(), w, b, kept, inputs, output.value());
    }
    output.emitting(units == null ? null : kept);
    ended(Stage.FORWARD, work(batch, kept, inputs));
  }

  /** Returns a subset if it leaves out anything. */
  private static @Nullable Subset left(@Nullable Subset subset) {
    return subset == null || subset.isAll() ? null : subset;
  }

  /** Returns the inputs that are not silent, if some are and leaving them out is possible. */
  private @Nullable Subset silentInputs() {
    boolean wholeRows = effective.keep() == null || effective.units() != null;
    return wholeRows ? left(input.emitting()) : null;
  }

  @Override
  public void backward(int batch) {
    Tensor dy = output.requiredGradient();
    outputGradient.run(batch, !firstPart);
    Tensor db = bias.gradient();
    BitMask units = effective.keepUnits();
    if (units != null) {
      keep(db, units);
    }
    BitMask keep = effective.keep();
    Subset kept = left(effective.units());
    if (kept != null && keep != null) {
      weight.mask(keep, kept);
    } else {
      weight.mask(keep);
    }
    ended(Stage.OUTPUT_GRADIENT, 0);
    Subset inputs = silentInputs();
    if (kept == null && inputs == null) {
      wholeGradients(batch, dy, keep);
    } else {
      keptGradients(batch, dy, kept, inputs);
    }
    if (lastPart) {
      transform.backward(weight);
    }
  }

  private void wholeGradients(int batch, Tensor dy, @Nullable BitMask keep) {
    Tensor w = effective.value();
    Tensor dx = input.gradient();
    if (dx != null) {
      inputGradient.run(batch, w.cols(), w.rows(), dy, w, keep, dx, null, null);
      ended(Stage.INPUT_GRADIENT, work(batch, null, null));
    }
    BitMask written = maskGradient ? keep : null;
    Gemm product = written == null ? weightGradient : maskedWeightGradient;
    Tensor dw = weight.gradient();
    product.resume(!firstPart);
    product.run(w.rows(), w.cols(), batch, dy, input.value(), null, dw, null, written);
    ended(Stage.WEIGHT_GRADIENT, work(batch, null, null));
  }

  private void keptGradients(
      int batch, Tensor dy, @Nullable Subset units, @Nullable Subset inputs) {
    Tensor w = effective.value();
    Tensor dx = input.gradient();
    Tensor dys = keptUnits.outputGradient(batch, dy, units);
    if (dx != null) {
      keptUnits.inputGradient(batch, dys, w, units, inputs, dx);
      ended(Stage.INPUT_GRADIENT, work(batch, units, inputs));
    }
    Tensor dw = weight.gradient();
    keptUnits.weightGradient(batch, dys, input.value(), units, inputs, !firstPart, dw);
    if (maskGradient && units != null) {
      for (int r = 0; r < dw.rows(); r++) {
        if (!units.bits().get(0, r)) {
          dw.fillRow(r, 0);
        }
      }
    }
    ended(Stage.WEIGHT_GRADIENT, work(batch, units, inputs));
  }

  private static void keep(Tensor vector, BitMask units) {
    Kernels.vector()
        .keep(vector.cols(), vector.data(), vector.row(0), units.words(), units.row(0), 1f);
  }

  @Override
  public Activation output() {
    return output;
  }

  /** Returns the layer's input. */
  public Activation input() {
    return input;
  }

  /** Returns whether a rectifier is part of this operation. */
  public boolean relu() {
    return relu;
  }

  @Override
  public List<Trainable> trainables() {
    return List.of(weight, bias);
  }
}
