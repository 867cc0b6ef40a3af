package org.espalier.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.SelectKernels;
import org.espalier.kernel.scalar.ScalarSelect;
import org.espalier.kernel.simd.select.SimdSelect;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The mask of the three quarters of smallest magnitude: of one row of a layer, and of a million
 * weights. {@code PLAIN} is quickselect by Hoare's partition on the keys, then one pass.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class SelectBenchmark {
  /** One implementation a fork, so that the calls have one target. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  private static final int BRACKET = 1 << 18;

  @Param Implementation implementation;

  @Param({"784", "1048576"})
  int n;

  private SelectKernels kernels;
  private float[] x;
  private int[] scratch;
  private long[] keep;
  private int k;
  private int key;

  @Setup
  public void setup() {
    kernels =
        switch (implementation) {
          case SIMD -> new SimdSelect();
          case SCALAR, PLAIN -> new ScalarSelect();
        };
    x = new float[n];
    var random = new Random(1);
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    scratch = new int[kernels.scratchSize(n)];
    keep = new long[Math.ceilDiv(n, Long.SIZE)];
    k = n / 4 * 3;
    key = (int) (kernels.threshold(n, x, 0, k, scratch) >>> Integer.SIZE);
  }

  /** Without knowing anything of the threshold. */
  @Benchmark
  public long[] cold() {
    if (implementation == Implementation.PLAIN) {
      plain();
    } else {
      kernels.keepMask(n, x, 0, kernels.threshold(n, x, 0, k, scratch), keep, 0);
    }
    return keep;
  }

  /** With a bracket around the threshold, as a training step has it from the step before. */
  @Benchmark
  public long[] bracketed() {
    if (implementation == Implementation.PLAIN) {
      plain();
    } else {
      kernels.keepMaskWithin(n, x, 0, k, key - BRACKET, key + BRACKET, keep, 0, scratch);
    }
    return keep;
  }

  private void plain() {
    for (int i = 0; i < n; i++) {
      scratch[i] = Float.floatToRawIntBits(x[i]) & 0x7fffffff;
    }
    int threshold = quickselect(scratch, n, k - 1);
    for (int w = 0; w < keep.length; w++) {
      long bits = 0;
      for (int i = w * Long.SIZE; i < Math.min(n, (w + 1) * Long.SIZE); i++) {
        bits |= ((Float.floatToRawIntBits(x[i]) & 0x7fffffff) > threshold ? 1L : 0) << i;
      }
      keep[w] = bits;
    }
  }

  private static int quickselect(int[] a, int n, int at) {
    int lo = 0;
    int hi = n - 1;
    while (lo < hi) {
      int pivot = a[(lo + hi) >>> 1];
      int i = lo;
      int j = hi;
      while (i <= j) {
        while (a[i] < pivot) {
          i++;
        }
        while (a[j] > pivot) {
          j--;
        }
        if (i <= j) {
          int swap = a[i];
          a[i++] = a[j];
          a[j--] = swap;
        }
      }
      if (at <= j) {
        hi = j;
      } else if (at >= i) {
        lo = i;
      } else {
        break;
      }
    }
    return a[at];
  }
}
