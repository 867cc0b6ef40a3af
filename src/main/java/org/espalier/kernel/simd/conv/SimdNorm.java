package org.espalier.kernel.simd.conv;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.NormKernels;
import org.espalier.kernel.simd.SimdSums;

/**
 * {@link NormKernels} on vectors. A pixel is one, two or four of them, which take turns in the sums
 * as in {@link SimdSums}; after the last pixel it is the first one's turn again.
 */
public final class SimdNorm implements NormKernels {
  private static final int LANES = 16;

  /**
   * Lanes on their way from vectors to the merge, which is scalar: sixteen floats a map are
   * nothing, and a merge of vectors is too large a method for C2 to inline it always; when it
   * doesn't, they are boxed.
   */
  private static final ThreadLocal<float[]> SCRATCH =
      ThreadLocal.withInitial(() -> new float[3 * LANES]);

  @Override
  public void moments(int pixels, int lanes, float[] x, int xo, float[] out, int oo) {
    FloatVector m0 = FloatVector.zero(F32);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int n = pixels * LANES;
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector m = m0.add(FloatVector.fromArray(F32, x, xo + i));
      if (LENGTH == 4) {
        m0 = m1;
        m1 = m2;
        m2 = m3;
        m3 = m;
      } else if (LENGTH == 8) {
        m0 = m1;
        m1 = m;
      } else {
        m0 = m;
      }
    }
    m0 = m0.div(pixels);
    if (LENGTH < 16) {
      m1 = m1.div(pixels);
    }
    if (LENGTH < 8) {
      m2 = m2.div(pixels);
      m3 = m3.div(pixels);
    }
    FloatVector q0 = FloatVector.zero(F32);
    FloatVector q1 = q0;
    FloatVector q2 = q0;
    FloatVector q3 = q0;
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector m = m0;
      FloatVector d = FloatVector.fromArray(F32, x, xo + i).sub(m);
      FloatVector q = d.fma(d, q0);
      if (LENGTH == 4) {
        m0 = m1;
        m1 = m2;
        m2 = m3;
        m3 = m;
        q0 = q1;
        q1 = q2;
        q2 = q3;
        q3 = q;
      } else if (LENGTH == 8) {
        m0 = m1;
        m1 = m;
        q0 = q1;
        q1 = q;
      } else {
        q0 = q;
      }
    }
    float[] scratch = SCRATCH.get();
    m0.intoArray(scratch, 0);
    q0.intoArray(scratch, LANES);
    if (LENGTH < 16) {
      m1.intoArray(scratch, LENGTH);
      q1.intoArray(scratch, LANES + LENGTH);
    }
    if (LENGTH < 8) {
      m2.intoArray(scratch, 2 * LENGTH);
      q2.intoArray(scratch, LANES + 2 * LENGTH);
      m3.intoArray(scratch, 3 * LENGTH);
      q3.intoArray(scratch, LANES + 3 * LENGTH);
    }
    System.arraycopy(scratch, 0, scratch, 2 * LANES, LANES);
    float mean = merge(lanes, scratch, 2 * LANES) / lanes;
    for (int lane = 0; lane < lanes; lane++) {
      float d = scratch[lane] - mean;
      scratch[lane] = d * d;
    }
    out[oo] = mean;
    out[oo + 1] = Math.fma(pixels, merge(lanes, scratch, 0), merge(lanes, scratch, LANES));
  }

  /** Merges the first of sixteen lanes by the fixed tree, in place; +0 stands for the others. */
  private static float merge(int lanes, float[] x, int xo) {
    Arrays.fill(x, xo + lanes, xo + LANES, 0f);
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = xo; i < xo + half; i++) {
        x[i] += x[i + half];
      }
    }
    return x[xo] + 0f;
  }

  @Override
  public void normalize(
      int n, float[] x, int xo, float scale, float shift, Clamp clamp, float[] y, int yo) {
    FloatVector vScale = FloatVector.broadcast(F32, scale);
    FloatVector vShift = FloatVector.broadcast(F32, shift);
    float low = clamp.low();
    float high = clamp.high();
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i).fma(vScale, vShift);
      v = v.blend(low, v.compare(LE, low));
      if (!Float.isNaN(high)) { // seldom; what is never run isn't compiled
        v = v.blend(high, v.compare(GE, high));
      }
      v.intoArray(y, yo + i);
    }
  }

  @Override
  public void normalizeAdd(
      int n,
      float[] x,
      int xo,
      float scale,
      float shift,
      float[] r,
      int ro,
      Clamp clamp,
      float[] y,
      int yo) {
    FloatVector vScale = FloatVector.broadcast(F32, scale);
    FloatVector vShift = FloatVector.broadcast(F32, shift);
    float low = clamp.low();
    float high = clamp.high();
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i).fma(vScale, vShift);
      v = v.add(FloatVector.fromArray(F32, r, ro + i));
      v = v.blend(low, v.compare(LE, low));
      if (!Float.isNaN(high)) { // seldom; what is never run isn't compiled
        v = v.blend(high, v.compare(GE, high));
      }
      v.intoArray(y, yo + i);
    }
  }

  @Override
  public void backwardSums(
      int pixels,
      int lanes,
      boolean relu,
      float[] x,
      int xo,
      float mean,
      float[] y,
      int yo,
      float[] dy,
      int dyo,
      float[] out,
      int oo) {
    if (relu) {
      rectifiedSums(pixels, lanes, x, xo, mean, y, yo, dy, dyo, out, oo);
    } else {
      sums(pixels, lanes, x, xo, mean, dy, dyo, out, oo);
    }
  }

  private static void sums(
      int pixels,
      int lanes,
      float[] x,
      int xo,
      float mean,
      float[] dy,
      int dyo,
      float[] out,
      int oo) {
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector p0 = s0;
    FloatVector p1 = s0;
    FloatVector p2 = s0;
    FloatVector p3 = s0;
    int n = pixels * LANES;
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector d = FloatVector.fromArray(F32, dy, dyo + i);
      FloatVector s = s0.add(d);
      FloatVector p = d.fma(FloatVector.fromArray(F32, x, xo + i).sub(mean), p0);
      if (LENGTH == 4) {
        s0 = s1;
        s1 = s2;
        s2 = s3;
        s3 = s;
        p0 = p1;
        p1 = p2;
        p2 = p3;
        p3 = p;
      } else if (LENGTH == 8) {
        s0 = s1;
        s1 = s;
        p0 = p1;
        p1 = p;
      } else {
        s0 = s;
        p0 = p;
      }
    }
    float[] scratch = SCRATCH.get();
    s0.intoArray(scratch, 0);
    p0.intoArray(scratch, LANES);
    if (LENGTH < 16) {
      s1.intoArray(scratch, LENGTH);
      p1.intoArray(scratch, LANES + LENGTH);
    }
    if (LENGTH < 8) {
      s2.intoArray(scratch, 2 * LENGTH);
      p2.intoArray(scratch, LANES + 2 * LENGTH);
      s3.intoArray(scratch, 3 * LENGTH);
      p3.intoArray(scratch, LANES + 3 * LENGTH);
    }
    out[oo] = merge(lanes, scratch, 0);
    out[oo + 1] = merge(lanes, scratch, LANES);
  }

  private static void rectifiedSums(
      int pixels,
      int lanes,
      float[] x,
      int xo,
      float mean,
      float[] y,
      int yo,
      float[] dy,
      int dyo,
      float[] out,
      int oo) {
    FloatVector zero = FloatVector.zero(F32);
    FloatVector s0 = zero;
    FloatVector s1 = zero;
    FloatVector s2 = zero;
    FloatVector s3 = zero;
    FloatVector p0 = zero;
    FloatVector p1 = zero;
    FloatVector p2 = zero;
    FloatVector p3 = zero;
    int n = pixels * LANES;
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector vy = FloatVector.fromArray(F32, y, yo + i);
      FloatVector d = zero.blend(FloatVector.fromArray(F32, dy, dyo + i), vy.compare(GT, 0f));
      d.intoArray(dy, dyo + i);
      FloatVector s = s0.add(d);
      FloatVector p = d.fma(FloatVector.fromArray(F32, x, xo + i).sub(mean), p0);
      if (LENGTH == 4) {
        s0 = s1;
        s1 = s2;
        s2 = s3;
        s3 = s;
        p0 = p1;
        p1 = p2;
        p2 = p3;
        p3 = p;
      } else if (LENGTH == 8) {
        s0 = s1;
        s1 = s;
        p0 = p1;
        p1 = p;
      } else {
        s0 = s;
        p0 = p;
      }
    }
    float[] scratch = SCRATCH.get();
    s0.intoArray(scratch, 0);
    p0.intoArray(scratch, LANES);
    if (LENGTH < 16) {
      s1.intoArray(scratch, LENGTH);
      p1.intoArray(scratch, LANES + LENGTH);
    }
    if (LENGTH < 8) {
      s2.intoArray(scratch, 2 * LENGTH);
      p2.intoArray(scratch, LANES + 2 * LENGTH);
      s3.intoArray(scratch, 3 * LENGTH);
      p3.intoArray(scratch, LANES + 3 * LENGTH);
    }
    out[oo] = merge(lanes, scratch, 0);
    out[oo + 1] = merge(lanes, scratch, LANES);
  }

  @Override
  public void backward(
      int n,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float a,
      float b,
      float c,
      boolean adds,
      float[] dx,
      int dxo) {
    FloatVector va = FloatVector.broadcast(F32, a);
    FloatVector vb = FloatVector.broadcast(F32, b);
    FloatVector vc = FloatVector.broadcast(F32, c);
    if (adds) {
      for (int i = 0; i < n; i += LENGTH) {
        FloatVector v = FloatVector.fromArray(F32, x, xo + i).fma(vb, vc);
        v = FloatVector.fromArray(F32, dy, dyo + i).fma(va, v);
        FloatVector.fromArray(F32, dx, dxo + i).add(v).intoArray(dx, dxo + i);
      }
    } else {
      for (int i = 0; i < n; i += LENGTH) {
        FloatVector v = FloatVector.fromArray(F32, x, xo + i).fma(vb, vc);
        FloatVector.fromArray(F32, dy, dyo + i).fma(va, v).intoArray(dx, dxo + i);
      }
    }
  }
}
