package org.espalier.kernel.simd;

import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

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
   * Merges the 16 lanes by the fixed tree. The last addition makes +0 of −0: behind a row's end the
   * lanes added +0 and may have lost the sign of a zero.
   */
  private static float merge(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    if (LENGTH == 4) {
      return merge4(s0.add(s2).add(s1.add(s3))) + 0f;
    }
    if (LENGTH == 8) {
      return merge8(s0.add(s1)) + 0f;
    }
    return merge16(s0) + 0f;
  }

  private static float merge4(FloatVector s) {
    return (s.lane(0) + s.lane(2)) + (s.lane(1) + s.lane(3));
  }

  private static float merge8(FloatVector s) {
    float t0 = s.lane(0) + s.lane(4);
    float t1 = s.lane(1) + s.lane(5);
    float t2 = s.lane(2) + s.lane(6);
    float t3 = s.lane(3) + s.lane(7);
    return (t0 + t2) + (t1 + t3);
  }

  private static float merge16(FloatVector s) {
    float t0 = (s.lane(0) + s.lane(8)) + (s.lane(4) + s.lane(12));
    float t1 = (s.lane(1) + s.lane(9)) + (s.lane(5) + s.lane(13));
    float t2 = (s.lane(2) + s.lane(10)) + (s.lane(6) + s.lane(14));
    float t3 = (s.lane(3) + s.lane(11)) + (s.lane(7) + s.lane(15));
    return (t0 + t2) + (t1 + t3);
  }
}
