package org.espalier.sparsify;

import java.util.Set;
import org.espalier.kernel.Kernels;
import org.espalier.model.Node;
import org.espalier.op.Clock;
import org.espalier.op.EffectiveWeight;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.op.Trainable;
import org.espalier.op.WeightTransform;
import org.espalier.tensor.Tensor;

/**
 * Adds {@code β·Σ|w|} to the loss: the sum over the layer's weights, as the paper writes it, not
 * the mean, which its code takes.
 *
 * @param beta β, at least 0
 * @param layers names of the nodes on which it acts
 */
public record L1(double beta, Set<String> layers) implements Sparsifier {
  /** Checks β. */
  public L1 {
    if (!(beta >= 0) || Double.isInfinite(beta)) {
      throw new IllegalArgumentException("beta is a number of at least 0, not " + beta);
    }
    layers = Set.copyOf(layers);
  }

  @Override
  public WeightTransform transform(Node node, Trainable weight, Site site) {
    return layers.contains(node.name())
        ? new Penalty((float) beta, weight.value())
        : WeightTransform.NONE;
  }

  private record Penalty(float beta, Tensor weight) implements WeightTransform {
    @Override
    public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
      effective.plain();
    }

    @Override
    public void backward(Trainable trainable) {
      Tensor g = trainable.gradient();
      for (int r = 0; r < weight.rows(); r++) {
        Kernels.vector()
            .addSigns(weight.cols(), beta, weight.data(), weight.row(r), g.data(), g.row(r));
      }
    }

    @Override
    public double penalty() {
      double sum = 0;
      for (int r = 0; r < weight.rows(); r++) {
        sum += Kernels.vector().sumAbs(weight.cols(), weight.data(), weight.row(r));
      }
      return beta * sum;
    }
  }
}
