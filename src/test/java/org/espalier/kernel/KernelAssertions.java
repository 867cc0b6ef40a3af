package org.espalier.kernel;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import org.espalier.kernel.simd.Lanes;
import org.espalier.machine.HotSpot;

/** What is asserted of kernels: equal bits, cells around outputs left alone, no allocation. */
public final class KernelAssertions {
  /** What guard cells hold, the cells around an output that nobody may write to. */
  public static final float GUARD = 1234.5f;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Calls of a kernel between two looks at the allocated bytes. */
  private static final int CALLS = 1000;

  /** Of the calling thread's own time: where others want the CPU, the compiler waits too. */
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private KernelAssertions() {}

  /** Returns lengths of rows: every tail of the widest vector, twice, and borders of words. */
  public static IntStream lengths() {
    return IntStream.concat(
        IntStream.rangeClosed(0, 67), IntStream.of(79, 80, 81, 127, 128, 129, 300, 784, 1000));
  }

  /** Returns an array of guard cells. */
  public static float[] guarded(int n) {
    float[] x = new float[n];
    Arrays.fill(x, GUARD);
    return x;
  }

  /**
   * Asserts that two arrays hold the same bits, where any NaN equals any other. Give it whole
   * arrays, that is the cells around a kernel's output as well: that shows an overrun.
   */
  public static void assertSameBits(float[] expected, float[] actual, Supplier<String> context) {
    if (expected.length != actual.length) {
      fail(context.get() + ": length " + actual.length + " instead of " + expected.length);
    }
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
        fail(context.get() + ": [" + i + "] is " + show(actual[i]) + ", not " + show(expected[i]));
      }
    }
  }

  /** Asserts that two floats have the same bits, where any NaN equals any other. */
  public static void assertSameBits(float expected, float actual, Supplier<String> context) {
    if (Float.floatToIntBits(expected) != Float.floatToIntBits(actual)) {
      fail(context.get() + ": " + show(actual) + ", not " + show(expected));
    }
  }

  private static String show(float x) {
    return x + " (" + Float.toHexString(x) + ")";
  }

  /**
   * Asserts that a kernel, once compiled, allocates nothing: the cheapest detector of a vector
   * operation that was not compiled to an instruction, since it then makes objects. Calls the
   * kernel until a thousand calls in a row allocated no byte, for twenty seconds at most. Skipped,
   * visibly, where the JVM has no C2 or the CPU lacks the width.
   */
  public static void assertAllocatesNothing(Runnable kernel) {
    assertAllocateNothing(Map.of("the kernel", kernel));
  }

  /**
   * Asserts the same of several kernels that share code, by turns, so that what is compiled has met
   * every case.
   *
   * @param kernels by name
   */
  public static void assertAllocateNothing(Map<String, Runnable> kernels) {
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    assumeTrue(
        Lanes.BITS <= widest,
        () -> "this CPU has no vectors of " + Lanes.BITS + " bits, only of " + widest);
    String noCompiler = HotSpot.whyNoOptimizingCompiler();
    assumeTrue(noCompiler == null, noCompiler);
    Map<String, Double> allocating = new TreeMap<>();
    long start = THREADS.getCurrentThreadCpuTime();
    do {
      allocating.clear();
      kernels.forEach(
          (name, kernel) -> {
            long bytes = allocated(kernel);
            if (bytes > 0) {
              allocating.put(name, (double) bytes / CALLS);
            }
          });
    } while (!allocating.isEmpty()
        && THREADS.getCurrentThreadCpuTime() - start < PATIENCE_NANOS * kernels.size());
    if (!allocating.isEmpty()) {
      fail("bytes a call at " + Lanes.BITS + " bits: " + allocating);
    }
  }

  private static long allocated(Runnable kernel) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      kernel.run();
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
