package org.espalier.op;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.espalier.model.Step;
import org.espalier.tensor.BufferPlan;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The buffers between the operations of a network. In a step of n operations, operation i runs
 * forward at time i and backward at time 2n − i, between them the loss at time n. What it gives is
 * of use until it has run backward; the gradient of that only from the backward pass of the last
 * operation that reads it, so that gradients lie where gradients and values of later operations
 * were.
 */
final class ActivationPlan {
  private final Map<String, Activation> outputs = new HashMap<>();

  private final List<Step> steps;

  /** Names of the steps; any other is that of the network's input. */
  private final Set<String> names;

  private final int maxBatch;
  private final BufferPlan plan = new BufferPlan();
  private final int[] values;
  private final int[] gradients;

  /** By what is read, the last step that does. */
  private final Map<String, Integer> lastReaders = new HashMap<>();

  /** Plans the outputs of steps, each of which comes behind those that it reads. */
  ActivationPlan(List<Step> steps, int maxBatch) {
    this.steps = steps;
    this.names = steps.stream().map(Step::name).collect(Collectors.toUnmodifiableSet());
    this.maxBatch = maxBatch;
    int n = steps.size();
    for (int i = 0; i < n; i++) {
      for (String input : steps.get(i).inputs()) {
        lastReaders.put(input, i);
      }
    }
    values = new int[n];
    gradients = new int[n];
    for (int i = 0; i < n; i++) {
      Step step = steps.get(i);
      int length = length(step, maxBatch);
      boolean last = i == n - 1;
      // The caller may look at the network's output when all is done.
      values[i] = plan.add(length, i, last ? 2 * n + 1 : 2 * n - i);
      if (hasGradient(step)) {
        int reader = lastReaders.getOrDefault(step.name(), n);
        gradients[i] = plan.add(length, last ? n : 2 * n - reader, 2 * n - i);
      }
    }
  }

  /** Allocates the buffers. */
  void allocate() {
    float[][] storage = plan.allocate();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      Tensor value = tensor(step, maxBatch, storage[values[i]]);
      Tensor gradient = hasGradient(step) ? tensor(step, maxBatch, storage[gradients[i]]) : null;
      outputs.put(step.name(), new Activation(value, gradient, step.planes()));
    }
  }

  /** Nobody asks for the gradient of the network's input, in whatever layout. */
  private boolean hasGradient(Step step) {
    return step.operator() != null || names.contains(step.inputs().getFirst());
  }

  private static int length(Step step, int maxBatch) {
    Nchw16n planes = step.planes();
    return planes == null ? Tensor.lengthOf(vectors(step, maxBatch)) : planes.lengthOf(maxBatch);
  }

  private static Tensor tensor(Step step, int maxBatch, float[] storage) {
    @Nullable Nchw16n planes = step.planes();
    return planes == null
        ? Tensor.over(vectors(step, maxBatch), storage)
        : planes.over(maxBatch, storage);
  }

  private static Shape vectors(Step step, int maxBatch) {
    return Shape.of(maxBatch, step.output().size());
  }

  /** Returns the output of a step. */
  Activation output(String step) {
    Activation output = outputs.get(step);
    if (output == null) {
      throw new IllegalArgumentException(step + " is no step of the plan");
    }
    return output;
  }

  /** Returns what the step of a number reads under a name. */
  OperationInput source(String name, int step, Activation input) {
    Activation activation = names.contains(name) ? output(name) : input;
    return new OperationInput(activation, lastReaders.getOrDefault(name, step) != step);
  }

  /** Returns how many floats all buffers take. */
  long floats() {
    return plan.floats();
  }
}
