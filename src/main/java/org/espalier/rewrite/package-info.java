/**
 * Networks rewritten into others that compute the same and cost less: {@link
 * org.espalier.rewrite.ChannelRemoval} takes constant units and channels out of a graph for real,
 * through normalisations, residual sums, pooling and flattening, {@link
 * org.espalier.rewrite.FoldBatchNorm} puts normalisations into the weights before them. Used after
 * pruning, and by whoever compiles a network. May import {@code reference}, {@code model} and
 * {@code tensor}.
 */
@Internal
package org.espalier.rewrite;

import org.espalier.Internal;
