package org.espalier.op;

import java.util.List;
import org.espalier.Internal;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An operation with a weight, the place where sparsifying methods act: {@code y = (W⊙m)∗x + b},
 * with the rectifier behind it where there is one. The mask is applied while weights are packed;
 * where whole units are left out, or inputs are silent, only the others are computed.
 */
@Internal
public abstract sealed class WeightedOp implements Operation permits LinearOp, Conv2dOp {
  private final String name;
  private final OperationInput input;
  private final Activation output;
  private final boolean relu;
  private final boolean maskGradient;
  private final Trainable weight;
  private final @Nullable Trainable bias;
  private final EffectiveWeight effective;
  private final @Nullable Tensor keptBias;
  private final int threads;
  private WeightTransform transform = WeightTransform.NONE;
  private long transformNanos;
  private @Nullable StageListener stages;

  // The part of the step that the last forward pass for training was of.
  private boolean firstPart = true;
  private boolean lastPart = true;

  WeightedOp(
      Node node,
      Graph graph,
      OperationInput input,
      Activation output,
      boolean relu,
      boolean maskGradient,
      ThreadPool workers) {
    this.name = node.name();
    this.input = input;
    this.output = output;
    this.relu = relu;
    this.maskGradient = maskGradient;
    Tensor w = graph.parameter(node.parameter(Operator.WEIGHT)).value();
    this.weight = new Trainable(node.parameter(Operator.WEIGHT), w, true);
    boolean hasBias = node.operator() instanceof Operator.Layer layer && layer.bias();
    String biasName = node.parameter(Operator.BIAS);
    this.bias = hasBias ? new Trainable(biasName, graph.parameter(biasName).value(), false) : null;
    this.keptBias = bias == null ? null : Tensor.zeros(bias.value().shape());
    this.effective = new EffectiveWeight(w);
    this.threads = workers.threads();
  }

  /**
   * Computes the output.
   *
   * @param w what to multiply with, before the mask
   * @param keep which of its elements count, or null for all
   * @param units units that have any weights, or null for all
   * @param inputs inputs that are not silent, or null for all
   * @param b what is added, or null
   */
  abstract void compute(
      int batch,
      Tensor w,
      @Nullable BitMask keep,
      @Nullable Subset units,
      @Nullable Subset inputs,
      @Nullable Tensor b);

  /**
   * Turns the gradient of the output into the one in front of the rectifier, in place, and writes
   * the bias's gradient.
   *
   * @param resume whether sums go on from those of the examples before
   * @param db the bias's gradient, or null
   */
  abstract void outputGradient(int batch, boolean resume, @Nullable Tensor db);

  /** Computes the gradient of the input; arguments as of {@link #compute}. */
  abstract void inputGradient(
      int batch,
      Tensor w,
      @Nullable BitMask keep,
      @Nullable Subset units,
      @Nullable Subset inputs,
      Tensor dx);

  /**
   * Computes the gradient of the weight, of units that are kept; what stands in the rows of others
   * doesn't count.
   *
   * @param written entries outside of which +0 must be written, or null for none
   */
  abstract void weightGradient(
      int batch,
      @Nullable BitMask written,
      @Nullable Subset units,
      @Nullable Subset inputs,
      boolean resume,
      Tensor dw);

  /** Returns the multiply-adds of a product over what is left. */
  abstract long work(int batch, @Nullable Subset units, @Nullable Subset inputs);

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
  public final void forward(Phase phase, Clock clock, int batch) {
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
    Subset emitting = effective.emitting();
    Tensor b = bias == null ? null : bias.value();
    if (emitting != null && b != null && keptBias != null) {
      keptBias.copyFrom(b);
      keep(keptBias, emitting);
      b = keptBias;
    }
    Subset units = left(effective.units());
    Subset inputs = silentInputs();
    compute(batch, effective.value(), effective.keep(), units, inputs, b);
    output.emitting(left(emitting));
    output.computed(units == null ? left(emitting) : units);
    ended(Stage.FORWARD, work(batch, units, inputs));
  }

  /** Returns a subset if it leaves out anything. */
  private static @Nullable Subset left(@Nullable Subset subset) {
    return subset == null || subset.isAll() ? null : subset;
  }

  /** Returns the inputs that are not silent, if some are and leaving them out is possible. */
  private @Nullable Subset silentInputs() {
    boolean wholeRows = effective.keep() == null || effective.units() != null;
    return wholeRows ? left(input.activation().emitting()) : null;
  }

  @Override
  public final void backward(int batch) {
    Tensor db = bias == null ? null : bias.gradient();
    outputGradient(batch, !firstPart, db);
    Subset emitting = effective.emitting();
    if (emitting != null && db != null) {
      keep(db, emitting);
    }
    BitMask keep = effective.keep();
    Subset units = left(effective.units());
    if (units != null && keep != null) {
      weight.mask(keep, units);
    } else {
      weight.mask(keep);
    }
    ended(Stage.OUTPUT_GRADIENT, 0);
    Subset inputs = silentInputs();
    Tensor dx = input.gradient();
    if (dx != null) {
      inputGradient(batch, effective.value(), keep, units, inputs, dx);
      ended(Stage.INPUT_GRADIENT, work(batch, units, inputs));
    }
    Tensor dw = weight.gradient();
    weightGradient(batch, maskGradient ? keep : null, units, inputs, !firstPart, dw);
    if (maskGradient && units != null) {
      for (int r = 0; r < dw.rows(); r++) {
        if (!units.bits().get(0, r)) {
          dw.fillRow(r, 0);
        }
      }
    }
    ended(Stage.WEIGHT_GRADIENT, work(batch, units, inputs));
    if (lastPart) {
      transform.backward(weight);
    }
  }

  private static void keep(Tensor vector, Subset units) {
    long[] words = units.bits().words();
    Kernels.vector().keep(vector.cols(), vector.data(), vector.row(0), words, 0, 1f);
  }

  @Override
  public Activation output() {
    return output;
  }

  /** Returns the layer's input. */
  public Activation input() {
    return input.activation();
  }

  /** Returns whether this layer's part of the input's gradient is added to what stands there. */
  boolean addsToInputGradient() {
    return input.adds();
  }

  /** Returns whether a rectifier is part of this operation. */
  public boolean relu() {
    return relu;
  }

  @Override
  public List<Trainable> trainables() {
    return bias == null ? List.of(weight) : List.of(weight, bias);
  }
}
