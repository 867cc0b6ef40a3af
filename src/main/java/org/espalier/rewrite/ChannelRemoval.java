package org.espalier.rewrite;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.ints.IntList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.tensor.Tensor;

/**
 * Takes out of a network the units and channels that emit a constant: the rows of their layer go,
 * their entries in normalisations, and the columns of all layers that read them. So do channels for
 * which no reader has a weight, and branches that add nothing.
 *
 * <p>The smaller network computes the same function. What its layers made of the constants is
 * summed in double precision, rounded once and put
 *
 * <ul>
 *   <li>into the bias of a fully connected layer, or of a convolution that sees no border of zeros;
 *   <li>if that has no bias, taken off the running mean of the normalisations behind it, or where
 *       others read it, into a bias that it gets;
 *   <li>before a border of zeros, where it isn't the same in all pixels, into the kernels of a
 *       single channel: one of the constant ones stays as it is, and carries the others, each
 *       kernel multiplied by how many times as large its constant is.
 * </ul>
 *
 * <p>Where all constants are 0, as in mode {@code output}, nothing is added and the results are the
 * same bit for bit, up to the sign of a zero, because a chain of fused multiply-adds doesn't see a
 * zero.
 *
 * <p>Tied channels go together or not at all: that of a residual stream only if everyone who writes
 * to the stream emits a constant there. Where some do, their rows stay, full of zeros, and cost
 * nothing but in dense kernels. A shortcut that fills up with zeros ties the channels of the two
 * stages between which it stands. Of a convolution with groups whole groups go, so that a depthwise
 * one shrinks with what it reads and writes, and of the groups that stay as many inputs each and as
 * many outputs: where one has more left than another, that one keeps some, full of zeros. A channel
 * whose constant a border of zeros makes another number than the middle isn't constant behind it,
 * and stays. Every node keeps one channel, and constants before an average pooling with padding
 * stay.
 */
public final class ChannelRemoval {
  private final Graph graph;
  private final ConstantChannels emissions;
  private final KeptChannels decision;
  private final Map<String, IntArrayList> kept = new HashMap<>();

  /** What the removed constants add to each row that stays, of layers where they add something. */
  private final Map<String, double[]> added = new HashMap<>();

  private ChannelRemoval(Graph graph) {
    this.graph = graph;
    this.emissions = new ConstantChannels(graph);
    this.decision = new KeptChannels(graph, emissions);
    graph.inputs().keySet().forEach(input -> kept.put(input, decision.of(input)));
    for (Node node : graph.nodes()) {
      kept.put(node.name(), decision.of(node.name()));
    }
  }

  /** Returns the network without its constant units; the given one stays as it is. */
  public static Graph apply(Graph graph) {
    return new ChannelRemoval(DeadBranchElimination.remove(graph)).shrink();
  }

  private Graph shrink() {
    Graph.Builder builder = Graph.inputs(graph.inputs());
    for (Node node : graph.nodes()) {
      builder.add(node.name(), shrunk(node), node.inputs());
    }
    graph.outputs().forEach(builder::output);
    Graph small = builder.build();
    for (Node node : graph.nodes()) {
      if (ForeignNodes.isForeign(graph, node)) {
        copy(small, node);
        continue;
      }
      switch (node.operator()) {
        case Operator.Layer layer -> fill(small, FanIn.of(graph, node, layer));
        case Operator.BatchNorm norm -> fill(small, node, norm);
        case Operator.Relu _,
            Elementwise.Activation _,
            Operator.Add _,
            Operator.Shortcut _,
            Operator.Pool _,
            Operator.GlobalAveragePool _,
            Operator.Flatten _ -> {} // have no parameters
        case Elementwise.Binary _, Elementwise.Where _, Movement _, Reduction _, Resampling _ ->
            copy(small, node);
      }
    }
    return small;
  }

  private void copy(Graph small, Node node) {
    for (Operator.ParameterSpec spec : node.operator().parameters()) {
      String name = node.parameter(spec.role());
      small.parameter(name).value().copyFrom(graph.parameter(name).value());
    }
  }

  private Operator shrunk(Node node) {
    if (ForeignNodes.isForeign(graph, node)) {
      return node.operator();
    }
    int inputs = kept(node.input()).size();
    int outputs = kept(node.name()).size();
    return switch (node.operator()) {
      case Operator.Linear linear -> {
        sumConstants(FanIn.of(graph, node, linear));
        yield new Operator.Linear(inputs, outputs, linear.bias() || added.containsKey(node.name()));
      }
      case Operator.Conv2d conv -> {
        sumConstants(FanIn.of(graph, node, conv));
        boolean bias = conv.bias() || (added.containsKey(node.name()) && !isNormalized(node));
        yield new Operator.Conv2d(
            inputs, outputs, conv.window(), keptGroups(FanIn.of(graph, node, conv)).size(), bias);
      }
      case Operator.BatchNorm norm ->
          new Operator.BatchNorm(outputs, norm.momentum(), norm.epsilon());
      case Operator.Shortcut shortcut -> new Operator.Shortcut(outputs, shortcut.stride());
      case Operator.Relu _,
          Operator.Add _,
          Operator.Pool _,
          Operator.GlobalAveragePool _,
          Operator.Flatten _,
          Elementwise _,
          Movement _,
          Reduction _,
          Resampling _ ->
          node.operator();
    };
  }

  private IntArrayList kept(String node) {
    IntArrayList channels = kept.get(node);
    if (channels == null) {
      throw new IllegalArgumentException("no node " + node);
    }
    return channels;
  }

  /** Whether a layer is read by normalisations alone. */
  private boolean isNormalized(Node layer) {
    List<Node> readers = graph.readers(layer.name());
    return !readers.isEmpty()
        && !graph.outputs().contains(layer.name())
        && readers.stream().allMatch(reader -> reader.operator() instanceof Operator.BatchNorm);
  }

  /** Sums up what a layer makes of removed constants, if it is the same in all pixels. */
  private void sumConstants(FanIn in) {
    IntArrayList rows = kept(in.node().name());
    double[] sums = new double[rows.size()];
    boolean any = false;
    for (int r = 0; r < sums.length && !in.padded(); r++) {
      for (int k = 0; k < in.weight().cols(); k++) {
        sums[r] += removed(in, rows.getInt(r), k);
      }
      any |= sums[r] != 0;
    }
    if (any) {
      added.put(in.node().name(), sums);
    }
  }

  /** Returns what an entry of a weight makes of a constant, or 0 if it reads what stays. */
  private double removed(FanIn in, int row, int column) {
    double w = in.weight().get(row, column);
    int channel = in.channel(row, column);
    // Where there is no weight, the channel needn't be constant.
    return w == 0 || decision.isKept(in.node().input(), channel)
        ? 0
        : w * emissions.get(in.node().input(), channel);
  }

  private void fill(Graph small, FanIn in) {
    Node node = in.node();
    Tensor to = small.parameter(node.parameter(Operator.WEIGHT)).value();
    IntArrayList rows = kept(node.name());
    List<IntList> groups = keptGroups(in);
    for (int r = 0; r < to.rows(); r++) {
      IntList channels = groups.get(r / (to.rows() / groups.size()));
      for (int c = 0; c < to.cols(); c++) {
        int column = channels.getInt(c / in.window()) % in.channelsOfGroup() * in.window();
        to.set(r, c, in.weight().get(rows.getInt(r), column + c % in.window()));
      }
      if (in.padded()) {
        carry(in, rows.getInt(r), channels, to, r);
      }
    }
    float[] steps = in.weight().steps();
    if (steps != null) {
      float[] kept = new float[to.rows()];
      for (int r = 0; r < kept.length; r++) {
        kept[r] = steps[rows.getInt(r)];
      }
      to.setSteps(kept);
    }
    String bias = node.parameter(Operator.BIAS);
    if (small.node(node.name()).orElseThrow().operator() instanceof Operator.Layer layer
        && layer.bias()) {
      Tensor smallBias = small.parameter(bias).value();
      if (in.layer().bias()) {
        select(graph.parameter(bias).value(), rows, smallBias);
      }
      add(smallBias, node, 1);
    }
  }

  /** Returns, of each group of a layer that stays, the channels that do: of each as many. */
  private List<IntList> keptGroups(FanIn in) {
    IntArrayList channels = kept(in.node().input());
    int ofFirst = 0;
    int first = channels.getInt(0) / in.channelsOfGroup();
    while (ofFirst < channels.size() && channels.getInt(ofFirst) / in.channelsOfGroup() == first) {
      ofFirst++;
    }
    List<IntList> groups = new ArrayList<>();
    for (int c = 0; c < channels.size(); c += ofFirst) {
      groups.add(channels.subList(c, c + ofFirst));
    }
    return groups;
  }

  /** Adds to a row's kernel of a channel those of the constants that it stands for. */
  private void carry(FanIn in, int row, IntList channels, Tensor to, int smallRow) {
    double[] sums = new double[in.window()];
    boolean any = false;
    for (int k = 0; k < in.weight().cols(); k++) {
      sums[k % in.window()] += removed(in, row, k);
      any |= sums[k % in.window()] != 0;
    }
    if (any) {
      int carrier = decision.carrier(in, in.group(row));
      double emitted = emissions.get(in.node().input(), carrier);
      int first = channels.indexOf(carrier) * in.window();
      for (int i = 0; i < sums.length; i++) {
        to.set(smallRow, first + i, (float) (to.get(smallRow, first + i) + sums[i] / emitted));
      }
    }
  }

  private void fill(Graph small, Node node, Operator.BatchNorm norm) {
    for (Operator.ParameterSpec spec : norm.parameters()) {
      String name = node.parameter(spec.role());
      select(graph.parameter(name).value(), kept(node.name()), small.parameter(name).value());
    }
    Node before = graph.node(node.input()).orElse(node);
    if (before.operator() instanceof Operator.Conv2d conv && !conv.bias() && isNormalized(before)) {
      add(small.parameter(node.parameter(Operator.BatchNorm.MEAN)).value(), before, -1);
    }
  }

  private static void select(Tensor from, IntArrayList channels, Tensor to) {
    for (int i = 0; i < channels.size(); i++) {
      to.set(0, i, from.get(0, channels.getInt(i)));
    }
  }

  private void add(Tensor to, Node layer, int sign) {
    double[] sums = added.get(layer.name());
    for (int i = 0; sums != null && i < sums.length; i++) {
      if (sums[i] != 0) {
        to.set(0, i, (float) (to.get(0, i) + sign * sums[i]));
      }
    }
  }
}
