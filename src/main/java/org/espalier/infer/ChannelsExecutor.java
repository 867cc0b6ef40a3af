package org.espalier.infer;

import java.util.List;

/** {@link ConvStep.Channels} at work: whole channels are copied, their borders with them. */
final class ChannelsExecutor extends ConvExecutor {
  private final ConvStep.Channels layer;
  private final List<FeatureMaps> inputs;

  ChannelsExecutor(ConvStep.Channels layer, List<FeatureMaps> inputs, FeatureMaps y) {
    super(y);
    this.layer = layer;
    this.inputs = List.copyOf(inputs);
  }

  @Override
  void compute(int from, int to) {
    for (int c = from; c < to; c++) {
      ConvStep.ChannelOf source = layer.channels().get(c);
      FeatureMaps x = inputs.get(source.input());
      System.arraycopy(
          x.data(), x.first(source.channel()), y.data(), y.first(c), y.planes().span());
    }
  }
}
