package org.espalier.experiment.sweep;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.espalier.data.Dataset;
import org.espalier.data.Examples;
import org.espalier.data.Split;
import org.espalier.experiment.run.Accuracy;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.op.Span;
import org.espalier.parallel.ThreadPool;
import org.espalier.prune.Calibration;
import org.espalier.prune.Criterion;
import org.espalier.prune.Pruning;
import org.espalier.prune.Sparsity;
import org.espalier.rewrite.ChannelRemoval;
import org.espalier.rewrite.RoundedWeights;
import org.espalier.sparsify.FixedMask;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Precision;
import org.espalier.train.LearningRate;
import org.espalier.train.Recalibration;
import org.espalier.train.SgdOptions;
import org.espalier.train.TrainOptions;
import org.espalier.train.Trainer;
import org.espalier.train.TrainingListener;

/**
 * Prunes one trained model at any percentage and evaluates what is left.
 *
 * @param model the trained model, which stays as it is
 * @param by what is ranked and pruned
 * @param mode what a pruned unit still emits
 * @param layers names of the nodes to prune
 * @param data to evaluate on, and to fine-tune on
 * @param workers the threads
 */
public record AccuracySweep(
    Model model,
    Granularity by,
    UnitMode mode,
    Set<String> layers,
    Split data,
    ThreadPool workers) {
  private static final double FINE_TUNING_RATE = 0.01;
  private static final int FINE_TUNING_BATCH = 128;

  /** Copies the set. */
  public AccuracySweep {
    layers = Set.copyOf(layers);
  }

  /** Prunes, without training afterwards. */
  public Pruned at(BigDecimal percent) {
    return finish(percent, pruning(percent).apply(model.graph()));
  }

  /**
   * Runs the network on examples of the training part, spread evenly over it.
   *
   * @param samples how many, or all if there are fewer
   */
  public Calibration calibration(int samples) {
    Dataset training = data.training();
    int n = Math.min(samples, training.size());
    int size = model.graph().inputShape().size();
    float[] inputs = new float[Footprint.arrayLength(n + " samples", Footprint.product(n, size))];
    Examples.Inputs examples = training.examples().inputs(model.preprocessing());
    for (int i = 0; i < n; i++) {
      examples.write(Math.toIntExact((long) i * training.size() / n), inputs, i * size);
    }
    return new Calibration(model.graph(), layers, n, inputs, workers);
  }

  /**
   * Prunes by what examples say, without training.
   *
   * @param criterion by what weights are ranked
   * @param correct whether units get back the mean and the deviation that they had
   */
  public Pruned at(
      BigDecimal percent, Calibration calibration, Criterion criterion, boolean correct) {
    Graph pruned =
        switch (criterion) {
          case MAGNITUDE -> pruning(percent).apply(model.graph());
          case WANDA -> calibration.wanda(Fraction.ofPercent(percent));
        };
    return finish(percent, correct ? calibration.corrected(pruned) : pruned);
  }

  /** Returns the share of the test examples that a pruned network takes for what the model did. */
  public double agreement(Pruned pruned) {
    return Accuracy.agreement(
        model.graph(), pruned.graph(), model.preprocessing(), data.heldOut(), workers);
  }

  /**
   * Takes the running statistics of normalisations in a pruned network anew, over the training
   * examples, before emptied units are removed: what they emit may depend on it.
   */
  public Pruned recalibrated(Pruned pruned) {
    Graph graph = pruned.masked().copy();
    Recalibration.apply(graph, data.training(), model.preprocessing(), workers);
    return finish(pruned.percent(), graph);
  }

  /** Rounds the weights of a pruned network as a file of this precision holds them. */
  public Pruned rounded(Pruned pruned, Precision precision) {
    Graph graph = RoundedWeights.apply(pruned.graph(), precision::round);
    return new Pruned(
        pruned.percent(),
        pruned.masked(),
        graph,
        pruned.layerSparsity(),
        pruned.overallSparsity(),
        Accuracy.of(graph, model.preprocessing(), data.heldOut(), workers));
  }

  /**
   * Prunes, then trains what is left with the mask fixed: SGD with Nesterov momentum 0.9, learning
   * rate 0.01 falling by half a cosine.
   */
  public Pruned fineTunedAt(BigDecimal percent, int epochs, long seed) {
    Pruning pruning = pruning(percent);
    Map<String, BitMask> masks = pruning.masks(model.graph());
    Graph pruned = pruning.apply(model.graph());
    var options =
        TrainOptions.of(
            epochs,
            FINE_TUNING_BATCH,
            new SgdOptions(
                new LearningRate(
                    FINE_TUNING_RATE, new Span(0, Span.Unit.STEPS), new LearningRate.Cosine()),
                0.9,
                true,
                0,
                0),
            seed);
    new Trainer(
            pruned,
            new FixedMask(masks, by == Granularity.UNIT && mode == UnitMode.OUTPUT),
            options,
            data.training(),
            data.heldOut(),
            model.preprocessing(),
            workers)
        .run(TrainingListener.NONE, () -> false);
    return finish(percent, pruned);
  }

  private Pruning pruning(BigDecimal percent) {
    return new Pruning(by, Fraction.ofPercent(percent), mode, layers);
  }

  private Pruned finish(BigDecimal percent, Graph masked) {
    Sparsity sparsity = Sparsity.of(masked);
    Graph graph = by == Granularity.UNIT ? ChannelRemoval.apply(masked) : masked;
    Dataset test = data.heldOut();
    return new Pruned(
        percent,
        masked,
        graph,
        sparsity.of(layers),
        sparsity.overall(),
        Accuracy.of(graph, model.preprocessing(), test, workers));
  }
}
