package org.espalier.peers;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Zoo;
import org.espalier.op.Clock;
import org.espalier.op.EffectiveWeight;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.op.Trainable;
import org.espalier.op.WeightTransform;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/** The mask of targeted weight dropout for one layer, as a step of training makes it. */
final class MaskBenchmarks {
  private static final int UNITS = 300;
  private static final int FAN_IN = 784;
  private static final TargetedWeightDropout METHOD = TargetedWeightDropout.MEASURED;
  private static final int STEPS = 4;
  private static final double STEP = 1e-4;
  private static final String LAYER = "fc1";

  private final Tensor[] weights = new Tensor[STEPS];
  private final Tensor weight = Tensor.zeros(UNITS, FAN_IN);
  private final EffectiveWeight effective = new EffectiveWeight(weight);
  private final Clock clock = new Clock(1, Long.MAX_VALUE);
  private int theirStep;

  private MaskBenchmarks() {
    var random = new SplittableRandom(1);
    for (int s = 0; s < STEPS; s++) {
      weights[s] = s == 0 ? Tensor.zeros(UNITS, FAN_IN) : weights[s - 1].copy();
      for (int r = 0; r < UNITS; r++) {
        for (int c = 0; c < FAN_IN; c++) {
          double change = (s == 0 ? 0.05 : STEP) * random.nextGaussian();
          weights[s].set(r, c, (float) (weights[s].get(r, c) + change));
        }
      }
    }
  }

  static List<Benchmark> all() {
    return IntStream.of(1, 2)
        .mapToObj(
            threads ->
                new Benchmark(
                    "mask-" + threads + "t",
                    "mask of 300 units of 784, γ .75, draw included",
                    "libtorch",
                    threads,
                    0,
                    threads == 1 ? Mark.speedup(25, 40) : Mark.NONE,
                    () -> new MaskBenchmarks().besideTorch(threads)))
        .toList();
  }

  private Pairing besideTorch(int threads) {
    Torch.setThreads(threads);
    TorchMask torch = METHOD.torchMask(FAN_IN);
    WeightTransform ours = transform(threads);
    var theirWeight = Torch.tensor(weight);
    var copies =
        IntStream.range(0, STEPS)
            .mapToObj(s -> Torch.tensor(weights[s]))
            .toArray(org.bytedeco.pytorch.Tensor[]::new);
    for (int s = 0; s < STEPS; s++) {
      weight.copyFrom(weights[s]);
      ours.prepare(Phase.EVALUATE_PRUNED, clock, effective);
      compare(effective.keep(), Torch.booleans(torch.candidates(copies[s])));
      ours.prepare(Phase.TRAIN, clock, effective);
      compareShare(effective.keep().count(), Torch.booleans(torch.keep(copies[s])));
    }
    return new Pairing(
        new Job(() -> ours.prepare(Phase.TRAIN, clock, effective), this::weNext),
        new Job(
            () -> torch.keep(theirWeight).close(),
            () -> {
              theirStep = (theirStep + 1) % STEPS;
              theirWeight.copy_(copies[theirStep]);
            }),
        Torch.description());
  }

  private WeightTransform transform(int threads) {
    Graph graph = Zoo.mlp(Shape.of(FAN_IN), UNITS, 10);
    Node node =
        graph.nodes().stream().filter(n -> n.name().equals(LAYER)).findFirst().orElseThrow();
    return METHOD
        .ours(Set.of(LAYER))
        .transform(
            node,
            new Trainable(LAYER + ".weight", weight, true),
            new Sparsifier.Site(1, 1, new ThreadPool(threads)));
  }

  private void weNext() {
    clock.set(clock.step() + 1);
    weight.copyFrom(weights[(int) (clock.step() % STEPS)]);
  }

  private static void compare(BitMask keep, boolean[] candidates) {
    for (int r = 0; r < UNITS; r++) {
      for (int c = 0; c < FAN_IN; c++) {
        if (keep.get(r, c) == candidates[r * FAN_IN + c]) {
          throw Pairing.differ("bit " + r + ", " + c, keep.get(r, c), !candidates[r * FAN_IN + c]);
        }
      }
    }
  }

  /** Both draw at random: their numbers of kept weights differ by chance only. */
  private static void compareShare(long ours, boolean[] keep) {
    long theirs = 0;
    for (boolean kept : keep) {
      theirs += kept ? 1 : 0;
    }
    double drawn = UNITS * (double) METHOD.gamma().of(FAN_IN);
    double deviation = Math.sqrt(2 * drawn * METHOD.alpha() * (1 - METHOD.alpha()));
    if (Math.abs(ours - theirs) > 6 * deviation) {
      throw Pairing.differ("the number of kept weights", ours, theirs);
    }
  }
}
