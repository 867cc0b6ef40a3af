package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whether products of bytes are faster than those of floats: four rows of weights times two
 * vectors, everything in the nearest cache. An operation is {@link #DEPTH} steps of {@code 8·lanes}
 * multiply-adds, in {@link #shortPairs} of {@code 4·lanes} of the shorts, in {@link #plainPairs} of
 * {@code 16} altogether.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:ObjectAlignmentInBytes=64"})
public class IntegerBenchmark {
  /** Steps of an operation. */
  public static final int DEPTH = 128;

  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> HALF =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(S.vectorBitSize() / 2));
  private static final VectorSpecies<Byte> QUARTER =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(S.vectorBitSize() / 4));

  private final float[] weights = new float[4 * DEPTH];
  private final float[] x = new float[2 * DEPTH * F.length()];
  private final byte[] byteWeights = new byte[4 * DEPTH];
  private final byte[] bytes = new byte[4 * DEPTH * F.length()];
  private final short[] shortWeights = new short[32 * DEPTH];
  private final short[] shorts = new short[32 * DEPTH];
  private final int[] sums = new int[16 * DEPTH];

  /** Fills the arrays. */
  @Setup
  public void setup() {
    SplittableRandom random = new SplittableRandom(1);
    random.nextBytes(byteWeights);
    random.nextBytes(bytes);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = byteWeights[i];
    }
    for (int i = 0; i < shorts.length; i++) {
      shorts[i] = (short) random.nextInt(-127, 128);
      shortWeights[i] = (short) random.nextInt(-127, 128);
    }
  }

  /** Floats, one fma each. */
  @Benchmark
  public float floats() {
    int lanes = F.length();
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector e = a;
    FloatVector f = a;
    FloatVector g = a;
    FloatVector h = a;
    for (int k = 0; k < DEPTH; k++) {
      FloatVector x0 = FloatVector.fromArray(F, x, 2 * k * lanes);
      FloatVector x1 = FloatVector.fromArray(F, x, 2 * k * lanes + lanes);
      FloatVector w0 = FloatVector.broadcast(F, weights[4 * k]);
      FloatVector w1 = FloatVector.broadcast(F, weights[4 * k + 1]);
      FloatVector w2 = FloatVector.broadcast(F, weights[4 * k + 2]);
      FloatVector w3 = FloatVector.broadcast(F, weights[4 * k + 3]);
      a = w0.fma(x0, a);
      b = w0.fma(x1, b);
      c = w1.fma(x0, c);
      d = w1.fma(x1, d);
      e = w2.fma(x0, e);
      f = w2.fma(x1, f);
      g = w3.fma(x0, g);
      h = w3.fma(x1, h);
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).lane(0);
  }

  /** Bytes widened to ints. */
  @Benchmark
  public int ints() {
    int lanes = I.length();
    IntVector a = IntVector.zero(I);
    IntVector b = a;
    IntVector c = a;
    IntVector d = a;
    IntVector e = a;
    IntVector f = a;
    IntVector g = a;
    IntVector h = a;
    for (int k = 0; k < DEPTH; k++) {
      var x0 = ByteVector.fromArray(QUARTER, bytes, 2 * k * lanes);
      var x1 = ByteVector.fromArray(QUARTER, bytes, 2 * k * lanes + lanes);
      IntVector i0 = (IntVector) x0.convertShape(VectorOperators.B2I, I, 0);
      IntVector i1 = (IntVector) x1.convertShape(VectorOperators.B2I, I, 0);
      IntVector w0 = IntVector.broadcast(I, byteWeights[4 * k]);
      IntVector w1 = IntVector.broadcast(I, byteWeights[4 * k + 1]);
      IntVector w2 = IntVector.broadcast(I, byteWeights[4 * k + 2]);
      IntVector w3 = IntVector.broadcast(I, byteWeights[4 * k + 3]);
      a = a.add(w0.mul(i0));
      b = b.add(w0.mul(i1));
      c = c.add(w1.mul(i0));
      d = d.add(w1.mul(i1));
      e = e.add(w2.mul(i0));
      f = f.add(w2.mul(i1));
      g = g.add(w3.mul(i0));
      h = h.add(w3.mul(i1));
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).lane(0);
  }

  /** Two products of bytes as shorts, their sum widened to ints. */
  @Benchmark
  public int shortPairs() {
    int lanes = S.length();
    IntVector a = IntVector.zero(I);
    IntVector b = a;
    IntVector c = a;
    IntVector d = a;
    IntVector e = a;
    IntVector f = a;
    IntVector g = a;
    IntVector h = a;
    for (int k = 0; k < DEPTH; k += 2) {
      var x0 = ByteVector.fromArray(HALF, bytes, k * lanes);
      var x1 = ByteVector.fromArray(HALF, bytes, k * lanes + lanes);
      ShortVector s0 = (ShortVector) x0.convertShape(VectorOperators.B2S, S, 0);
      ShortVector s1 = (ShortVector) x1.convertShape(VectorOperators.B2S, S, 0);
      ShortVector p = s0.mul(byteWeights[4 * k]).add(s1.mul(byteWeights[4 * k + 4]));
      ShortVector q = s0.mul(byteWeights[4 * k + 1]).add(s1.mul(byteWeights[4 * k + 5]));
      ShortVector r = s0.mul(byteWeights[4 * k + 2]).add(s1.mul(byteWeights[4 * k + 6]));
      ShortVector t = s0.mul(byteWeights[4 * k + 3]).add(s1.mul(byteWeights[4 * k + 7]));
      a = a.add((IntVector) p.convertShape(VectorOperators.S2I, I, 0));
      b = b.add((IntVector) p.convertShape(VectorOperators.S2I, I, 1));
      c = c.add((IntVector) q.convertShape(VectorOperators.S2I, I, 0));
      d = d.add((IntVector) q.convertShape(VectorOperators.S2I, I, 1));
      e = e.add((IntVector) r.convertShape(VectorOperators.S2I, I, 0));
      f = f.add((IntVector) r.convertShape(VectorOperators.S2I, I, 1));
      g = g.add((IntVector) t.convertShape(VectorOperators.S2I, I, 0));
      h = h.add((IntVector) t.convertShape(VectorOperators.S2I, I, 1));
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).lane(0);
  }

  /** The plain loop over pairs of shorts that the compiler has an instruction for. */
  @Benchmark
  public int[] plainPairs() {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = shortWeights[2 * i] * shorts[2 * i] + shortWeights[2 * i + 1] * shorts[2 * i + 1];
    }
    return sums;
  }
}
