package org.espalier.kernel.simd;

import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums by the 16-lane rule of {@link org.espalier.kernel.VectorKernels}: one, two or four vectors
 * make up the 16 lanes and take turns, so that a loop has a single addition and a row's end a
 * single masked load. (Masked loads weigh so much that the compiler, with four of them in a method,
 * stops inlining.) The conditions on the width are constants to the compiler.
 *
 * <p>Where the turns end doesn't matter. The first step of the merge adds the lanes 8 apart, half a
 * round, and which of two is the first changes nothing in an addition.
 */
final class SimdSums {
  private static final VectorShuffle<Float> EIGHT_APART = apart(8);
  private static final VectorShuffle<Float> FOUR_APART = apart(4);
  private static final VectorShuffle<Float> TWO_APART = apart(2);
  private static final VectorShuffle<Float> ONE_APART = apart(1);

  private SimdSums() {}

  static float sum(int n, float[] x, int xo) {
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
    if (i < n) {
      s0 = s0.add(FloatVector.fromArray(F32, x, xo + i, F32.indexInRange(i, n)));
    }
    return merge(s0, s1, s2, s3);
  }

  static float sumAbs(int n, float[] x, int xo) {
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
    if (i < n) {
      s0 = s0.add(FloatVector.fromArray(F32, x, xo + i, F32.indexInRange(i, n)).abs());
    }
    return merge(s0, s1, s2, s3);
  }

  static float dot(int n, float[] x, int xo, float[] y, int yo) {
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
    if (i < n) {
      VectorMask<Float> rest = F32.indexInRange(i, n);
      FloatVector vx = FloatVector.fromArray(F32, x, xo + i, rest);
      s0 = vx.fma(FloatVector.fromArray(F32, y, yo + i, rest), s0);
    }
    return merge(s0, s1, s2, s3);
  }

  /**
   * Merges the 16 lanes by the fixed tree, within vectors: reading 16 lanes one by one is more than
   * the compiler always inlines. The last addition makes +0 of −0: behind a row's end the lanes
   * added +0 and may have lost the sign of a zero.
   */
  private static float merge(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    FloatVector s = s0;
    if (LENGTH == 4) {
      s = s0.add(s2).add(s1.add(s3));
    } else if (LENGTH == 8) {
      s = s0.add(s1);
      s = s.add(s.rearrange(FOUR_APART));
    } else {
      s = s.add(s.rearrange(EIGHT_APART));
      s = s.add(s.rearrange(FOUR_APART));
    }
    s = s.add(s.rearrange(TWO_APART));
    s = s.add(s.rearrange(ONE_APART));
    return s.lane(0) + 0f;
  }

  /** Brings to each lane the one that is so far away; what exceeds the width is not asked for. */
  private static VectorShuffle<Float> apart(int distance) {
    return F32.shuffleFromOp(i -> (i ^ distance) % LENGTH);
  }
}
