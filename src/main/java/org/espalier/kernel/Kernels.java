package org.espalier.kernel;

import org.espalier.kernel.scalar.ScalarGemm;
import org.espalier.kernel.simd.SimdSparse;

/**
 * Chooses the kernels, once: the Vector API ones where the JVM compiles them to vector
 * instructions, else the scalar specification, which gives the same bits. The system property
 * {@code espalier.kernels} ({@code simd} or {@code scalar}) overrides the choice, {@code
 * espalier.simd.bits} (128, 256, 512) the width.
 */
public final class Kernels {
  private Kernels() {}

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

  private static final SparseKernels SPARSE = new SimdSparse();

  /** Returns the products with sparse matrices. */
  public static SparseKernels sparse() {
    return SPARSE;
  }
}
