package org.espalier.machine;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.espalier.InputException;

/**
 * Whether {@link Math#fma} is an instruction here. Every sum is a chain of it; where the JVM has no
 * instruction for it, it computes with {@link java.math.BigDecimal}: right, but thousands of times
 * slower, and a short training would allocate a hundred gigabytes.
 */
public final class FusedMultiplyAdd {
  private static final String CONSEQUENCE =
      "this CPU or JVM has no FMA (fused multiply-add), of which every product is made; Java would"
          + " compute it with decimal numbers, thousands of times slower: ";

  private static final int ATTEMPTS = 3;
  private static final int CALLS = 16;

  private static final Optional<String> MISSING = detect();

  private FusedMultiplyAdd() {}

  /** Returns in one line why it is none and what to do, or empty if it is one. */
  public static Optional<String> whyMissing() {
    return MISSING;
  }

  /**
   * Checks that it is one.
   *
   * @throws InputException if not: computing would never end
   */
  public static void require() {
    if (MISSING.isPresent()) {
      throw new InputException(MISSING.get());
    }
  }

  /**
   * Looks at what the JVM does, not only at its option: a call that allocates is none of an
   * instruction's, in the interpreter and in compiled code alike.
   */
  private static Optional<String> detect() {
    boolean off = "false".equals(HotSpot.option("UseFMA"));
    if (!off && bytesOfCalls() < (long) CALLS * Long.BYTES) {
      return Optional.empty();
    }
    if (!off) {
      return Optional.of(CONSEQUENCE + "Math.fma is no instruction for this JVM");
    }
    String avx = HotSpot.option("UseAVX");
    return Optional.of(
        CONSEQUENCE
            + (cpuHasIt()
                ? "the CPU has it, but the JVM doesn't use it (UseFMA=false"
                    + (avx == null ? "" : ", UseAVX=" + avx)
                    + "): start java without -XX:-UseFMA and -XX:UseAVX=0"
                : "the CPU doesn't show it; CPUs have it since Intel's Haswell (2013) and AMD's"
                    + " Piledriver (2012), and a virtual machine must pass it on from its host"));
  }

  /** Returns the bytes that some calls allocate, or 0 where the JVM doesn't count them. */
  private static long bytesOfCalls() {
    if (!(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads)
        || !threads.isThreadAllocatedMemorySupported()) {
      return 0;
    }
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) { // the first counts the counting, too
      float x = 0.3f;
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        x = Math.fma(x, 1.1f, 0.7f);
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      least = Math.min(least, Float.isNaN(x) ? Long.MAX_VALUE : bytes);
    }
    return least;
  }

  private static boolean cpuHasIt() {
    return SystemFiles.lines(SystemFiles.CPU_INFO).stream()
        .filter(line -> line.startsWith("flags"))
        .anyMatch(line -> (line + " ").contains(" fma "));
  }
}
