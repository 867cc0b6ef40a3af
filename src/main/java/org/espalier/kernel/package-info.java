/**
 * Which implementation of the inner loops runs: {@link org.espalier.kernel.Kernels} chooses once,
 * by what the {@link org.espalier.kernel.KernelChoice} finds. The loops themselves:
 *
 * <ul>
 *   <li>{@code contract}: the interfaces and their laws
 *   <li>{@code scalar}: the specification, plain Java, written to be read
 *   <li>{@code simd}: the implementation on the Vector API, by what is computed
 *   <li>{@code gemm}, {@code conv}: the drivers, which cut a matrix product or a convolution into
 *       pieces for the loops and over threads
 * </ul>
 *
 * <p>Arguments are primitive arrays that the caller has checked; kernels allocate nothing, log
 * nothing and start no threads. May import {@code sparse}, {@code tensor}, {@code parallel} and
 * {@code machine}.
 */
@Internal
package org.espalier.kernel;

import org.espalier.Internal;
