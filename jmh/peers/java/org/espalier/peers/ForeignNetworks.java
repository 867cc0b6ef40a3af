package org.espalier.peers;

import java.util.List;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Window;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;

/**
 * Networks as exporters leave them: normalisations folded into the convolutions, which have biases,
 * and six-bounded rectifiers as {@code Clip}. Parameters are 0.
 */
final class ForeignNetworks {
  private static final int CLASSES = 1000;

  private final Graph.Builder builder;
  private int layers;

  private ForeignNetworks(int pixels) {
    builder = Graph.input(Shape.of(3, pixels, pixels));
  }

  /** Returns ResNet-18 (He et al. 2016) for images of 224 × 224. */
  static Graph resnet18() {
    var net = new ForeignNetworks(224);
    net.conv(64, 7, 2).builder.relu().maxPool(3, 2, 1);
    for (int stage = 0; stage < 4; stage++) {
      for (int block = 0; block < 2; block++) {
        int width = 64 << stage;
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String before = net.builder.last();
        net.conv(width, 3, stride).builder.relu();
        String branch = net.conv(width, 3, 1).builder.last();
        net.builder.from(before);
        if (stride > 1) {
          net.conv(width, 1, stride);
        }
        net.builder.plus(branch).relu();
      }
    }
    return net.end();
  }

  /** Returns a quarter of MobileNetV1 (Howard et al. 2017) for images of 96 × 96. */
  static Graph mobileNetV1() {
    int[][] blocks = { // channels and stride
      {64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1}, {512, 1}, {512, 1},
      {512, 1}, {512, 1}, {1024, 2}, {1024, 1}
    };
    var net = new ForeignNetworks(96);
    net.conv(8, 3, 2).relu6();
    for (int[] block : blocks) {
      net.depthwise(block[1]).relu6().conv(block[0] / 4, 1, 1).relu6();
    }
    return net.end();
  }

  /** Returns MobileNetV2 (Sandler et al. 2018) for images of 224 × 224. */
  static Graph mobileNetV2() {
    int[][] stages = { // expansion, channels, blocks and stride
      {1, 16, 1, 1},
      {6, 24, 2, 2},
      {6, 32, 3, 2},
      {6, 64, 4, 2},
      {6, 96, 3, 1},
      {6, 160, 3, 2},
      {6, 320, 1, 1}
    };
    var net = new ForeignNetworks(224);
    net.conv(32, 3, 2).relu6();
    for (int[] stage : stages) {
      for (int block = 0; block < stage[2]; block++) {
        String before = net.builder.last();
        int channels = net.channels();
        int stride = block == 0 ? stage[3] : 1;
        if (stage[0] > 1) {
          net.conv(channels * stage[0], 1, 1).relu6();
        }
        net.depthwise(stride).relu6().conv(stage[1], 1, 1);
        if (stride == 1 && channels == stage[1]) {
          net.builder.plus(before);
        }
      }
    }
    net.conv(1280, 1, 1).relu6();
    return net.end();
  }

  /** Returns SqueezeNet 1.1 (Iandola et al. 2016) for images of 224 × 224. */
  static Graph squeezeNet() {
    var net = new ForeignNetworks(224);
    net.conv(64, 3, 2).builder.relu().maxPool(3, 2, 0);
    net.fire(16, 64).fire(16, 64).builder.maxPool(3, 2, 0);
    net.fire(32, 128).fire(32, 128).builder.maxPool(3, 2, 0);
    net.fire(48, 192).fire(48, 192).fire(64, 256).fire(64, 256);
    net.conv(CLASSES, 1, 1).builder.relu();
    return net.builder.globalAveragePool().flatten().build();
  }

  /** Returns two hidden layers of 1024 units. */
  static Graph mlp() {
    return Graph.input(Shape.of(784))
        .linear("fc1", 1024)
        .relu()
        .linear("fc2", 1024)
        .relu()
        .linear("logits", 10)
        .build();
  }

  private Graph end() {
    return builder.globalAveragePool().flatten().linear("logits", CLASSES).build();
  }

  private int channels() {
    return Nchw16n.of(builder.shape()).channels();
  }

  private ForeignNetworks conv(int outputs, int kernel, int stride) {
    builder.conv("conv" + ++layers, outputs, kernel, stride, kernel / 2, true);
    return this;
  }

  private ForeignNetworks depthwise(int stride) {
    int n = channels();
    Window window = Window.of(3, 3, stride, 1);
    builder.add("depthwise" + ++layers, new Operator.Conv2d(n, n, window, n, true));
    return this;
  }

  private ForeignNetworks relu6() {
    builder.add("clip" + layers, new Elementwise.Activation(Elementwise.Function.CLIP, 0, 6));
    return this;
  }

  /** A narrow convolution, whose maps one of 1 × 1 and one of 3 × 3 read. */
  private ForeignNetworks fire(int squeezed, int expanded) {
    String narrow = conv(squeezed, 1, 1).builder.relu().last();
    String one = conv(expanded, 1, 1).builder.relu().last();
    builder.from(narrow);
    String three = conv(expanded, 3, 1).builder.relu().last();
    builder.add("fire" + layers, new Movement.Concat(0, 2), List.of(one, three));
    return this;
  }
}
