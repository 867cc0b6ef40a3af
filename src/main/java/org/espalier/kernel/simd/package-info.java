/**
 * The kernels on the Vector API; the only package that imports {@code jdk.incubator.vector}. Only
 * {@link org.espalier.kernel.Kernels} and tests name it.
 *
 * <p>All vectors have the width that {@code Lanes} chooses. The methods of the Vector API ask a
 * vector for its species at places that all vectors of an element type share. As long as one class
 * of vectors comes by there, the compiler knows it; with a second one, it has to find out from the
 * code around, and where it finds out too late it boxes, for instance in a loop that only copies.
 */
package org.espalier.kernel.simd;
