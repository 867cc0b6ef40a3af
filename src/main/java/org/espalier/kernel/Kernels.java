package org.espalier.kernel;

/**
 * Chooses the kernels, once: the Vector API ones where the JVM compiles them to vector
 * instructions, else the scalar specification, which gives the same bits. The system property
 * {@code espalier.kernels} ({@code simd} or {@code scalar}) overrides the choice, {@code
 * espalier.simd.bits} (128, 256, 512) the width.
 */
public final class Kernels {
  private Kernels() {}

  // gemm

  // vector

  // loss

  // select

  // random

  // optimizer

  // sparse
}
