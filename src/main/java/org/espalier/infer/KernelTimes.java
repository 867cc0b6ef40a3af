package org.espalier.infer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How long kernels took on one machine, by layer, kernel and batch; immutable. A {@link Plan}
 * prefers them to its estimates: see {@link PlanOptions#times}.
 *
 * @param nanos nanoseconds of a call, in the order in which they were measured
 */
public record KernelTimes(Map<Key, Double> nanos) {
  /** Nothing was measured. */
  public static final KernelTimes NONE = new KernelTimes(Map.of());

  /**
   * What was measured.
   *
   * @param layer as {@link Workload#toString} describes it
   * @param batch examples that are computed together
   */
  public record Key(String layer, WeightFormat kernel, int batch) {}

  /** Copies the map. */
  public KernelTimes {
    nanos = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(nanos));
  }

  /** Returns these times and others, which come last and replace those of the same layer. */
  public KernelTimes with(Map<Key, Double> others) {
    Map<Key, Double> all = new LinkedHashMap<>(nanos);
    others.keySet().forEach(all::remove);
    all.putAll(others);
    return new KernelTimes(all);
  }

  /** Returns the time of a kernel, if it was measured. */
  OptionalDouble nanos(Workload workload, WeightFormat kernel, int batch) {
    Double known = nanos.isEmpty() ? null : nanos.get(new Key(workload.toString(), kernel, batch));
    return known == null ? OptionalDouble.empty() : OptionalDouble.of(known);
  }
}
