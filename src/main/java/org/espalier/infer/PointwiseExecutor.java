package org.espalier.infer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.PointwiseKernels;
import org.espalier.model.Elementwise;
import org.espalier.model.Step;
import org.espalier.reference.ReferenceKernel;
import org.espalier.tensor.Shape;

/**
 * {@link ConvStep.Pointwise} at work, a channel at a time: by {@link PointwiseKernels} where they
 * have the function, else by the plain loops that are its specification.
 */
final class PointwiseExecutor extends ConvExecutor {
  private final Function function;

  /** For each operand, where it is. */
  private final float[][] data;

  /** By channel, where each operand begins. */
  private final int[][] offsets;

  /** What is computed of a channel, with operands that are read as {@code periods} says. */
  private interface Function {
    void compute(float[][] x, int[] xo, float[] y, int yo);
  }

  PointwiseExecutor(ConvStep.Pointwise layer, List<FeatureMaps> inputs, FeatureMaps y) {
    super(y);
    List<ConvStep.Operand> operands = layer.operands();
    data = new float[operands.size()][];
    int[] periods = new int[data.length];
    for (int i = 0; i < data.length; i++) {
      switch (operands.get(i)) {
        case ConvStep.Operand.Maps(int input, boolean pixel) -> {
          data[i] = inputs.get(input).data();
          periods[i] = pixel ? y.planes().lanes() : 0;
        }
        case ConvStep.Operand.Channels(float[] values) -> {
          data[i] = values;
          periods[i] = 1;
        }
      }
    }
    offsets = new int[y.planes().channels()][data.length];
    for (int c = 0; c < offsets.length; c++) {
      for (int i = 0; i < data.length; i++) {
        offsets[c][i] =
            switch (operands.get(i)) {
              case ConvStep.Operand.Maps(int input, boolean _) -> inputs.get(input).first(c);
              case ConvStep.Operand.Channels _ -> c;
            };
      }
    }
    function = function(layer, y.planes().span(), periods, y.planes().lanes());
  }

  private static Function function(ConvStep.Pointwise layer, int n, int[] periods, int lanes) {
    PointwiseKernels kernels = Kernels.pointwise();
    Optional<Function> vectors =
        switch (layer.operator()) {
          case Elementwise.Activation activation -> unary(kernels, activation, n);
          case Elementwise.Binary binary -> binary(kernels, binary, n, periods[0], periods[1]);
          case Elementwise.Where _ -> Optional.empty();
        };
    return vectors.orElseGet(() -> loops(layer, n, periods, lanes));
  }

  private static Optional<Function> unary(
      PointwiseKernels k, Elementwise.Activation activation, int n) {
    Optional<Clamp> clamp = Step.clamp(activation);
    if (clamp.isPresent()) {
      Clamp bounds = clamp.get();
      return Optional.of((x, xo, y, yo) -> Kernels.vector().clamp(n, bounds, x[0], xo[0], y, yo));
    }
    float a = activation.a();
    float b = activation.b();
    return switch (activation.function()) {
      case LEAKY_RELU -> Optional.of((x, xo, y, yo) -> k.leakyRelu(n, a, x[0], xo[0], y, yo));
      case HARD_SIGMOID ->
          Optional.of((x, xo, y, yo) -> k.hardSigmoid(n, a, b, x[0], xo[0], y, yo));
      case HARD_SWISH -> Optional.of((x, xo, y, yo) -> k.hardSwish(n, x[0], xo[0], y, yo));
      case SIGMOID -> Optional.of((x, xo, y, yo) -> k.sigmoid(n, x[0], xo[0], y, yo));
      case SWISH -> Optional.of((x, xo, y, yo) -> k.swish(n, a, x[0], xo[0], y, yo));
      default -> Optional.empty();
    };
  }

  private static Optional<Function> binary(
      PointwiseKernels k, Elementwise.Binary binary, int n, int p, int q) {
    return switch (binary.function()) {
      case ADD -> Optional.of((x, xo, y, yo) -> k.add(n, x[0], xo[0], p, x[1], xo[1], q, y, yo));
      case SUB ->
          Optional.of((x, xo, y, yo) -> k.subtract(n, x[0], xo[0], p, x[1], xo[1], q, y, yo));
      case MUL ->
          Optional.of((x, xo, y, yo) -> k.multiply(n, x[0], xo[0], p, x[1], xo[1], q, y, yo));
      case DIV -> Optional.of((x, xo, y, yo) -> k.divide(n, x[0], xo[0], p, x[1], xo[1], q, y, yo));
      case PRELU ->
          Optional.of((x, xo, y, yo) -> k.prelu(n, x[0], xo[0], p, x[1], xo[1], q, y, yo));
      default -> Optional.empty();
    };
  }

  private static Function loops(ConvStep.Pointwise layer, int n, int[] periods, int lanes) {
    List<Shape> shapes = new ArrayList<>();
    for (int period : periods) {
      shapes.add(
          period == 0
              ? Shape.of(n / lanes, lanes)
              : period == lanes ? Shape.of(1, lanes) : Shape.of(1, 1));
    }
    ReferenceKernel kernel =
        ReferenceKernel.of(
            layer.operator(),
            shapes,
            role -> {
              throw new IllegalStateException(layer.name() + " has no parameter " + role);
            });
    return kernel::compute;
  }

  @Override
  void compute(int from, int to) {
    for (int c = from; c < to; c++) {
      function.compute(data, offsets[c], y.data(), y.first(c));
      y.clearBorder(c);
    }
  }
}
