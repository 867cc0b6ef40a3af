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
record Regret(String name, Kernel best, Kernel preferred, double factor) {
  /** Estimates how long a kernel takes. */
  interface Estimate {
    double nanos(Workload layer, Kernel kernel, int batch);
  }

  /** Returns one for each choice that there is, the worst first. */
  static List<Regret> of(Estimate model, List<Measured> all) {
    Map<String, Map<Kernel, Measured>> cases = new LinkedHashMap<>();
    Map<String, Measured> dense = new LinkedHashMap<>();
    for (Measured m : all) {
      if (m.kernel() == Kernel.DENSE) {
        dense.put(shape(m), m);
      } else {
        cases
            .computeIfAbsent(
                shape(m) + " " + m.workload().nonZeros() + " " + m.workload().blockHeight(),
                _ -> new EnumMap<>(Kernel.class))
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
          Map<Kernel, Double> nanos = new EnumMap<>(Kernel.class);
          kernels.forEach((kernel, m) -> nanos.put(kernel, m.nanos()));
          nanos.put(Kernel.DENSE, Objects.requireNonNull(dense.get(shape(any))).nanos());
          Kernel preferred =
              nanos.keySet().stream()
                  .min(Comparator.comparingDouble(k -> model.nanos(any.workload(), k, any.batch())))
                  .orElseThrow();
          Kernel best =
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
