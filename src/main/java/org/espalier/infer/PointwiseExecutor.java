package org.espalier.infer;

import java.util.ArrayList;
import java.util.List;
import org.espalier.reference.ReferenceKernel;
import org.espalier.tensor.Shape;

/** {@link ConvStep.Pointwise} at work, a channel at a time. */
final class PointwiseExecutor extends ConvExecutor {
  private final ReferenceKernel kernel;

  /** For each operand, where it is. */
  private final float[][] data;

  /** By channel, where each operand begins. */
  private final int[][] offsets;

  PointwiseExecutor(ConvStep.Pointwise layer, List<FeatureMaps> inputs, FeatureMaps y) {
    super(y);
    List<ConvStep.Operand> operands = layer.operands();
    data = new float[operands.size()][];
    int lanes = y.planes().lanes();
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < data.length; i++) {
      switch (operands.get(i)) {
        case ConvStep.Operand.Maps(int input, boolean pixel) -> {
          data[i] = inputs.get(input).data();
          shapes.add(Shape.of(pixel ? 1 : y.planes().span() / lanes, lanes));
        }
        case ConvStep.Operand.Channels(float[] values) -> {
          data[i] = values;
          shapes.add(Shape.of(1, 1));
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
    kernel =
        ReferenceKernel.of(
            layer.operator(),
            shapes,
            role -> {
              throw new IllegalStateException(layer.name() + " has no parameter " + role);
            });
  }

  @Override
  void compute(int from, int to) {
    for (int c = from; c < to; c++) {
      kernel.compute(data, offsets[c], y.data(), y.first(c));
      y.planes().clearBorder(y.data(), c);
    }
  }
}
