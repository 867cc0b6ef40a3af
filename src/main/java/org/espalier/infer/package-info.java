/**
 * Inference: a network of any operators compiled to a {@link org.espalier.infer.Plan}, whose layers
 * are each dense or sparse and fused with what follows them, whose other operators run pixel by
 * pixel or in plain loops, and the {@link org.espalier.infer.Session} in which a thread runs it
 * without allocating. Which kernels run is decided without a clock: by the estimates of a cost
 * model, or by {@link org.espalier.infer.KernelTimes} that a {@link org.espalier.infer.KernelMeter}
 * took before. May import {@code io}, to load what it compiles, {@code rewrite}, {@code reference},
 * {@code model}, {@code kernel}, {@code sparse} and {@code tensor}; never {@code train}, {@code
 * sparsify} or {@code op}: an image for the edge has no backward pass.
 */
package org.espalier.infer;
