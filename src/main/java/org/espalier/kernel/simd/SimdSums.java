package org.espalier.kernel.simd;

import static jdk.incubator.vector.VectorOperators.LT;
import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.I32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums by the 16-lane rule of {@link org.espalier.kernel.contract.VectorKernels}: one, two or four
 * vectors make up the 16 lanes and take turns, so that a loop has a single addition. The conditions
 * on the width are constants to the compiler.
 *
 * <p>Where the turns end doesn't matter. The first step of the merge adds the lanes 8 apart, half a
 * round, and which of two is the first changes nothing in an addition.
 *
 * <p>The elements at a row's end are the last of a whole vector, moved to its first lanes. A masked
 * load would do, but has two ways to go inside, and behind them the compiler sometimes boxes. It
 * also boxes what {@link #merge} takes if it finds the call too rare to be inlined, as it would be
 * beside a branch for short rows: these are methods of their own.
 */
public final class SimdSums {
  /** Rows that are shorter are summed without vectors. */
  private static final int LANES = 16;

  private static final IntVector IOTA = IntVector.zero(I32).addIndex(1);
  private static final VectorShuffle<Float> SWAP8 = VectorShuffle.fromOp(F32, i -> i ^ 8);
  private static final VectorShuffle<Float> SWAP4 = VectorShuffle.fromOp(F32, i -> i ^ 4);
  private static final VectorShuffle<Float> SWAP2 = VectorShuffle.fromOp(F32, i -> i ^ 2);
  private static final VectorShuffle<Float> SWAP1 = VectorShuffle.fromOp(F32, i -> i ^ 1);

  private SimdSums() {}

  static float sum(int n, float[] x, int xo) {
    return n < LANES ? shortSum(n, x, xo) : longSum(n, x, xo);
  }

  private static float longSum(int n, float[] x, int xo) {
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector s = s0.add(FloatVector.fromArray(F32, x, xo + i));
      if (LENGTH == 4) {
        s0 = s1;
        s1 = s2;
        s2 = s3;
        s3 = s;
      } else if (LENGTH == 8) {
        s0 = s1;
        s1 = s;
      } else {
        s0 = s;
      }
    }
    IntVector end = FloatVector.fromArray(F32, x, xo + n - LENGTH).reinterpretAsInts();
    end = IOTA.add(LENGTH - (n - i)).selectFrom(end);
    end = IntVector.zero(I32).blend(end, IOTA.compare(LT, n - i));
    return merge(s0.add(end.reinterpretAsFloats()), s1, s2, s3);
  }

  static float sumAbs(int n, float[] x, int xo) {
    return n < LANES ? shortSumAbs(n, x, xo) : longSumAbs(n, x, xo);
  }

  private static float longSumAbs(int n, float[] x, int xo) {
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector s = s0.add(FloatVector.fromArray(F32, x, xo + i).abs());
      if (LENGTH == 4) {
        s0 = s1;
        s1 = s2;
        s2 = s3;
        s3 = s;
      } else if (LENGTH == 8) {
        s0 = s1;
        s1 = s;
      } else {
        s0 = s;
      }
    }
    IntVector end = FloatVector.fromArray(F32, x, xo + n - LENGTH).reinterpretAsInts();
    end = IOTA.add(LENGTH - (n - i)).selectFrom(end);
    end = IntVector.zero(I32).blend(end, IOTA.compare(LT, n - i));
    return merge(s0.add(end.reinterpretAsFloats().abs()), s1, s2, s3);
  }

  static float dot(int n, float[] x, int xo, float[] y, int yo) {
    return n < LANES ? shortDot(n, x, xo, y, yo) : longDot(n, x, xo, y, yo);
  }

  private static float longDot(int n, float[] x, int xo, float[] y, int yo) {
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector vx = FloatVector.fromArray(F32, x, xo + i);
      FloatVector s = vx.fma(FloatVector.fromArray(F32, y, yo + i), s0);
      if (LENGTH == 4) {
        s0 = s1;
        s1 = s2;
        s2 = s3;
        s3 = s;
      } else if (LENGTH == 8) {
        s0 = s1;
        s1 = s;
      } else {
        s0 = s;
      }
    }
    IntVector endX = FloatVector.fromArray(F32, x, xo + n - LENGTH).reinterpretAsInts();
    IntVector endY = FloatVector.fromArray(F32, y, yo + n - LENGTH).reinterpretAsInts();
    endX = IOTA.add(LENGTH - (n - i)).selectFrom(endX);
    endY = IOTA.add(LENGTH - (n - i)).selectFrom(endY);
    endX = IntVector.zero(I32).blend(endX, IOTA.compare(LT, n - i));
    endY = IntVector.zero(I32).blend(endY, IOTA.compare(LT, n - i));
    return merge(endX.reinterpretAsFloats().fma(endY.reinterpretAsFloats(), s0), s1, s2, s3);
  }

  /**
   * Merges the 16 lanes by the fixed tree. The last addition makes +0 of −0: behind a row's end the
   * lanes added +0 and may have lost the sign of a zero.
   */
  private static float merge(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    FloatVector s = s0;
    if (LENGTH == 4) {
      s = s0.add(s2).add(s1.add(s3));
    } else if (LENGTH == 8) {
      s = s0.add(s1);
    } else {
      s = s.add(s.rearrange(SWAP8));
    }
    if (LENGTH > 4) {
      s = s.add(s.rearrange(SWAP4));
    }
    s = s.add(s.rearrange(SWAP2));
    s = s.add(s.rearrange(SWAP1));
    return s.lane(0) + 0f;
  }

  /** The same tree over the elements themselves, one in each lane. */
  private static float shortSum(int n, float[] x, int xo) {
    float even = four(n, x, xo, 0) + four(n, x, xo, 2);
    return even + (four(n, x, xo, 1) + four(n, x, xo, 3)) + 0f;
  }

  private static float four(int n, float[] x, int xo, int i) {
    return (at(n, x, xo, i) + at(n, x, xo, i + 8)) + (at(n, x, xo, i + 4) + at(n, x, xo, i + 12));
  }

  private static float shortSumAbs(int n, float[] x, int xo) {
    float even = fourAbs(n, x, xo, 0) + fourAbs(n, x, xo, 2);
    return even + (fourAbs(n, x, xo, 1) + fourAbs(n, x, xo, 3)) + 0f;
  }

  private static float fourAbs(int n, float[] x, int xo, int i) {
    return (Math.abs(at(n, x, xo, i)) + Math.abs(at(n, x, xo, i + 8)))
        + (Math.abs(at(n, x, xo, i + 4)) + Math.abs(at(n, x, xo, i + 12)));
  }

  private static float shortDot(int n, float[] x, int xo, float[] y, int yo) {
    float even = fourProducts(n, x, xo, y, yo, 0) + fourProducts(n, x, xo, y, yo, 2);
    float odd = fourProducts(n, x, xo, y, yo, 1) + fourProducts(n, x, xo, y, yo, 3);
    return even + odd + 0f;
  }

  private static float fourProducts(int n, float[] x, int xo, float[] y, int yo, int i) {
    return (at(n, x, xo, i) * at(n, y, yo, i) + at(n, x, xo, i + 8) * at(n, y, yo, i + 8))
        + (at(n, x, xo, i + 4) * at(n, y, yo, i + 4) + at(n, x, xo, i + 12) * at(n, y, yo, i + 12));
  }

  private static float at(int n, float[] x, int xo, int i) {
    return i < n ? x[xo + i] : 0f;
  }
}
