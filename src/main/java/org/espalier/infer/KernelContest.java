package org.espalier.infer;

import java.util.ArrayList;
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

/** Chooses between the dense kernel of a layer and the sparse one. */
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
   * @param layer all that the times depend on but density and batches
   * @param batches what is measured
   * @param work made only if it must be
   */
  Choice choose(String layer, long weights, double density, int[] batches, Supplier<Work> work) {
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
    return fastest(layer, density, percent, batches, work);
  }

  private Choice fastest(
      String layer, double density, String percent, int[] batches, Supplier<Work> work) {
    // Layers of about the same density share their times.
    double grain = density < 0.1 ? 0.01 : 0.05;
    String question =
        String.format(
            Locale.ROOT,
            "%s, density %.0f %%, batch %d",
            layer,
            100 * grain * Math.round(density / grain),
            batches[batches.length - 1]);
    Set<String> names = new HashSet<>();
    for (int batch : batches) {
      names.add(name(Kernel.DENSE, batch));
      names.add(name(Kernel.CSR, batch));
    }
    Map<String, Double> measured = times.of(question, names, () -> candidates(batches, work.get()));
    List<Timing> timings = new ArrayList<>();
    StringBuilder reason = new StringBuilder(percent);
    double sparseOverDense = 1;
    for (int batch : batches) {
      double dense = micros(measured, Kernel.DENSE, batch);
      double sparse = micros(measured, Kernel.CSR, batch);
      timings.add(new Timing(Kernel.DENSE, batch, dense));
      timings.add(new Timing(Kernel.CSR, batch, sparse));
      sparseOverDense *= sparse / dense;
      reason.append(
          String.format(
              Locale.ROOT, "; batch %d: dense %.1f µs, csr %.1f µs", batch, dense, sparse));
    }
    Kernel kernel = sparseOverDense < 1 ? Kernel.CSR : Kernel.DENSE;
    return new Choice(kernel, reason.toString(), timings);
  }

  private static Map<String, Runnable> candidates(int[] batches, Work work) {
    Map<String, Runnable> candidates = new LinkedHashMap<>();
    for (int batch : batches) {
      candidates.put(name(Kernel.DENSE, batch), work.of(Kernel.DENSE, batch));
      candidates.put(name(Kernel.CSR, batch), work.of(Kernel.CSR, batch));
    }
    return candidates;
  }

  private static double micros(Map<String, Double> nanos, Kernel kernel, int batch) {
    return Objects.requireNonNull(nanos.get(name(kernel, batch))) / 1e3;
  }

  private static String name(Kernel kernel, int batch) {
    return kernel.name().toLowerCase(Locale.ROOT) + " " + batch;
  }
}
