package org.espalier.infer;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.StridedMaps;
import org.espalier.model.Window;
import org.espalier.tensor.PaddedNchw;
import org.jspecify.annotations.Nullable;

/** {@link ConvStep.StridedDepthwise} at work, a channel at a time. */
final class StridedDepthwiseExecutor extends ConvExecutor {
  private final ConvStep.StridedDepthwise layer;
  private final FeatureMaps x;
  private final @Nullable FeatureMaps other;
  private final StridedMaps maps;
  private final int outputsPerMap;
  private final int[] distances;
  private final float[] weight;
  private final float[] bias;

  StridedDepthwiseExecutor(
      ConvStep.StridedDepthwise layer, FeatureMaps x, @Nullable FeatureMaps other, FeatureMaps y) {
    super(y);
    this.layer = layer;
    this.x = x;
    this.other = other;
    PaddedNchw in = x.planes();
    PaddedNchw out = y.planes();
    Window w = layer.operator().window();
    maps =
        new StridedMaps(
            out.lanes(),
            out.height(),
            out.width(),
            in.at(w.strideY(), 0),
            in.at(0, w.strideX()),
            out.at(1, 0));
    outputsPerMap = layer.operator().outputs() / layer.operator().groups();
    distances = new int[w.size()];
    for (int k = 0; k < distances.length; k++) {
      int row = k / w.width() * w.dilationY() - w.top();
      int column = k % w.width() * w.dilationX() - w.left();
      distances[k] = in.at(row, column);
    }
    int last = (out.height() - 1) * w.strideY() + w.rows() - 1 - w.top();
    if (w.top() > in.border() || last >= in.height() + in.border()) {
      throw new IllegalStateException(layer.name() + " reads outside of " + in);
    }
    weight = layer.weight().toArray();
    bias = layer.bias().toArray();
  }

  @Override
  void compute(int from, int to) {
    Kernels.conv()
        .depthwise(
            from,
            to,
            maps,
            outputsPerMap,
            distances.length,
            weight,
            0,
            x.data(),
            x.first(0),
            x.planes().ld(),
            distances,
            bias,
            0,
            other == null ? layer.clamp() : Clamp.NONE,
            y.data(),
            y.first(0),
            y.planes().ld());
    for (int channel = from; other != null && channel < to; channel++) {
      PoolLoops.add(layer.clamp(), y.planes().span(), other, y, channel);
      y.clearBorder(channel);
    }
  }
}
