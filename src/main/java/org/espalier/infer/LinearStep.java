package org.espalier.infer;

import org.espalier.tensor.Tensor;

/**
 * A fully connected layer with its bias and perhaps a rectifier; immutable.
 *
 * @param summary what the compiler made of the layer
 * @param bias a value for each output, none of them −0
 * @param one the weight for a single example
 * @param many the weight for a batch; the same where one layout serves both, or where the plan
 *     takes no batches
 * @param workload what the times of its kernels depend on
 */
record LinearStep(
    LayerSummary summary, Tensor bias, Weights.Single one, Weights many, Workload workload) {}
