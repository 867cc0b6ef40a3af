package org.espalier.prune;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.sparsify.BlockScores;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/**
 * Post hoc pruning by magnitude, the ranking that targeted dropout trains for: of every unit the
 * {@code floor(share·fan-in)} weights of smallest magnitude, of every block row as many blocks of
 * smallest L2 norm, or of every layer the {@code floor(share·units)} units of smallest L2 norm;
 * ties go to the lower index.
 *
 * @param by what is ranked and pruned
 * @param share how much of it
 * @param mode what a pruned unit still emits
 * @param layers names of the nodes to prune
 */
public record Pruning(Granularity by, Fraction share, UnitMode mode, Set<String> layers) {
  /** Copies the set. */
  public Pruning {
    layers = Set.copyOf(layers);
  }

  /**
   * Returns which weights stay, by the node's name.
   *
   * @throws IllegalArgumentException if a weight is NaN or infinite: its rank would mean nothing
   */
  public Map<String, BitMask> masks(Graph graph) {
    Map<String, BitMask> masks = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (layers.contains(node.name())) {
        Tensor w = weight(graph, node);
        checkFinite(node, w);
        masks.put(
            node.name(),
            switch (by) {
              case WEIGHT -> StrongestWeights.of(w, share);
              case UNIT -> strongestUnits(w);
              case BLOCK_4, BLOCK_16 -> strongestBlocks(w);
            });
      }
    }
    return masks;
  }

  /** Returns a copy of the network with the pruned weights set to +0. */
  public Graph apply(Graph graph) {
    Graph pruned = graph.copy();
    masks(graph)
        .forEach(
            (name, keep) -> {
              Node node = pruned.node(name).orElseThrow();
              Tensor w = weight(pruned, node);
              for (int r = 0; r < w.rows(); r++) {
                Kernels.vector().keep(w.cols(), w.data(), w.row(r), keep.words(), keep.row(r), 1f);
              }
              if (by == Granularity.UNIT) {
                for (int unit = 0; unit < keep.rows(); unit++) {
                  if (!keep.anyInRow(unit)) {
                    emptyUnit(pruned, node, unit);
                  }
                }
              }
            });
    return pruned;
  }

  /**
   * Lets a unit without weights emit what it emitted in training steps in which it was dropped: its
   * bias, or behind a normalisation that one's, since the mean of a constant is the constant; or
   * nothing.
   */
  private void emptyUnit(Graph pruned, Node node, int unit) {
    boolean silent = mode == UnitMode.OUTPUT;
    float emitted = 0;
    if (node.operator() instanceof Operator.Layer layer && layer.bias()) {
      Tensor bias = pruned.parameter(node.parameter(Operator.BIAS)).value();
      emitted = silent ? 0 : bias.get(0, unit);
      bias.set(0, unit, emitted);
    }
    for (Node reader : pruned.readers(node.name())) {
      if (reader.operator() instanceof Operator.BatchNorm) {
        String mean = reader.parameter(Operator.BatchNorm.MEAN);
        pruned.parameter(mean).value().set(0, unit, emitted);
        if (silent) {
          pruned.parameter(reader.parameter(Operator.BIAS)).value().set(0, unit, 0);
        }
      }
    }
  }

  private static Tensor weight(Graph graph, Node node) {
    return graph.parameter(node.parameter(Operator.WEIGHT)).value();
  }

  private static void checkFinite(Node node, Tensor w) {
    for (int r = 0; r < w.rows(); r++) {
      if (!Kernels.vector().isFinite(w.cols(), w.data(), w.row(r))) {
        throw new IllegalArgumentException(
            node.parameter(Operator.WEIGHT) + " has NaN or infinity in row " + r);
      }
    }
  }

  private BitMask strongestBlocks(Tensor w) {
    BlockScores strength = new BlockScores(w, by.height());
    int blockRows = strength.scores().rows();
    strength.measure(0, blockRows);
    BitMask keep = new BitMask(w.rows(), w.cols());
    strength.spread(StrongestWeights.of(strength.scores(), share), 0, blockRows, keep);
    return keep;
  }

  private BitMask strongestUnits(Tensor w) {
    int units = w.rows();
    float[] norms = new float[units];
    for (int r = 0; r < units; r++) {
      norms[r] = Kernels.vector().squaredNorm(w.cols(), w.data(), w.row(r));
    }
    int[] scratch = new int[Kernels.select().scratchSize(units)];
    int[] weakest = new int[units];
    long threshold = Kernels.select().threshold(units, norms, 0, share.of(units), scratch);
    int k = Kernels.select().indices(units, norms, 0, threshold, weakest, 0);
    BitMask keep = new BitMask(units, w.cols());
    keep.setAll(true);
    for (int i = 0; i < k; i++) {
      keep.setRow(weakest[i], false);
    }
    return keep;
  }
}
