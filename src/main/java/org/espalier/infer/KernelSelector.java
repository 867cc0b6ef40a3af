package org.espalier.infer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import org.espalier.infer.LayerSummary.Cost;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the kernels of a layer, one for single examples and one for batches: those that {@link
 * CostModel} expects to be fastest, unless {@link KernelTimes} that were measured on this machine
 * know better.
 */
final class KernelSelector {
  /**
   * Two kernels keep a layer in memory twice, so one is taken for both where it is not slower than
   * the best by more than this factor, which is also what the estimates are worth.
   */
  private static final double ONE_FOR_BOTH = 1.05;

  /** So is it where all that is lost is less than what a call takes besides. */
  private static final double NEGLIGIBLE_MICROS = 0.3;

  /** Beyond this density zeros are an accident. */
  private static final double HARDLY_ANY_ZEROS = 0.95;

  private final PlanOptions options;
  private final CostModel model;
  private final @Nullable KernelMeter meter;

  KernelSelector(PlanOptions options, @Nullable KernelMeter meter) {
    this.options = options;
    this.model = CostModel.HERE;
    this.meter = meter;
  }

  /**
   * The kernels of a layer and why they are taken.
   *
   * @param costs how long kernels take, those that were compared
   */
  record Choice(Kernel one, Kernel many, String reason, List<Cost> costs) {
    Choice {
      costs = List.copyOf(costs);
    }

    static Choice of(Kernel kernel, String reason) {
      return new Choice(kernel, kernel, reason, List.of());
    }
  }

  /** What a kernel does for a batch, to be measured. */
  interface Work {
    /** Returns what runs a kernel on a batch of this size. */
    Runnable of(Kernel kernel, int batch);
  }

  /**
   * Chooses.
   *
   * @param batch the batch that the plan computes side by side
   * @param work made only if it is to be measured
   */
  Choice choose(Workload workload, int batch, Work work) {
    boolean isChoice = workload.density() <= HARDLY_ANY_ZEROS;
    if (meter != null) {
      if (isChoice) {
        measure(meter, workload, 1, work);
      }
      if (isChoice && batch > 1) {
        measure(meter, workload, batch, work);
      }
      return Choice.of(Kernel.DENSE, "measured only");
    }
    if (options.kernel() != Kernel.AUTO) {
      return Choice.of(options.kernel(), "asked for");
    }
    if (!isChoice) {
      return Choice.of(
          Kernel.DENSE,
          String.format(
              Locale.ROOT, "density %.1f %%: hardly any zeros", 100 * workload.density()));
    }
    Map<Kernel, Cost> ones = costs(workload, 1);
    Map<Kernel, Cost> manys = batch == 1 ? ones : costs(workload, batch);
    Kernel one = fastest(ones);
    Kernel many = fastest(manys);
    if (one != many) {
      Kernel best =
          fastestForBoth(ones, manys, options.compact() ? ones.keySet() : enough(ones, manys));
      one = best == Kernel.AUTO ? one : best;
      many = best == Kernel.AUTO ? many : best;
    }
    List<Cost> costs = new ArrayList<>(ones.values());
    if (batch > 1) {
      costs.addAll(manys.values());
    }
    return new Choice(one, many, reason(workload, costs), costs);
  }

  private void measure(KernelMeter by, Workload workload, int batch, Work work) {
    List<KernelMeter.Candidate> candidates = new ArrayList<>();
    for (Kernel kernel : candidates(workload, batch)) {
      candidates.add(
          new KernelMeter.Candidate(
              kernel, () -> model.nanos(workload, kernel, batch), () -> work.of(kernel, batch)));
    }
    by.measure(workload, batch, candidates);
  }

  /** Returns the kernels that can compute a layer and may be fastest. */
  static List<Kernel> candidates(Workload workload, int batch) {
    return workload.blockHeight() > 0 && (batch > 1 || workload.fillsVectors())
        ? List.of(Kernel.DENSE, Kernel.CSR, Kernel.BLOCK)
        : List.of(Kernel.DENSE, Kernel.CSR);
  }

  private Map<Kernel, Cost> costs(Workload workload, int batch) {
    Map<Kernel, Cost> costs = new EnumMap<>(Kernel.class);
    for (Kernel kernel : candidates(workload, batch)) {
      OptionalDouble measured = options.times().nanos(workload, kernel, batch);
      double nanos = measured.orElseGet(() -> model.nanos(workload, kernel, batch));
      costs.put(kernel, new Cost(kernel, batch, nanos / 1e3, measured.isPresent()));
    }
    return costs;
  }

  /** Of equals the first. */
  private static Kernel fastest(Map<Kernel, Cost> costs) {
    Kernel best = Kernel.DENSE;
    for (Kernel kernel : costs.keySet()) {
      best = micros(costs, kernel) < micros(costs, best) ? kernel : best;
    }
    return best;
  }

  /** Returns the kernels that are fast enough for both single examples and batches. */
  private static Set<Kernel> enough(Map<Kernel, Cost> ones, Map<Kernel, Cost> manys) {
    double one = micros(ones, fastest(ones));
    double many = micros(manys, fastest(manys));
    Set<Kernel> enough = EnumSet.copyOf(ones.keySet());
    enough.removeIf(
        kernel ->
            !isNearlyAsFast(micros(ones, kernel), one)
                || !isNearlyAsFast(micros(manys, kernel), many));
    return enough;
  }

  /**
   * Returns the one of some with the least product of times, {@link Kernel#AUTO} if there is none.
   */
  private static Kernel fastestForBoth(
      Map<Kernel, Cost> ones, Map<Kernel, Cost> manys, Set<Kernel> some) {
    Kernel best = Kernel.AUTO;
    double least = Double.POSITIVE_INFINITY;
    for (Kernel kernel : some) {
      double product = micros(ones, kernel) * micros(manys, kernel);
      best = product < least ? kernel : best;
      least = Math.min(product, least);
    }
    return best;
  }

  private static boolean isNearlyAsFast(double micros, double best) {
    return micros <= Math.max(ONE_FOR_BOTH * best, best + NEGLIGIBLE_MICROS);
  }

  private static double micros(Map<Kernel, Cost> costs, Kernel kernel) {
    return Objects.requireNonNull(costs.get(kernel)).micros();
  }

  private static String reason(Workload workload, List<Cost> costs) {
    StringBuilder reason = new StringBuilder();
    reason.append(String.format(Locale.ROOT, "density %.1f %%", 100 * workload.density()));
    int batch = 0;
    for (Cost cost : costs) {
      reason.append(cost.batch() == batch ? ", " : "; expected for batch " + cost.batch() + ": ");
      batch = cost.batch();
      reason.append(String.format(Locale.ROOT, "%s %.1f µs", cost.kernel(), cost.micros()));
      reason.append(cost.measured() ? " measured" : "");
    }
    return reason.toString();
  }
}
