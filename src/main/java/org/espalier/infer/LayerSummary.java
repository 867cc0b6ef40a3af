package org.espalier.infer;

import java.util.List;

/**
 * What the compiler made of a layer.
 *
 * @param name the node's name
 * @param one the kernel for single examples, any but {@link WeightFormat#AUTO}
 * @param many the kernel for batches, any but {@link WeightFormat#AUTO}
 * @param reason why these kernels
 * @param relu whether a rectifier is fused, perhaps with a bound from above
 * @param rows outputs
 * @param cols inputs
 * @param nnz weights that are not zero
 * @param weightBytes memory that weights, indices and bias take
 * @param flops floating-point operations for one example: two for each weight that is multiplied
 * @param effectiveFlops those of the dense product, two for each weight
 * @param costs how long the kernels take among which was chosen; empty if there was no choice
 */
public record LayerSummary(
    String name,
    WeightFormat one,
    WeightFormat many,
    String reason,
    boolean relu,
    int rows,
    int cols,
    long nnz,
    long weightBytes,
    long flops,
    long effectiveFlops,
    List<Cost> costs) {
  /**
   * How long a kernel takes for the layer, on one thread.
   *
   * @param batch examples that are computed together
   * @param micros microseconds that it is expected to take
   * @param measured whether it was measured on this machine; else it is estimated
   */
  public record Cost(WeightFormat kernel, int batch, double micros, boolean measured) {}

  /** Copies the list. */
  public LayerSummary {
    costs = List.copyOf(costs);
  }

  /** Returns the kernel that computes a batch. */
  public WeightFormat kernel(int batch) {
    return batch == 1 ? one : many;
  }

  /** Returns the names of the kernels: {@code csr}, or {@code csr; batches dense}. */
  public String kernels() {
    return one == many ? one.toString() : one + "; batches " + many;
  }
}
