package org.espalier.kernel.simd;

import static org.espalier.kernel.simd.Lanes.BYTES;
import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.I32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.VectorKernels;
import org.espalier.kernel.scalar.ScalarVector;

/** {@link VectorKernels} on vectors; the last elements of a row are left to the specification. */
public final class SimdVector implements VectorKernels {
  private static final ScalarVector TAIL = new ScalarVector();

  private static final int MAGNITUDE = 0x7fffffff;
  private static final int INFINITY = 0x7f800000;

  @Override
  public void axpy(int n, float a, float[] x, int xo, float[] y, int yo) {
    FloatVector va = FloatVector.broadcast(F32, a);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector vx = FloatVector.fromArray(F32, x, xo + i);
      vx.fma(va, FloatVector.fromArray(F32, y, yo + i)).intoArray(y, yo + i);
    }
    TAIL.axpy(n - i, a, x, xo + i, y, yo + i);
  }

  @Override
  public void add(int n, float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector vy = FloatVector.fromArray(F32, y, yo + i);
      vy.add(FloatVector.fromArray(F32, x, xo + i)).intoArray(y, yo + i);
    }
    TAIL.add(n - i, x, xo + i, y, yo + i);
  }

  @Override
  public void scale(int n, float a, float[] x, int xo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector.fromArray(F32, x, xo + i).mul(a).intoArray(x, xo + i);
    }
    TAIL.scale(n - i, a, x, xo + i);
  }

  @Override
  public void multiply(int n, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector vx = FloatVector.fromArray(F32, x, xo + i);
      vx.mul(FloatVector.fromArray(F32, y, yo + i)).intoArray(z, zo + i);
    }
    TAIL.multiply(n - i, x, xo + i, y, yo + i, z, zo + i);
  }

  @Override
  public void compress(
      int n, float[] x, int xo, long[] bits, int bo, int count, float[] y, int yo) {
    int next = 0;
    int i = 0;
    // A store may write too much, which the next one overwrites; the last must not.
    for (int bound = F32.loopBound(n); i < bound && next <= count - LENGTH; i += LENGTH) {
      VectorMask<Float> kept = VectorMask.fromLong(F32, Bits.from(bits, bo, i));
      FloatVector.fromArray(F32, x, xo + i).compress(kept).intoArray(y, yo + next);
      next += kept.trueCount();
    }
    ScalarVector.compress(i, n, x, xo, bits, bo, y, yo + next);
  }

  @Override
  public void expand(int n, float[] x, int xo, long[] bits, int bo, int count, float[] y, int yo) {
    int next = 0;
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound && next <= count - LENGTH; i += LENGTH) {
      VectorMask<Float> kept = VectorMask.fromLong(F32, Bits.from(bits, bo, i));
      FloatVector.fromArray(F32, x, xo + next).expand(kept).intoArray(y, yo + i);
      next += kept.trueCount();
    }
    ScalarVector.expand(i, n, x, xo + next, bits, bo, y, yo);
  }

  @Override
  public void keep(int n, float[] x, int xo, long[] bits, int bo, float a) {
    FloatVector va = FloatVector.broadcast(F32, a);
    FloatVector zero = FloatVector.zero(F32);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      VectorMask<Float> kept = VectorMask.fromLong(F32, Bits.from(bits, bo, i));
      FloatVector product = FloatVector.fromArray(F32, x, xo + i).mul(va);
      zero.blend(product, kept).intoArray(x, xo + i);
    }
    for (; i < n; i++) {
      x[xo + i] = Bits.at(bits, bo, i) ? a * x[xo + i] : 0;
    }
  }

  @Override
  public void addSigns(int n, float a, float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector vx = FloatVector.fromArray(F32, x, xo + i);
      FloatVector vy = FloatVector.fromArray(F32, y, yo + i);
      vy.blend(vy.add(a), vx.compare(VectorOperators.GT, 0f))
          .blend(vy.sub(a), vx.compare(VectorOperators.LT, 0f))
          .intoArray(y, yo + i);
    }
    TAIL.addSigns(n - i, a, x, xo + i, y, yo + i);
  }

  @Override
  public void clamp(int n, Clamp clamp, float[] x, int xo, float[] y, int yo) {
    float low = clamp.low();
    float high = clamp.high();
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      // A comparison and a blend are two instructions, Java's max with its rules for NaN five.
      FloatVector v = FloatVector.fromArray(F32, x, xo + i);
      v = v.blend(low, v.compare(VectorOperators.LE, low));
      if (!Float.isNaN(high)) { // seldom; what is never run isn't compiled
        v = v.blend(high, v.compare(VectorOperators.GE, high));
      }
      v.intoArray(y, yo + i);
    }
    TAIL.clamp(n - i, clamp, x, xo + i, y, yo + i);
  }

  @Override
  public void reluBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
    FloatVector zero = FloatVector.zero(F32);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector vy = FloatVector.fromArray(F32, y, yo + i);
      zero.blend(FloatVector.fromArray(F32, dy, dyo + i), vy.compare(VectorOperators.GT, 0f))
          .intoArray(dx, dxo + i);
    }
    TAIL.reluBackward(n - i, y, yo + i, dy, dyo + i, dx, dxo + i);
  }

  @Override
  public void reluBackwardSums(
      int rows,
      int n,
      float[] y,
      int yo,
      int ldy,
      float[] dy,
      int dyo,
      int lddy,
      boolean resume,
      float[] sums,
      int so) {
    int bound = F32.loopBound(n);
    if (!resume) {
      Arrays.fill(sums, so, so + bound, 0f);
    }
    for (int i = 0; i < rows; i++) { // row by row, as memory lies; the sums stay in a near cache
      addRectified(bound, y, yo + i * ldy, dy, dyo + i * lddy, sums, so);
    }
    TAIL.reluBackwardSums(
        rows, n - bound, y, yo + bound, ldy, dy, dyo + bound, lddy, resume, sums, so + bound);
  }

  private static void addRectified(
      int bound, float[] y, int yo, float[] dy, int dyo, float[] sums, int so) {
    FloatVector zero = FloatVector.zero(F32);
    for (int j = 0; j < bound; j += LENGTH) {
      FloatVector vy = FloatVector.fromArray(F32, y, yo + j);
      FloatVector d =
          zero.blend(FloatVector.fromArray(F32, dy, dyo + j), vy.compare(VectorOperators.GT, 0f));
      d.intoArray(dy, dyo + j);
      FloatVector.fromArray(F32, sums, so + j).add(d).intoArray(sums, so + j);
    }
  }

  @Override
  public float sum(int n, float[] x, int xo) {
    return SimdSums.sum(n, x, xo);
  }

  @Override
  public float sumAbs(int n, float[] x, int xo) {
    return SimdSums.sumAbs(n, x, xo);
  }

  @Override
  public float dot(int n, float[] x, int xo, float[] y, int yo) {
    return SimdSums.dot(n, x, xo, y, yo);
  }

  @Override
  public float squaredNorm(int n, float[] x, int xo) {
    return SimdSums.dot(n, x, xo, x, xo);
  }

  @Override
  public float maxAbs(int n, float[] x, int xo) {
    return Float.intBitsToFloat(maxKey(n, x, xo));
  }

  @Override
  public boolean isFinite(int n, float[] x, int xo) {
    return maxKey(n, x, xo) < INFINITY;
  }

  /** As an integer the bits of |x| are ordered as |x| is, NaN above all: one instruction. */
  private static int maxKey(int n, float[] x, int xo) {
    IntVector max0 = IntVector.zero(Lanes.I32);
    IntVector max1 = max0;
    int i = 0;
    for (int bound = n & -2 * LENGTH; i < bound; i += 2 * LENGTH) {
      max0 = max0.max(key(x, xo + i));
      max1 = max1.max(key(x, xo + i + LENGTH));
    }
    int max = max0.max(max1).reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      max = Math.max(max, Float.floatToRawIntBits(x[xo + i]) & MAGNITUDE);
    }
    return max;
  }

  private static IntVector key(float[] x, int i) {
    return FloatVector.fromArray(F32, x, i).reinterpretAsInts().and(MAGNITUDE);
  }

  @Override
  public void columnSums(
      int rows, int n, float[] x, int xo, int ld, boolean resume, float[] y, int yo) {
    if (!resume) {
      Arrays.fill(y, yo, yo + n, 0f);
    }
    int j = 0;
    for (int bound = n & -4 * LENGTH; j < bound; j += 4 * LENGTH) {
      sumColumns4(rows, x, xo + j, ld, y, yo + j);
    }
    for (int bound = F32.loopBound(n); j < bound; j += LENGTH) {
      FloatVector sum = FloatVector.fromArray(F32, y, yo + j);
      for (int r = 0, at = xo + j; r < rows; r++, at += ld) {
        sum = sum.add(FloatVector.fromArray(F32, x, at));
      }
      sum.intoArray(y, yo + j);
    }
    TAIL.columnSums(rows, n - j, x, xo + j, ld, true, y, yo + j);
  }

  /** Four vectors abreast: whole cache lines, and enough chains to hide an addition's latency. */
  private static void sumColumns4(int rows, float[] x, int xo, int ld, float[] y, int yo) {
    FloatVector sum0 = FloatVector.fromArray(F32, y, yo);
    FloatVector sum1 = FloatVector.fromArray(F32, y, yo + LENGTH);
    FloatVector sum2 = FloatVector.fromArray(F32, y, yo + 2 * LENGTH);
    FloatVector sum3 = FloatVector.fromArray(F32, y, yo + 3 * LENGTH);
    for (int r = 0, at = xo; r < rows; r++, at += ld) {
      sum0 = sum0.add(FloatVector.fromArray(F32, x, at));
      sum1 = sum1.add(FloatVector.fromArray(F32, x, at + LENGTH));
      sum2 = sum2.add(FloatVector.fromArray(F32, x, at + 2 * LENGTH));
      sum3 = sum3.add(FloatVector.fromArray(F32, x, at + 3 * LENGTH));
    }
    sum0.intoArray(y, yo);
    sum1.intoArray(y, yo + LENGTH);
    sum2.intoArray(y, yo + 2 * LENGTH);
    sum3.intoArray(y, yo + 3 * LENGTH);
  }

  @Override
  public void columnSquares(int rows, int n, float[] x, int xo, int ld, float[] y, int yo) {
    int j = 0;
    for (int bound = F32.loopBound(n); j < bound; j += LENGTH) {
      FloatVector sum = FloatVector.zero(F32);
      for (int r = 0, at = xo + j; r < rows; r++, at += ld) {
        FloatVector v = FloatVector.fromArray(F32, x, at);
        sum = v.fma(v, sum);
      }
      sum.intoArray(y, yo + j);
    }
    TAIL.columnSquares(rows, n - j, x, xo + j, ld, y, yo + j);
  }

  @Override
  public void fromBytes(int n, byte[] x, int xo, float scale, float shift, float[] y, int yo) {
    FloatVector vScale = FloatVector.broadcast(F32, scale);
    FloatVector vShift = FloatVector.broadcast(F32, shift);
    int step = BYTES.length();
    int i = 0;
    for (int bound = BYTES.loopBound(n); i < bound; i += step) {
      ByteVector bytes = ByteVector.fromArray(BYTES, x, xo + i);
      for (int part = 0; part < step / LENGTH; part++) {
        FloatVector v =
            (FloatVector)
                bytes
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, I32, part)
                    .convert(VectorOperators.I2F, 0);
        v.fma(vScale, vShift).intoArray(y, yo + i + part * LENGTH);
      }
    }
    TAIL.fromBytes(n - i, x, xo + i, scale, shift, y, yo + i);
  }

  @Override
  public void exp(int n, float[] x, int xo, float[] y, int yo) {
    SimdElementary.exp(n, x, xo, 0, y, yo);
  }

  @Override
  public void log(int n, float[] x, int xo, float[] y, int yo) {
    SimdElementary.log(n, x, xo, y, yo);
  }
}
