package org.espalier.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Where tensors could lie: {@code y += a·x} on heap arrays that begin at a cache line ({@code
 * ALIGNED}) or not ({@code SHIFTED}), and on memory outside of the heap that does ({@code
 * SEGMENT}). Arrays begin at a cache line only with {@code -XX:ObjectAlignmentInBytes=64}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class StorageBenchmark {
  /** Where the floats lie. */
  public enum Storage {
    ALIGNED,
    SHIFTED,
    SEGMENT
  }

  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();
  private static final float A = 1e-9f;

  @Param Storage storage;

  /** A row of a layer, both in the L1 cache; both in the L2 cache. Whole vectors. */
  @Param({"784", "65536"})
  int n;

  private Arena arena = Arena.ofConfined();
  private float[] x = {};
  private float[] y = {};
  private int offset;
  private MemorySegment xs = MemorySegment.NULL;
  private MemorySegment ys = MemorySegment.NULL;

  @Setup(Level.Trial)
  public void setup() {
    arena = Arena.ofConfined();
    offset = storage == Storage.ALIGNED ? Tensor.ALIGNED_START : 0;
    x = new float[n + Tensor.ALIGNED_START];
    y = new float[n + Tensor.ALIGNED_START];
    xs = arena.allocate((long) n * Float.BYTES, 64);
    ys = arena.allocate((long) n * Float.BYTES, 64);
  }

  @TearDown(Level.Trial)
  public void close() {
    arena.close();
  }

  @Benchmark
  public Object axpy() {
    if (storage == Storage.SEGMENT) {
      segments(n, xs, ys);
      return ys;
    }
    arrays(n, x, offset, y, offset);
    return y;
  }

  private static void arrays(int n, float[] x, int xo, float[] y, int yo) {
    FloatVector a = FloatVector.broadcast(F32, A);
    for (int i = 0; i < F32.loopBound(n); i += L) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i);
      v.fma(a, FloatVector.fromArray(F32, y, yo + i)).intoArray(y, yo + i);
    }
  }

  private static void segments(int n, MemorySegment x, MemorySegment y) {
    FloatVector a = FloatVector.broadcast(F32, A);
    ByteOrder order = ByteOrder.nativeOrder();
    for (int i = 0; i < F32.loopBound(n); i += L) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(F32, x, at, order);
      v.fma(a, FloatVector.fromMemorySegment(F32, y, at, order)).intoMemorySegment(y, at, order);
    }
  }
}
