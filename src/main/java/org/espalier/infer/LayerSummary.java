package org.espalier.infer;

/**
 * What the compiler made of a layer.
 *
 * @param name the node's name
 * @param kernel {@link Kernel#DENSE} or {@link Kernel#CSR}
 * @param reason why that kernel
 * @param relu whether a rectifier is fused
 * @param rows outputs
 * @param cols inputs
 * @param nnz weights that are not zero
 * @param weightBytes memory that weights, indices and bias take
 * @param flops floating-point operations for one example: two for each weight that is multiplied
 * @param effectiveFlops those of the dense product, two for each weight
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
    long effectiveFlops) {}
