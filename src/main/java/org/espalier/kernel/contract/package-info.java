/**
 * What each family of kernels computes: interfaces with shapes, layouts, order of summation and
 * what is done with NaN and ties. {@code scalar} and {@code simd} implement them with the same
 * bits. May import {@code sparse} and {@code tensor}.
 */
@Internal
package org.espalier.kernel.contract;

import org.espalier.Internal;
