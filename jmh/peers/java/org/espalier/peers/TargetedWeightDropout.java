package org.espalier.peers;

import java.util.Set;
import org.espalier.model.Graph;
import org.espalier.op.Sparsifier;
import org.espalier.sparsify.DropScope;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.LayerPattern;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.Target;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;

/**
 * Targeted weight dropout on all layers but the last, for both sides.
 *
 * @param gamma γ
 * @param alpha α
 */
record TargetedWeightDropout(Fraction gamma, double alpha) {
  /** The setting that is measured, one of the paper's. */
  static final TargetedWeightDropout MEASURED =
      new TargetedWeightDropout(Fraction.of("0.75"), 0.66);

  /** Drops all candidates: nothing is left to chance, so both sides can be compared. */
  TargetedWeightDropout certain() {
    return new TargetedWeightDropout(gamma, 1);
  }

  /** Targets, but drops nothing: plain training. */
  TargetedWeightDropout never() {
    return new TargetedWeightDropout(gamma, 0);
  }

  Sparsifier ours(Graph graph) {
    return ours(LayerPattern.DEFAULT.select(graph));
  }

  TargetedDropout ours(Set<String> layers) {
    return new TargetedDropout(
        Granularity.WEIGHT,
        new Target.Proportion(gamma),
        alpha,
        DropScope.UNIT,
        Ramp.NONE,
        UnitMode.WEIGHTS,
        layers);
  }

  TorchMask torchMask(int fanIn) {
    return new TorchMask(gamma.of(fanIn), alpha);
  }
}
