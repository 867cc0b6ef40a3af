package org.espalier.infer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * How many times as long as the best measured kernel the one takes that a model prefers.
 *
 * @param name layer and batch
 */
record Regret(String name, WeightFormat best, WeightFormat preferred, double factor) {
  /** Estimates how long a kernel takes. */
  interface Estimate {
    double nanos(Workload layer, WeightFormat kernel, int batch);
  }

  /** Returns one for each choice that there is, the worst first. */
  static List<Regret> of(Estimate model, List<Measured> all) {
    Map<String, Map<WeightFormat, Measured>> cases = new LinkedHashMap<>();
    Map<String, Measured> dense = new LinkedHashMap<>();
    for (Measured m : all) {
      if (m.kernel() == WeightFormat.DENSE) {
        dense.put(shape(m), m);
      } else {
        cases
            .computeIfAbsent(
                shape(m) + " " + m.workload().nonZeros() + " " + m.workload().blockHeight(),
                _ -> new EnumMap<>(WeightFormat.class))
            .put(m.kernel(), m);
      }
    }
    List<Regret> regrets = new ArrayList<>();
    cases.forEach(
        (name, kernels) -> {
          Measured any = kernels.values().iterator().next();
          if (!dense.containsKey(shape(any))) {
            return;
          }
          Map<WeightFormat, Double> nanos = new EnumMap<>(WeightFormat.class);
          kernels.forEach((kernel, m) -> nanos.put(kernel, m.nanos()));
          nanos.put(WeightFormat.DENSE, Objects.requireNonNull(dense.get(shape(any))).nanos());
          WeightFormat preferred =
              nanos.keySet().stream()
                  .min(Comparator.comparingDouble(k -> model.nanos(any.workload(), k, any.batch())))
                  .orElseThrow();
          WeightFormat best =
              nanos.keySet().stream()
                  .min(Comparator.comparingDouble(k -> nanos.get(k)))
                  .orElseThrow();
          regrets.add(
              new Regret(
                  any.workload() + ", batch " + any.batch(),
                  best,
                  preferred,
                  nanos.get(preferred) / nanos.get(best)));
        });
    regrets.sort(Comparator.comparingDouble(Regret::factor).reversed());
    return regrets;
  }

  private static String shape(Measured m) {
    Workload w = m.workload();
    return String.format(
        Locale.ROOT,
        "%d %d %d %d %s %d",
        w.rows(),
        w.cols(),
        w.span(),
        w.groups(),
        w.precision(),
        m.batch());
  }
}
