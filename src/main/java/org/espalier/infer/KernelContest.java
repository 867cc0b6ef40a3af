package org.espalier.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.espalier.infer.LayerSummary.Timing;
import org.espalier.kernel.Kernels;

/** Chooses among the kernels of a layer. */
final class KernelContest {
  /** Density up to which the sparse kernels may be faster; so they are measured. */
  private static final double CONTEST = 0.75;

  /** Weights of a layer that is worth measuring: others take a few microseconds either way. */
  private static final int WORTH_MEASURING = 1 << 14;

  /** Density below which the sparse kernels are chosen where nothing is measured. */
  private static final double SPARSE_BELOW = 0.3;

  private final PlanOptions options;
  private final KernelTimes times;

  KernelContest(PlanOptions options, KernelTimes times) {
    this.options = options;
    this.times = times;
  }

  /**
   * A kernel and why it is taken.
   *
   * @param timings how long the kernels took, if they were measured
   */
  record Choice(Kernel kernel, String reason, List<Timing> timings) {
    Choice {
      timings = List.copyOf(timings);
    }

    Choice(Kernel kernel, String reason) {
      this(kernel, reason, List.of());
    }
  }

  /** What a kernel does for a batch, to be measured. */
  interface Work {
    /** Returns what runs a kernel on a batch of this size. */
    Runnable of(Kernel kernel, int batch);
  }

  /**
   * Chooses by the product of the times that the batches take.
   *
   * @param layer all that the times depend on but density, kernels and batches
   * @param candidates the kernels that can compute the layer, among them {@link Kernel#DENSE} and
   *     {@link Kernel#CSR}
   * @param batches what is measured
   * @param work made only if it must be
   */
  Choice choose(
      String layer,
      long weights,
      double density,
      List<Kernel> candidates,
      int[] batches,
      Supplier<Work> work) {
    if (options.kernel() != Kernel.AUTO) {
      return new Choice(options.kernel(), "asked for");
    }
    String percent = String.format(Locale.ROOT, "density %.1f %%", 100 * density);
    if (density > CONTEST) {
      return new Choice(Kernel.DENSE, percent + ": hardly any zeros");
    }
    if (weights < WORTH_MEASURING || !Kernels.choice().isSimd()) {
      return density < SPARSE_BELOW
          ? new Choice(Kernel.CSR, percent + ": few weights, not measured")
          : new Choice(Kernel.DENSE, percent + ": not few weights, not measured");
    }
    // Layers of about the same density share their times.
    double grain = density < 0.1 ? 0.01 : 0.05;
    String question =
        String.format(
            Locale.ROOT,
            "%s, density %.0f %%, batch %d",
            layer,
            100 * grain * Math.round(density / grain),
            batches[batches.length - 1]);
    Map<String, Double> measured =
        times.of(
            question,
            names(candidates, batches),
            () -> pieces(candidates, batches, weights, density, work.get()));
    return fastest(percent, candidates, batches, measured);
  }

  private static Choice fastest(
      String percent, List<Kernel> candidates, int[] batches, Map<String, Double> measured) {
    List<Timing> timings = new ArrayList<>();
    StringBuilder reason = new StringBuilder(percent);
    double[] products = new double[candidates.size()];
    Arrays.fill(products, 1);
    for (int batch : batches) {
      String separator = "; batch " + batch + ": ";
      for (int i = 0; i < products.length; i++) {
        Kernel kernel = candidates.get(i);
        double micros = Objects.requireNonNull(measured.get(name(kernel, batch))) / 1e3;
        timings.add(new Timing(kernel, batch, micros));
        products[i] *= micros;
        reason.append(separator).append(String.format(Locale.ROOT, "%s %.1f µs", kernel, micros));
        separator = ", ";
      }
    }
    int best = 0;
    for (int i = 1; i < products.length; i++) {
      best = products[i] < products[best] ? i : best;
    }
    return new Choice(candidates.get(best), reason.toString(), timings);
  }

  private static Set<String> names(List<Kernel> candidates, int[] batches) {
    Set<String> names = new HashSet<>();
    for (int batch : batches) {
      candidates.forEach(kernel -> names.add(name(kernel, batch)));
    }
    return names;
  }

  private static Map<String, KernelTimer.Piece> pieces(
      List<Kernel> candidates, int[] batches, long weights, double density, Work work) {
    Map<String, KernelTimer.Piece> pieces = new LinkedHashMap<>();
    for (int batch : batches) {
      for (Kernel kernel : candidates) {
        double multiplications = (double) weights * batch * (kernel == Kernel.DENSE ? 1 : density);
        pieces.put(
            name(kernel, batch), new KernelTimer.Piece(work.of(kernel, batch), multiplications));
      }
    }
    return pieces;
  }

  private static String name(Kernel kernel, int batch) {
    return kernel + " " + batch;
  }
}
