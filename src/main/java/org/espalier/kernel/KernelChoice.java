package org.espalier.kernel;

import java.util.Locale;
import org.espalier.InputException;
import org.espalier.kernel.simd.Lanes;
import org.espalier.machine.HotSpot;
import org.jspecify.annotations.Nullable;

/**
 * Which kernels run, and why.
 *
 * @param implementation the Vector API kernels or the scalar specification
 * @param bits width of a vector in bits; 32, a single float, for the specification
 * @param reason why, in words
 * @param isFallback whether the specification runs although nobody asked for it
 */
public record KernelChoice(
    Implementation implementation, int bits, String reason, boolean isFallback) {
  /** The system property that overrides the choice of implementation. */
  public static final String KERNELS_PROPERTY = "espalier.kernels";

  /** The system property that overrides the vector width. */
  public static final String BITS_PROPERTY = "espalier.simd.bits";

  /** The two families of kernels, which give the same bits. */
  public enum Implementation {
    /** On the Vector API. */
    SIMD,
    /** The specification, plain Java. */
    SCALAR;

    /** Returns the name in lower case, as {@link #KERNELS_PROPERTY} spells it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int MIN_BITS = 128;

  /** Returns whether the Vector API kernels run. */
  public boolean isSimd() {
    return implementation == Implementation.SIMD;
  }

  /** Returns for instance {@code simd, 256 bits: the widest that this CPU prefers}. */
  @Override
  public String toString() {
    return implementation + ", " + bits + " bits: " + reason;
  }

  /**
   * Chooses by the system properties and by what the JVM can compile. {@link Kernels} does this
   * once; a program that wants an error of one line calls it before any kernel is used.
   *
   * @throws InputException if a property has a value that nothing stands for, or asks for the
   *     Vector API where there is none
   */
  public static KernelChoice detect() {
    String bits = System.getProperty(BITS_PROPERTY);
    if (bits != null && !bits.equals("128") && !bits.equals("256") && !bits.equals("512")) {
      throw InputException.expected(BITS_PROPERTY, "128, 256 or 512", bits);
    }
    String kernels = System.getProperty(KERNELS_PROPERTY);
    if (kernels != null && !kernels.equals("simd") && !kernels.equals("scalar")) {
      throw InputException.expected(KERNELS_PROPERTY, "simd or scalar", kernels);
    }
    boolean hasModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    if (kernels != null) {
      String reason = KERNELS_PROPERTY + "=" + kernels;
      if (kernels.equals("scalar")) {
        return new KernelChoice(Implementation.SCALAR, Float.SIZE, reason, false);
      }
      if (!hasModule) {
        throw InputException.expected(
            reason,
            "the module jdk.incubator.vector",
            "none (start java with --add-modules jdk.incubator.vector)");
      }
      return new KernelChoice(Implementation.SIMD, Lanes.BITS, reason + widthReason(bits), false);
    }
    if (!hasModule) {
      return fallback(
          "the module jdk.incubator.vector is missing (start java with --add-modules"
              + " jdk.incubator.vector)");
    }
    String missing = HotSpot.whyNoOptimizingCompiler();
    if (missing != null) {
      return fallback(missing);
    }
    if (Lanes.BITS < MIN_BITS) {
      return fallback("this CPU's vectors have only " + Lanes.BITS + " bits");
    }
    return new KernelChoice(
        Implementation.SIMD,
        Lanes.BITS,
        "the JVM compiles the Vector API to vector instructions" + widthReason(bits),
        false);
  }

  private static KernelChoice fallback(String reason) {
    return new KernelChoice(Implementation.SCALAR, Float.SIZE, reason, true);
  }

  private static String widthReason(@Nullable String bits) {
    return bits == null
        ? ", in the width that it prefers on this CPU"
        : ", in the width of " + BITS_PROPERTY + "=" + bits;
  }
}
