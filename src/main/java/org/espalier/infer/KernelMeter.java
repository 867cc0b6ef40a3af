package org.espalier.infer;

import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.espalier.Internal;

/** Measures the kernels of a network's layers while a {@link Plan} is compiled. */
@FunctionalInterface
@Internal
public interface KernelMeter {
  /**
   * A kernel that can compute a layer.
   *
   * @param estimate nanoseconds that a call is expected to take
   * @param work makes what computes a batch once, on the calling thread
   */
  record Candidate(WeightFormat kernel, DoubleSupplier estimate, Supplier<Runnable> work) {}

  /**
   * Meets a layer and a batch.
   *
   * @param layer what times depend on
   * @param batch examples that are computed together
   * @param candidates the kernels among which is chosen
   */
  void measure(Workload layer, int batch, List<Candidate> candidates);
}
