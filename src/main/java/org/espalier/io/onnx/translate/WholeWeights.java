package org.espalier.io.onnx.translate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/**
 * Layers whose weights are whole numbers, as those of integer arithmetic are. What is added to
 * their sums and by what these are multiplied goes into the layer, so that its weights are the
 * multiples of a scale that the file means.
 */
final class WholeWeights {
  private WholeWeights() {}

  /**
   * Returns a layer that gives what a function makes of another's results.
   *
   * @param operand the function's other operand, the same for all examples
   * @return nothing if the weights aren't whole or the operand isn't one value for each unit
   */
  static Optional<Emitter.Emitted> with(
      Emitter.Emitted emitted, Arithmetic function, Value.Reals operand) {
    Value.Reals weight = emitted.parameters().get(Operator.WEIGHT);
    if (!(emitted.operator() instanceof Operator.Layer layer)
        || weight == null
        || weight.steps().filter(Value.Steps::areOne).isEmpty()
        || (function == Arithmetic.ADD && layer.bias())
        || (function != Arithmetic.ADD && function != Arithmetic.MUL)) {
      return Optional.empty();
    }
    Optional<float[]> units = units(layer, operand);
    if (units.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Value.Reals> parameters = new HashMap<>(emitted.parameters());
    if (function == Arithmetic.ADD) {
      parameters.put(Operator.BIAS, new Value.Reals(Shape.of(units.get().length), units.get()));
    } else {
      parameters.replaceAll((role, values) -> scaled(values, units.get()));
    }
    return Optional.of(
        new Emitter.Emitted(
            function == Arithmetic.ADD ? layer.withBias() : layer,
            emitted.inputs(),
            parameters,
            emitted.node(),
            "",
            emitted.shape()));
  }

  /** Returns an operand's value for each unit, if it is so. */
  private static Optional<float[]> units(Operator.Layer layer, Value.Reals operand) {
    int units = layer.outputs();
    float[] values = operand.values();
    if (values.length == 1) {
      float[] all = new float[units];
      Arrays.fill(all, values[0]);
      return Optional.of(all);
    }
    int[] dims = operand.shape().dims();
    int axis = dims.length - (layer instanceof Operator.Conv2d ? 3 : 1);
    boolean fits = axis >= 0 && dims[axis] == units && values.length == units;
    return fits ? Optional.of(values) : Optional.empty();
  }

  private static Value.Reals scaled(Value.Reals rows, float[] factors) {
    float[] scaled = rows.values().clone();
    int length = scaled.length / factors.length;
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = scaled[i] * factors[i / length] + 0f; // a zero is +0 whatever the factor's sign
    }
    return new Value.Reals(rows.shape(), scaled, new Value.Steps(0, factors));
  }
}
