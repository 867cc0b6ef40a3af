package org.espalier.peers;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.espalier.sparsify.LayerPattern;
import org.espalier.train.SgdOptions;
import org.jspecify.annotations.Nullable;

/**
 * A network trained by libtorch as its users write it: its own operators, autograd, its own
 * optimiser; rectifiers and additions in place, and values let go as soon as nobody needs them.
 * With targeted weight dropout, the weights of the method's layers are multiplied by a mask first.
 */
final class TorchNetwork {
  private final Graph graph;
  private final MemoryFormat format;
  private final Map<String, Tensor> parameters = new HashMap<>();
  private final Map<String, TorchMask> masks = new HashMap<>();
  private final SGD sgd;

  /** By the node whose output is read, the last that does. */
  private final Map<String, Node> lastReaders = new HashMap<>();

  /** Nodes that may write over what they read: nobody else reads it, forward or backward. */
  private final Set<String> inPlace = new HashSet<>();

  /**
   * Copies the parameters of a network.
   *
   * @param rate the learning rate
   * @param method the masks, or null for plain training
   * @param format how feature maps and windows lie
   */
  TorchNetwork(
      Graph graph,
      float rate,
      SgdOptions options,
      @Nullable TargetedWeightDropout method,
      MemoryFormat format) {
    this.graph = graph;
    this.format = format;
    var weights = new TensorVector();
    var others = new TensorVector();
    for (Node node : graph.nodes()) {
      for (Operator.ParameterSpec spec : node.operator().parameters()) {
        String name = node.parameter(spec.role());
        Tensor parameter = parameter(node, graph.parameter(name));
        parameters.put(name, parameter);
        if (spec.kind().isTrained()) {
          parameter.set_requires_grad(true);
          (spec.kind() == Parameter.Kind.WEIGHT ? weights : others).push_back(parameter);
        }
      }
      node.inputs().forEach(input -> lastReaders.put(input, node));
      if (graph.readers(node.input()).size() == 1 && !needsItsOutput(node.input())) {
        inPlace.add(node.name());
      }
    }
    if (method != null) {
      for (String layer : LayerPattern.DEFAULT.select(graph)) {
        var operator = (Operator.Layer) graph.node(layer).orElseThrow().operator();
        masks.put(layer, method.torchMask(operator.fanIn()));
      }
    }
    var sgdOptions = new SGDOptions(rate);
    sgdOptions.momentum().put(options.momentum());
    sgdOptions.nesterov().put(options.nesterov());
    sgdOptions.weight_decay().put(options.weightDecay());
    sgd = new SGD(weights, sgdOptions);
    sgd.add_param_group(new OptimizerParamGroup(others));
    new SGDOptions(sgd.param_groups().back().options()).weight_decay().put(0);
  }

  /** Returns whether the backward pass of a node reads what it computed, or it is the input. */
  private boolean needsItsOutput(String name) {
    return graph.node(name).map(Node::operator).stream()
        .noneMatch(
            o ->
                o instanceof Operator.Layer
                    || o instanceof Operator.BatchNorm
                    || o instanceof Operator.Add);
  }

  private Tensor parameter(Node node, Parameter parameter) {
    Tensor copy = Torch.tensor(parameter.value());
    return node.operator() instanceof Operator.Conv2d conv
            && parameter.kind() == Parameter.Kind.WEIGHT
        ? copy.view(
                -1, conv.inputs() / conv.groups(), conv.window().height(), conv.window().width())
            .contiguous(format)
        : copy;
  }

  /** Returns the outputs of a forward pass for training, packed row by row. */
  float[] logits(Tensor x) {
    try (var _ = new PointerScope()) {
      return Torch.floats(forward(x));
    }
  }

  /**
   * Trains on one batch.
   *
   * @param x an example a row
   * @return the loss before the step
   */
  double run(Tensor x, Tensor labels) {
    try (var _ = new PointerScope()) {
      sgd.zero_grad();
      Tensor loss = torch.cross_entropy(forward(x), labels);
      loss.backward();
      sgd.step();
      return loss.item_float();
    }
  }

  private Tensor forward(Tensor x) {
    Map<String, Tensor> values = new HashMap<>();
    values.put(Graph.INPUT, input(x));
    for (Node node : graph.nodes()) {
      Tensor value = compute(node, values);
      for (String input : node.inputs()) {
        if (Objects.equals(lastReaders.get(input), node)) {
          release(values.remove(input), value);
        }
      }
      values.put(node.name(), value);
    }
    return values.get(graph.nodes().getLast().name());
  }

  /** Lets go of a value, unless the next one was written over it. */
  private static void release(Tensor value, Tensor next) {
    if (value != next) {
      value.close();
    }
  }

  private Tensor input(Tensor x) {
    var dims = graph.inputShape().dims();
    long[] shape =
        LongStream.concat(LongStream.of(-1), IntStream.of(dims).asLongStream()).toArray();
    Tensor maps = x.view(shape);
    return dims.length == 3 ? maps.contiguous(format) : maps;
  }

  private Tensor compute(Node node, Map<String, Tensor> values) {
    Tensor x = values.get(node.input());
    return switch (node.operator()) {
      case Operator.Layer layer -> layer(node, layer, x);
      case Operator.BatchNorm norm ->
          torch.batch_norm(
              x,
              optional(node, Operator.WEIGHT),
              optional(node, Operator.BIAS),
              optional(node, Operator.BatchNorm.MEAN),
              optional(node, Operator.BatchNorm.VARIANCE),
              true,
              1 - norm.momentum(),
              norm.epsilon(),
              false);
      case Operator.Relu _ -> inPlace.contains(node.name()) ? x.relu_() : x.relu();
      case Operator.Add _ -> {
        Tensor other = values.get(node.inputs().getLast());
        yield inPlace.contains(node.name()) ? x.add_(other) : x.add(other);
      }
      case Operator.Shortcut shortcut -> shortcut(shortcut, x);
      case Operator.MaxPool pool -> {
        Window w = regular(node, pool.window(), pool.ceil());
        yield torch.max_pool2d(x, kernel(w), strides(w), paddings(w), both(1), false);
      }
      case Operator.AveragePool pool -> {
        Window w = regular(node, pool.window(), pool.ceil());
        yield torch.avg_pool2d(
            x, kernel(w), strides(w), paddings(w), false, pool.countPadding(), new LongOptional());
      }
      case Operator.GlobalAveragePool _ -> torch.adaptive_avg_pool2d(x, 1, 1);
      case Operator.Flatten _ -> x.flatten(1, -1);
      case Elementwise _, Movement _, Reduction _, Resampling _ ->
          throw new IllegalArgumentException(node.name() + " isn't of the networks compared here");
    };
  }

  private Tensor layer(Node node, Operator.Layer layer, Tensor x) {
    Tensor weight = parameters.get(node.parameter(Operator.WEIGHT));
    TorchMask mask = masks.get(node.name());
    if (mask == null) {
      return layer(node, layer, x, weight);
    }
    try (Tensor keep = mask.keep(weight);
        Tensor kept = weight.mul(keep)) {
      return layer(node, layer, x, kept);
    }
  }

  private Tensor layer(Node node, Operator.Layer layer, Tensor x, Tensor weight) {
    var bias = layer.bias() ? optional(node, Operator.BIAS) : new TensorOptional();
    return switch (layer) {
      case Operator.Linear _ -> torch.linear(x, weight, bias);
      case Operator.Conv2d conv -> {
        Window w = regular(node, conv.window(), false);
        yield torch.conv2d(x, weight, bias, strides(w), paddings(w), both(1), conv.groups());
      }
    };
  }

  private static Tensor shortcut(Operator.Shortcut shortcut, Tensor x) {
    Tensor some = everyNth(everyNth(x, 2, shortcut.stride()), 3, shortcut.stride());
    long more = shortcut.outputs() - x.size(1);
    return torch.constant_pad_nd(some, 0, 0, 0, 0, 0, more);
  }

  private static Tensor everyNth(Tensor x, int dim, int step) {
    return x.slice(dim, new LongOptional(), new LongOptional(), step);
  }

  private TensorOptional optional(Node node, String role) {
    return new TensorOptional(parameters.get(node.parameter(role)));
  }

  private static Window regular(Node node, Window window, boolean ceil) {
    if (!window.isRegular() || ceil) {
      throw new IllegalArgumentException(
          node.name() + " has a window not compared here: " + window);
    }
    return window;
  }

  private static long[] kernel(Window w) {
    return new long[] {w.height(), w.width()};
  }

  private static long[] strides(Window w) {
    return new long[] {w.strideY(), w.strideX()};
  }

  private static long[] paddings(Window w) {
    return new long[] {w.top(), w.left()};
  }

  private static long[] both(int n) {
    return new long[] {n, n};
  }
}
