package org.espalier.sparsify;

import java.util.Map;
import org.espalier.model.Node;
import org.espalier.op.Sparsifier;
import org.espalier.op.Trainable;
import org.espalier.op.WeightTransform;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;

/**
 * Trains what a pruning left: weights whose bit is clear are 0 in every pass and get no gradient.
 * Momentum that starts at 0 therefore leaves a pruned weight, which is 0, as it is.
 *
 * @param masks the mask of each layer, by the node's name; layers without one are free
 * @param silent whether units of which no weight is left stay silent, their bias included
 */
public record FixedMask(Map<String, BitMask> masks, boolean silent) implements Sparsifier {
  /** Copies the map. */
  public FixedMask {
    masks = Map.copyOf(masks);
  }

  @Override
  public WeightTransform transform(Node node, Trainable weight, Site site) {
    BitMask mask = masks.get(node.name());
    if (mask == null) {
      return WeightTransform.NONE;
    }
    if (!silent) {
      return (phase, clock, effective) -> effective.masked(mask);
    }
    Subset units = unitsLeft(mask);
    return (phase, clock, effective) -> effective.masked(mask, units);
  }

  private static Subset unitsLeft(BitMask mask) {
    Subset units = new Subset(mask.rows());
    for (int unit = 0; unit < mask.rows(); unit++) {
      units.bits().set(0, unit, mask.anyInRow(unit));
    }
    units.refresh();
    return units;
  }
}
