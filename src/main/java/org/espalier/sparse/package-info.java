/**
 * Sparse matrices: immutable values that are checked once, when they are made, so that kernels may
 * trust their indices. May import {@code tensor}.
 *
 * <p>Values may be stored as halves or as bytes with a scale for each row; kernels widen them and
 * compute with floats. Integer arithmetic doesn't pay in Java 25: the Vector API has neither {@code
 * vpmaddwd} nor {@code vpdpbusd}, so exact products of bytes reach 136 GOP/s as ints, 115 as shorts
 * whose pairs are widened, 132 in a plain loop over pairs of shorts, where fp32 fma reaches 214 in
 * the same run (one thread, AVX-512; at 256 bits 69, 41 and 68 against 108).
 */
@Internal
package org.espalier.sparse;

import org.espalier.Internal;
