package org.espalier.peers;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.SelectKernels;

/**
 * The mask of the smaller half of a million weights. Each call gets other weights than the one
 * before, a step of training apart, which is what the bracketed form is made for.
 */
final class SelectBenchmarks {
  private static final int N = 1_000_000;
  private static final int K = N / 2;
  private static final int STEPS = 4;
  private static final double DEVIATION = 0.05;

  /** Learning rate times gradient, roughly. */
  private static final double STEP = 1e-4;

  /** Training looks so many times as far from the last threshold as thresholds moved of late. */
  private static final int MARGIN = 3;

  private final float[][] weights = new float[STEPS][N];
  private final int[] scratch = new int[Kernels.select().scratchSize(N)];
  private final long[] keep = new long[Math.ceilDiv(N, Long.SIZE)];

  /** The k-th smallest key of each step's weights. */
  private final int[] keys = new int[STEPS];

  private int reach = 1;
  private int ourStep;
  private int theirStep;

  private SelectBenchmarks() {
    var random = new SplittableRandom(1);
    for (int i = 0; i < N; i++) {
      double w = DEVIATION * random.nextGaussian();
      for (float[] step : weights) {
        step[i] = (float) w;
        w += STEP * random.nextGaussian();
      }
    }
    for (int s = 0; s < STEPS; s++) {
      keys[s] = (int) (Kernels.select().threshold(N, weights[s], 0, K, scratch) >>> Integer.SIZE);
    }
    for (int s = 0; s < STEPS; s++) {
      reach = Math.max(reach, MARGIN * Math.abs(keys[s] - keys[before(s)]));
    }
  }

  private static int before(int step) {
    return (step + STEPS - 1) % STEPS;
  }

  static List<Benchmark> all() {
    return List.of(
        benchmark("cold", Mark.speedup(20, 35)),
        benchmark("bracketed", Mark.speedup(40, 60)),
        new Benchmark(
            "select-bracketed-torch",
            job("bracketed"),
            "libtorch kthvalue",
            1,
            0,
            Mark.NONE,
            () -> new SelectBenchmarks().besideTorch()));
  }

  private static Benchmark benchmark(String form, Mark mark) {
    return new Benchmark(
        "select-" + form,
        job(form),
        "std::nth_element",
        1,
        0,
        mark,
        () -> new SelectBenchmarks().besideNthElement(form.equals("cold")));
  }

  private static String job(String form) {
    return "mask of the smaller half of 1 M, " + form;
  }

  private Pairing besideNthElement(boolean cold) {
    NthElement nth = new NthElement(N, K);
    MemorySegment[] copies = Arrays.stream(weights).map(nth::copyOf).toArray(MemorySegment[]::new);
    for (int s = 0; s < STEPS; s++) {
      ourStep = s;
      ours(cold);
      nth.run(copies[s]);
      if (!Arrays.equals(keep, nth.result())) {
        throw Pairing.differ("the mask of step " + s, "these bits", "others");
      }
    }
    return new Pairing(
        new Job(() -> ours(cold), this::weNext),
        new Job(() -> nth.run(copies[theirStep]), this::theyNext),
        NthElement.description());
  }

  private Pairing besideTorch() {
    Torch.setThreads(1);
    TorchMask torch = new TorchMask(K, 1);
    Tensor[] copies = Arrays.stream(weights).map(w -> Torch.tensor(w, 1, N)).toArray(Tensor[]::new);
    ours(false);
    boolean[] dropped = Torch.booleans(torch.candidates(copies[ourStep]));
    for (int i = 0; i < N; i++) {
      boolean kept = (keep[i >>> 6] >>> i & 1) != 0;
      boolean tie =
          SelectKernels.key(weights[ourStep][i]) == keys[ourStep]; // kthvalue takes all of them
      if (kept == dropped[i] && !tie) {
        throw Pairing.differ("bit " + i, kept, !dropped[i]);
      }
    }
    return new Pairing(
        new Job(() -> ours(false), this::weNext),
        new Job(() -> torch.candidates(copies[theirStep]).close(), this::theyNext),
        Torch.description());
  }

  private void weNext() {
    ourStep = (ourStep + 1) % STEPS;
  }

  private void theyNext() {
    theirStep = (theirStep + 1) % STEPS;
  }

  private void ours(boolean cold) {
    float[] w = weights[ourStep];
    if (cold) {
      long threshold = Kernels.select().threshold(N, w, 0, K, scratch);
      Kernels.select().keepMask(N, w, 0, threshold, keep, 0);
      return;
    }
    int last = keys[before(ourStep)];
    long found =
        Kernels.select().keepMaskWithin(N, w, 0, K, last - reach, last + reach, keep, 0, scratch);
    if (found == SelectKernels.MISS) {
      throw new IllegalStateException("the threshold is outside of the bracket");
    }
  }
}
