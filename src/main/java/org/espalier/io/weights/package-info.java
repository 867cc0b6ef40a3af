/**
 * Weights of others without a network: {@link org.espalier.io.weights.ForeignWeights} puts the
 * tensors of a safetensors file into a network of ours, by the names that a {@link
 * org.espalier.io.weights.NameTable} gives. May import {@code io}, {@code model} and {@code
 * tensor}.
 */
@Internal
package org.espalier.io.weights;

import org.espalier.Internal;
