package org.espalier.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.Node;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * The buffers between the operations of a network. In a step of n operations, operation i runs
 * forward at time i and backward at time 2n − i, between them the loss at time n. What it gives is
 * of use until it has run backward; the gradient of that only from the backward pass of the
 * operation behind, so that gradients lie where gradients and values of later operations were.
 */
final class ActivationPlan {
  private final Map<String, Activation> outputs = new HashMap<>();
  private final long floats;

  /**
   * Plans.
   *
   * @param operations the nodes that become operations, in order, each behind the one before
   */
  ActivationPlan(List<Node> operations, int maxBatch) {
    int n = operations.size();
    BufferPlan plan = new BufferPlan();
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Shape shape = Shape.of(maxBatch, operations.get(i).outputShape().size());
      int length = Tensor.lengthOf(shape);
      boolean last = i == n - 1;
      shapes.add(shape);
      // The caller may look at the network's output when all is done.
      plan.add(length, i, last ? 2 * n + 1 : 2 * n - i);
      plan.add(length, last ? n : 2 * n - i - 1, 2 * n - i);
    }
    float[][] storage = plan.allocate();
    for (int i = 0; i < n; i++) {
      Tensor value = Tensor.over(shapes.get(i), storage[2 * i]);
      Tensor gradient = Tensor.over(shapes.get(i), storage[2 * i + 1]);
      outputs.put(operations.get(i).name(), new Activation(value, gradient));
    }
    floats = Arrays.stream(storage).distinct().mapToLong(s -> s.length).sum();
  }

  /** Returns the output of an operation. */
  Activation output(Node node) {
    Activation output = outputs.get(node.name());
    if (output == null) {
      throw new IllegalArgumentException(node.name() + " is no operation of the plan");
    }
    return output;
  }

  /** Returns how many floats all buffers take. */
  long floats() {
    return floats;
  }
}
