/**
 * What happens to weights while training: {@link org.espalier.sparsify.TargetedDropout} and its
 * rivals, all through the seam of {@link org.espalier.op.WeightTransform}; and the vocabulary that
 * pruning shares with them: granularity, shares, layer patterns. May import {@code op}, {@code
 * model}, {@code kernel}, {@code sparse} and {@code tensor}.
 */
package org.espalier.sparsify;
