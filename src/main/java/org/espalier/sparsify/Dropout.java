package org.espalier.sparsify;

import java.util.List;
import java.util.Set;
import org.espalier.Internal;
import org.espalier.kernel.Kernels;
import org.espalier.model.Node;
import org.espalier.op.Activation;
import org.espalier.op.Clock;
import org.espalier.op.Operation;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.op.Trainable;
import org.espalier.op.WeightTransform;
import org.espalier.op.WeightedOp;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;

/**
 * Ordinary dropout (Srivastava et al. 2014): each output of a layer is 0 with probability {@code
 * rate}, drawn anew for each example, and what is left is multiplied by 1 / (1 − rate).
 *
 * @param rate from 0 to below 1
 * @param layers names of the nodes on whose outputs it acts
 */
public record Dropout(double rate, Set<String> layers) implements Sparsifier {
  /** Checks the rate. */
  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("the rate lies between 0 and below 1, not at " + rate);
    }
    layers = Set.copyOf(layers);
  }

  @Override
  public WeightTransform transform(Node node, Trainable weight, Site site) {
    return WeightTransform.NONE;
  }

  @Override
  @Internal
  public Operation replace(Node node, WeightedOp layer, WeightTransform transform, Site site) {
    return layers.contains(node.name())
        ? new DropsOutputs(
            layer, rate, RandomKey.of(site.seed(), node.name() + "/dropout"), site.maxBatch())
        : layer;
  }

  private static final class DropsOutputs implements Operation {
    private final WeightedOp layer;
    private final double rate;
    private final float scale;
    private final RandomKey key;
    private final BitMask keep;

    DropsOutputs(WeightedOp layer, double rate, RandomKey key, int maxBatch) {
      this.layer = layer;
      this.rate = rate;
      this.scale = (float) (1 / (1 - rate));
      this.key = key;
      Activation output = layer.output();
      this.keep = new BitMask(output.rows(maxBatch), output.value().cols());
    }

    @Override
    public void forward(Phase phase, Clock clock, int batch) {
      layer.forward(phase, clock, batch);
      if (phase != Phase.TRAIN) {
        return;
      }
      keep.setAll(false);
      int first = output().rows(clock.examplesBefore()); // parts of a step draw as one batch does
      int rows = output().rows(batch);
      Kernels.random()
          .spare(key, clock.step(), first, rows, keep.cols(), rate, keep.words(), keep.row(0));
      apply(output().value(), batch);
    }

    @Override
    public void backward(int batch) {
      apply(output().requiredGradient(), batch);
      layer.backward(batch);
    }

    private void apply(Tensor x, int batch) {
      for (int r = 0; r < output().rows(batch); r++) {
        Kernels.vector().keep(x.cols(), x.data(), x.row(r), keep.words(), keep.row(r), scale);
      }
    }

    @Override
    public Activation output() {
      return layer.output();
    }

    @Override
    public List<Trainable> trainables() {
      return layer.trainables();
    }
  }
}
