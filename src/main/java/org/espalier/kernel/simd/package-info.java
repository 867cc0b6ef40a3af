/**
 * The kernels on the Vector API; the only package that imports {@code jdk.incubator.vector}. Only
 * {@link org.espalier.kernel.Kernels} and tests name it.
 */
package org.espalier.kernel.simd;
