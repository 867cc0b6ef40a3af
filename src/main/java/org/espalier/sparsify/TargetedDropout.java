package org.espalier.sparsify;

import java.util.Set;
import org.espalier.model.Node;
import org.espalier.op.Sparsifier;
import org.espalier.op.Trainable;
import org.espalier.op.WeightTransform;
import org.espalier.tensor.RandomKey;

/**
 * Targeted dropout (Gomez et al. 2019): before each step the weakest share γ of the weights of
 * every unit, of the blocks of every block row, or of the units of every layer, is dropped at
 * random with rate α. Survivors are not rescaled.
 *
 * @param granularity what is ranked and dropped
 * @param target how much is a candidate
 * @param dropRate α, from 0 to 1
 * @param draw what is dropped by one draw; of meaning for units alone
 * @param ramp how both grow
 * @param unitMode what a dropped unit still emits; of meaning for units alone
 * @param layers names of the nodes on which it acts
 */
public record TargetedDropout(
    Granularity granularity,
    Target target,
    double dropRate,
    DropScope draw,
    Ramp ramp,
    UnitMode unitMode,
    Set<String> layers)
    implements Sparsifier {
  /** Checks the rate. */
  public TargetedDropout {
    if (!(dropRate >= 0 && dropRate <= 1)) {
      throw new IllegalArgumentException("the drop rate lies between 0 and 1, not at " + dropRate);
    }
    layers = Set.copyOf(layers);
  }

  /** Drops single weights, with rates that are the same from the first step to the last. */
  public static TargetedDropout ofWeights(Fraction targRate, double dropRate, Set<String> layers) {
    return of(Granularity.WEIGHT, targRate, dropRate, UnitMode.WEIGHTS, layers);
  }

  /** Drops whole units, with rates that are the same from the first step to the last. */
  public static TargetedDropout ofUnits(
      Fraction targRate, double dropRate, UnitMode mode, Set<String> layers) {
    return of(Granularity.UNIT, targRate, dropRate, mode, layers);
  }

  private static TargetedDropout of(
      Granularity by, Fraction targRate, double dropRate, UnitMode mode, Set<String> layers) {
    return new TargetedDropout(
        by, new Target.Proportion(targRate), dropRate, DropScope.UNIT, Ramp.NONE, mode, layers);
  }

  @Override
  public WeightTransform transform(Node node, Trainable weight, Site site) {
    if (!layers.contains(node.name())) {
      return WeightTransform.NONE;
    }
    RandomKey key = RandomKey.of(site.seed(), weight.name() + "/targeted-dropout");
    return switch (granularity) {
      case WEIGHT -> new TargetedWeights(this, weight.value(), key, site.workers());
      case UNIT -> new TargetedUnits(this, weight.value(), key, site.workers());
      case BLOCK_4, BLOCK_16 -> new TargetedBlocks(this, weight.value(), key, site.workers());
    };
  }
}
