package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;

/** All benchmarks, in the order of the table. */
final class Suite {
  private Suite() {}

  static List<Benchmark> benchmarks() {
    List<Benchmark> all = new ArrayList<>();
    all.addAll(GemmBenchmarks.all());
    all.addAll(SelectBenchmarks.all());
    all.addAll(MaskBenchmarks.all());
    all.addAll(StepBenchmarks.all());
    all.addAll(UnitBenchmarks.all());
    all.addAll(ConvBenchmarks.all());
    all.addAll(ConvStepBenchmarks.all());
    all.addAll(ConvUnitBenchmarks.all());
    all.addAll(EpochBenchmarks.all());
    all.addAll(InferenceBenchmarks.all());
    return all;
  }
}
