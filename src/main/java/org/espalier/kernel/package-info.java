/**
 * The inner loops, behind interfaces, and the {@link org.espalier.kernel.Kernels} that choose their
 * implementation once. Arguments are primitive arrays that the caller has checked; kernels allocate
 * nothing, log nothing and start no threads. {@link org.espalier.kernel.Workers} is the one thread
 * pool. May import {@code sparse} and {@code tensor}.
 */
package org.espalier.kernel;
