package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.train.SgdOptions;
import org.jspecify.annotations.Nullable;

/**
 * A multi-layer perceptron trained by libtorch as its users write it: linear modules, autograd, its
 * own optimiser; with targeted weight dropout, the weights of all layers but the last are
 * multiplied by a mask first.
 */
final class TorchMlp {
  private final Module module = new Module();
  private final List<LinearImpl> layers = new ArrayList<>();
  private final List<@Nullable TorchMask> masks = new ArrayList<>();
  private final SGD sgd;

  /**
   * Copies the parameters of a perceptron.
   *
   * @param rate the learning rate
   * @param method the masks, or null for plain training
   */
  TorchMlp(Graph graph, float rate, SgdOptions options, @Nullable TargetedWeightDropout method) {
    List<Node> nodes =
        graph.nodes().stream().filter(n -> n.operator() instanceof Operator.Linear).toList();
    for (Node node : nodes) {
      var weight = graph.parameter(node.parameter(Operator.Linear.WEIGHT)).value();
      var bias = graph.parameter(node.parameter(Operator.Linear.BIAS)).value();
      var layer = new LinearImpl(weight.cols(), weight.rows());
      layer.weight().data().copy_(Torch.tensor(weight));
      layer.bias().data().copy_(Torch.tensor(bias));
      module.register_module(node.name(), layer);
      layers.add(layer);
      boolean masked = method != null && node != nodes.getLast();
      masks.add(masked ? method.torchMask(weight.cols()) : null);
    }
    var sgdOptions = new SGDOptions(rate);
    sgdOptions.momentum().put(options.momentum());
    sgdOptions.nesterov().put(options.nesterov());
    sgd = new SGD(module.parameters(), sgdOptions);
  }

  /**
   * Trains on one batch.
   *
   * @return the loss before the step
   */
  double run(Tensor x, Tensor labels) {
    try (var _ = new PointerScope()) {
      sgd.zero_grad();
      Tensor y = x;
      for (int i = 0; i < layers.size(); i++) {
        y = forward(layers.get(i), masks.get(i), i == 0 ? y : y.relu());
      }
      Tensor loss = torch.cross_entropy(y, labels);
      loss.backward();
      sgd.step();
      return loss.item_float();
    }
  }

  private static Tensor forward(LinearImpl layer, @Nullable TorchMask mask, Tensor x) {
    if (mask == null) {
      return layer.forward(x);
    }
    try (Tensor keep = mask.keep(layer.weight())) {
      return torch.linear(x, layer.weight().mul(keep), layer.bias());
    }
  }
}
