package org.espalier.infer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.espalier.infer.LayerSummary.Cost;
import org.espalier.tensor.Precision;
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
  record Choice(WeightFormat one, WeightFormat many, String reason, List<Cost> costs) {
    Choice {
      costs = List.copyOf(costs);
    }

    static Choice of(WeightFormat kernel, String reason) {
      return new Choice(kernel, kernel, reason, List.of());
    }
  }

  /** What a kernel does for a batch, to be measured. */
  interface Work {
    /** Returns what runs a kernel on a batch of this size. */
    Runnable of(WeightFormat kernel, int batch);
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
      return Choice.of(WeightFormat.DENSE, "measured only");
    }
    if (options.kernel() != WeightFormat.AUTO) {
      return asked(workload, options.kernel());
    }
    if (!isChoice) {
      return Choice.of(
          WeightFormat.DENSE,
          String.format(
              Locale.ROOT, "density %.1f %%: hardly any zeros", 100 * workload.density()));
    }
    Map<WeightFormat, Cost> ones = costs(workload, 1);
    Map<WeightFormat, Cost> manys = batch == 1 ? ones : costs(workload, batch);
    Pair pair = choose(workload, ones, manys);
    List<Cost> costs = new ArrayList<>(ones.values());
    if (batch > 1) {
      costs.addAll(manys.values());
    }
    return new Choice(pair.one(), pair.many(), reason(workload, costs), costs);
  }

  private void measure(KernelMeter by, Workload workload, int batch, Work work) {
    List<KernelMeter.Candidate> candidates = new ArrayList<>();
    for (WeightFormat kernel : candidates(workload, batch)) {
      candidates.add(
          new KernelMeter.Candidate(
              kernel, () -> model.nanos(workload, kernel, batch), () -> work.of(kernel, batch)));
    }
    by.measure(workload, batch, candidates);
  }

  /** Returns what becomes of a format that was asked for. */
  private static Choice asked(Workload workload, WeightFormat format) {
    String reason = "asked for";
    if (workload.isConvolution()) {
      WeightFormat runs =
          switch (format) {
            case AUTO, DENSE -> format;
            case CSR, SELL, BLOCKED_CSR -> WeightFormat.CSR;
            case BSR -> workload.groups() > 1 ? WeightFormat.CSR : WeightFormat.BSR;
          };
      if (runs != format) {
        reason =
            format == WeightFormat.BSR
                ? "has groups, which bsr can't"
                : "asked for " + format + ", which convolutions don't have";
      }
      return Choice.of(runs, reason);
    }
    WeightFormat one =
        switch (format) {
          case AUTO, DENSE, CSR, SELL -> format;
          case BLOCKED_CSR -> WeightFormat.SELL;
          case BSR -> workload.inBlocks().fillsVectors() ? WeightFormat.BSR : WeightFormat.SELL;
        };
    WeightFormat many =
        format == WeightFormat.SELL && !workload.sellServesBatches()
            ? WeightFormat.BLOCKED_CSR
            : format;
    if (one != format) {
      reason = "asked for; it serves batches only";
    } else if (many != format) {
      reason = "asked for; it doesn't serve batches here";
    }
    return new Choice(one, many, reason, List.of());
  }

  /** Returns the formats that can hold a layer and may be fastest. */
  static List<WeightFormat> candidates(Workload workload, int batch) {
    List<WeightFormat> formats = new ArrayList<>(List.of(WeightFormat.DENSE));
    if (workload.isConvolution()) {
      formats.add(WeightFormat.CSR);
    } else {
      if (workload.precision() == Precision.FP32) { // it holds floats
        formats.add(WeightFormat.CSR);
      }
      if (batch == 1 || workload.sellServesBatches()) {
        formats.add(WeightFormat.SELL);
      }
      if (batch > 1) {
        formats.add(WeightFormat.BLOCKED_CSR);
      }
    }
    if (workload.blockHeight() > 0 && (batch > 1 || workload.fillsVectors())) {
      formats.add(WeightFormat.BSR);
    }
    return formats;
  }

  private Map<WeightFormat, Cost> costs(Workload workload, int batch) {
    Map<WeightFormat, Cost> costs = new EnumMap<>(WeightFormat.class);
    for (WeightFormat kernel : candidates(workload, batch)) {
      OptionalDouble measured = options.times().nanos(workload, kernel, batch);
      double nanos = measured.orElseGet(() -> model.nanos(workload, kernel, batch));
      costs.put(kernel, new Cost(kernel, batch, nanos / 1e3, measured.isPresent()));
    }
    return costs;
  }

  /** Of equals the first. */
  private static WeightFormat fastest(Map<WeightFormat, Cost> costs) {
    WeightFormat best = WeightFormat.DENSE;
    for (WeightFormat kernel : costs.keySet()) {
      best = micros(costs, kernel) < micros(costs, best) ? kernel : best;
    }
    return best;
  }

  /** The formats for single examples and for batches. */
  private record Pair(WeightFormat one, WeightFormat many) {}

  /**
   * Returns the fastest pair; of one format for both, with the least product of times, where that
   * is fast enough or asked for.
   */
  private Pair choose(
      Workload workload, Map<WeightFormat, Cost> ones, Map<WeightFormat, Cost> manys) {
    Pair fastest = new Pair(fastest(ones), fastest(manys));
    if (fastest.one() == fastest.many()) {
      return fastest;
    }
    List<Pair> pairs = new ArrayList<>();
    for (WeightFormat format : ones.keySet()) {
      if (manys.containsKey(format)
          && (options.compact()
              || (isNearlyAsFast(micros(ones, format), micros(ones, fastest.one()))
                  && isNearlyAsFast(micros(manys, format), micros(manys, fastest.many()))))) {
        pairs.add(new Pair(format, format));
      }
    }
    if (options.compact() && workload.precision() != Precision.FP32 && !workload.isConvolution()) {
      // no sparse format holds narrow weights for both: two of them take less than a dense one
      pairs.add(new Pair(WeightFormat.SELL, WeightFormat.BLOCKED_CSR));
    }
    return pairs.stream()
        .min(Comparator.comparingDouble(p -> micros(ones, p.one()) * micros(manys, p.many())))
        .orElse(fastest);
  }

  private static boolean isNearlyAsFast(double micros, double best) {
    return micros <= Math.max(ONE_FOR_BOTH * best, best + NEGLIGIBLE_MICROS);
  }

  private static double micros(Map<WeightFormat, Cost> costs, WeightFormat kernel) {
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
