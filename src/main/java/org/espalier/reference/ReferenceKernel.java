package org.espalier.reference;

import java.util.List;
import java.util.function.Function;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.tensor.Shape;

/**
 * An operator on the row-major values of one example, by plain loops. It has no state, so several
 * threads may use one at a time.
 */
@FunctionalInterface
public interface ReferenceKernel {
  /**
   * Computes the operator. Allocates nothing, unless sines of numbers beyond 2<sup>20</sup> are
   * asked for.
   *
   * @param inputs arrays that hold the inputs
   * @param inputOffsets where in its array each input begins
   * @param output receives the output, which must not overlap an input
   * @param outputOffset where the output begins
   */
  void compute(float[][] inputs, int[] inputOffsets, float[] output, int outputOffset);

  /**
   * Returns the loops of an operator.
   *
   * @param inputs shapes of its inputs
   * @param parameters the values of the parameter of a role, row-major; asked now, read later
   * @throws IllegalArgumentException if the operator doesn't fit the shapes
   */
  static ReferenceKernel of(
      Operator operator, List<Shape> inputs, Function<String, float[]> parameters) {
    Shape y = operator.outputShape(inputs);
    return switch (operator) {
      case Operator.Linear linear -> ProductLoops.linear(linear, y, parameters);
      case Operator.Conv2d conv -> ConvLoops.conv(conv, inputs.getFirst(), y, parameters);
      case Operator.BatchNorm norm ->
          NormalizationLoops.batchNorm(norm, inputs.getFirst(), parameters);
      case Operator.Relu _ -> ElementwiseLoops.relu(y);
      case Operator.Add _ -> ElementwiseLoops.binary(Elementwise.Arithmetic.ADD, inputs, y);
      case Operator.Shortcut shortcut -> MovementLoops.shortcut(shortcut, inputs.getFirst(), y);
      case Operator.MaxPool pool -> WindowLoops.maxPool(pool, inputs.getFirst(), y);
      case Operator.AveragePool pool -> WindowLoops.averagePool(pool, inputs.getFirst(), y);
      case Operator.GlobalAveragePool _ -> WindowLoops.globalAveragePool(inputs.getFirst());
      case Operator.Flatten _ -> MovementLoops.copy(y);
      case Elementwise.Activation activation -> ElementwiseLoops.activation(activation, y);
      case Elementwise.Binary binary -> ElementwiseLoops.binary(binary.function(), inputs, y);
      case Elementwise.Where _ -> ElementwiseLoops.where(inputs, y);
      case Movement.Concat concat -> MovementLoops.concat(concat, inputs, y);
      case Movement.Slice slice -> MovementLoops.slice(slice, inputs.getFirst());
      case Movement.Gather gather -> MovementLoops.gather(gather, inputs.getFirst());
      case Movement.Pad pad -> MovementLoops.pad(pad, inputs.getFirst(), y);
      case Movement.Transpose transpose -> MovementLoops.transpose(transpose, inputs.getFirst());
      case Movement.Reshape _ -> MovementLoops.copy(y);
      case Movement.Expand _ -> MovementLoops.expand(inputs.getFirst(), y);
      case Movement.Constant _ ->
          MovementLoops.constant(y, parameters.apply(Movement.Constant.VALUE));
      case Reduction.Reduce reduce -> ReductionLoops.reduce(reduce, inputs.getFirst());
      case Reduction.Softmax softmax -> NormalizationLoops.softmax(softmax, inputs.getFirst());
      case Reduction.Standardize standardize ->
          NormalizationLoops.standardize(standardize, inputs.getFirst());
      case Reduction.LocalResponse response ->
          NormalizationLoops.localResponse(response, inputs.getFirst());
      case Reduction.MatMul _ -> ProductLoops.matMul(inputs.getFirst(), inputs.getLast());
      case Resampling.Resize resize -> ResizeLoops.resize(resize, inputs.getFirst(), y);
      case Resampling.ConvTranspose2d conv ->
          ConvLoops.transposed(conv, inputs.getFirst(), y, parameters);
    };
  }
}
