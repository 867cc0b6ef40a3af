package org.espalier.kernel;

import org.espalier.kernel.scalar.ScalarGemm;

/**
 * Chooses the kernels, once: the Vector API ones where the JVM compiles them to vector
 * instructions, else the scalar specification, which gives the same bits. The system property
 * {@code espalier.kernels} ({@code simd} or {@code scalar}) overrides the choice, {@code
 * espalier.simd.bits} (128, 256, 512) the width.
 */
public final class Kernels {
  private static final KernelChoice CHOICE = KernelChoice.detect();

  /** Whether the Vector API's kernels are chosen; they are loaded only then. */
  @SuppressWarnings("UnusedVariable")
  private static final boolean SIMD = CHOICE.isSimd();

  private Kernels() {}

  /** Returns which kernels run, and why. */
  public static KernelChoice choice() {
    return CHOICE;
  }

  private static final GemmKernels GEMM = new ScalarGemm();

  /** Returns the loops of matrix products; {@link Gemm} is what calls them. */
  public static GemmKernels gemm() {
    return GEMM;
  }

  // vector

  // loss

  // select

  // random

  // optimizer

  // sparse
}
