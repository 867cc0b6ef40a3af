/**
 * Sparse matrices: immutable values that are checked once, when they are made, so that kernels may
 * trust their indices. May import {@code tensor}.
 */
package org.espalier.sparse;
