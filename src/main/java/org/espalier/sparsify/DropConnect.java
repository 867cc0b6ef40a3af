package org.espalier.sparsify;

import java.nio.LongBuffer;
import java.util.Set;
import org.espalier.kernel.Kernels;
import org.espalier.model.Node;
import org.espalier.op.Clock;
import org.espalier.op.EffectiveWeight;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.op.Trainable;
import org.espalier.op.WeightTransform;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;

/**
 * DropConnect (Wan et al. 2013): each weight is 0 with probability {@code rate}, drawn anew for
 * each step and shared by the batch, and what is left is multiplied by 1 / (1 − rate). Biases are
 * not dropped; evaluation takes all weights as they are.
 *
 * @param rate from 0 to below 1
 * @param layers names of the nodes on whose weights it acts
 */
public record DropConnect(double rate, Set<String> layers) implements Sparsifier {
  /** Checks the rate. */
  public DropConnect {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("the rate lies between 0 and below 1, not at " + rate);
    }
    layers = Set.copyOf(layers);
  }

  @Override
  public WeightTransform transform(Node node, Trainable weight, Site site) {
    return layers.contains(node.name())
        ? new DropsWeights(
            rate, weight.value(), RandomKey.of(site.seed(), weight.name() + "/drop-connect"))
        : WeightTransform.NONE;
  }

  /** The scaled weights have a tensor of their own: a mask alone could not scale. */
  private static final class DropsWeights implements WeightTransform {
    private final double rate;
    private final float scale;
    private final Tensor weight;
    private final RandomKey key;
    private final Tensor scaled;
    private final BitMask keep;
    private final MaskHistory history;

    DropsWeights(double rate, Tensor weight, RandomKey key) {
      this.rate = rate;
      this.scale = (float) (1 / (1 - rate));
      this.weight = weight;
      this.key = key;
      this.scaled = Tensor.zeros(weight.shape());
      this.keep = new BitMask(weight.rows(), weight.cols());
      this.history = new MaskHistory(keep);
    }

    @Override
    public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
      if (phase != Phase.TRAIN) {
        effective.plain();
        return;
      }
      keep.setAll(false);
      Kernels.random()
          .spare(key, clock.step(), 0, keep.rows(), keep.cols(), rate, keep.words(), keep.row(0));
      history.next(keep);
      scaled.copyFrom(weight);
      keepScaled(scaled);
      effective.replaced(scaled);
    }

    @Override
    public void backward(Trainable trainable) {
      keepScaled(trainable.gradient());
    }

    private void keepScaled(Tensor t) {
      for (int r = 0; r < t.rows(); r++) {
        Kernels.vector().keep(t.cols(), t.data(), t.row(r), keep.words(), keep.row(r), scale);
      }
    }

    @Override
    public double churn() {
      return history.churn();
    }

    @Override
    public int memoryWords() {
      return history.words();
    }

    @Override
    public void saveMemory(LongBuffer to) {
      history.save(to);
    }

    @Override
    public void restoreMemory(LongBuffer from) {
      history.restore(from);
    }
  }
}
