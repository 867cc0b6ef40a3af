package org.espalier.kernel;

import org.espalier.kernel.scalar.ScalarGemm;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.kernel.scalar.ScalarSelect;

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

  private static final SelectKernels SELECT = new ScalarSelect();

  /** Returns the selection of the smallest magnitudes. */
  public static SelectKernels select() {
    return SELECT;
  }

  private static final RandomKernels RANDOM = new ScalarRandom();

  /** Returns the random numbers. */
  public static RandomKernels random() {
    return RANDOM;
  }

  // optimizer

  // sparse
}
