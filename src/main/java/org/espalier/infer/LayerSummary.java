package org.espalier.infer;

import java.util.List;

/**
 * What the compiler made of a layer.
 *
 * @param name the node's name
 * @param kernel any but {@link Kernel#AUTO}
 * @param reason why that kernel
 * @param relu whether a rectifier is fused
 * @param rows outputs
 * @param cols inputs
 * @param nnz weights that are not zero
 * @param weightBytes memory that weights, indices and bias take
 * @param flops floating-point operations for one example: two for each weight that is multiplied
 * @param effectiveFlops those of the dense product, two for each weight
 * @param timings how long the kernels took among which was chosen; empty if none was measured
 */
public record LayerSummary(
    String name,
    Kernel kernel,
    String reason,
    boolean relu,
    int rows,
    int cols,
    long nnz,
    long weightBytes,
    long flops,
    long effectiveFlops,
    List<Timing> timings) {
  /**
   * How long a kernel takes for the layer, on one thread of this machine.
   *
   * @param batch examples that are computed together
   */
  public record Timing(Kernel kernel, int batch, double micros) {}

  /** Copies the list. */
  public LayerSummary {
    timings = List.copyOf(timings);
  }

  /** Describes a layer whose kernel was not chosen by time. */
  public LayerSummary(
      String name,
      Kernel kernel,
      String reason,
      boolean relu,
      int rows,
      int cols,
      long nnz,
      long weightBytes,
      long flops,
      long effectiveFlops) {
    this(
        name, kernel, reason, relu, rows, cols, nnz, weightBytes, flops, effectiveFlops, List.of());
  }
}
