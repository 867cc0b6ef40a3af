package org.espalier.experiment.sweep;

import java.math.BigDecimal;
import java.util.OptionalDouble;
import java.util.Set;
import org.espalier.io.ModelFile;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.prune.Pruning;
import org.espalier.prune.Sparsity;
import org.espalier.rewrite.ChannelRemoval;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.UnitMode;

/**
 * Prunes one model at any percentage and measures what is left; accuracy is not asked for, so that
 * no data is needed and the weights may mean nothing.
 *
 * @param model the model, which stays as it is
 * @param by what is ranked and pruned
 * @param mode what a pruned unit still emits
 * @param layers names of the nodes to prune
 * @param meter measures
 */
public record CostSweep(
    Model model, Granularity by, UnitMode mode, Set<String> layers, CostMeter meter) {
  /** Copies the set. */
  public CostSweep {
    layers = Set.copyOf(layers);
  }

  /** Prunes and measures. */
  public PrunedCost at(BigDecimal percent) {
    Graph masked = new Pruning(by, Fraction.ofPercent(percent), mode, layers).apply(model.graph());
    Graph left = by == Granularity.UNIT ? ChannelRemoval.apply(masked) : masked;
    return new PrunedCost(
        percent,
        Sparsity.of(masked).overall(),
        OptionalDouble.empty(),
        meter.measure(percent.toPlainString() + " % pruned", masked, left, fileBytes(left)));
  }

  private long fileBytes(Graph left) {
    return ModelFile.size(
        new Model(left, model.preprocessing(), model.classes(), model.provenance()));
  }
}
