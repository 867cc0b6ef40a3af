/**
 * Forward and backward of each operator, over kernels: a {@link org.espalier.op.Network} is a graph
 * with buffers, ready for training. {@link org.espalier.op.WeightTransform} is the seam through
 * which sparsifying methods act on a weight. May import {@code model}, {@code kernel}, {@code
 * sparse} and {@code tensor}.
 */
package org.espalier.op;
