package org.espalier.kernel.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.XOR;
import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import org.espalier.kernel.contract.LossKernels;
import org.espalier.kernel.scalar.ScalarLoss;

/** {@link LossKernels} on vectors. */
public final class SimdLoss implements LossKernels {
  private static final int MAGNITUDE = 0x7fffffff;

  @Override
  public float softmaxCrossEntropy(
      int n, float[] x, int xo, int label, float smoothing, float[] p, int po) {
    float max = max(n, x, xo);
    float atLabel = x[xo + label] - max; // read before p, which may be x, is written
    float everywhere = 0;
    if (smoothing != 0) {
      shift(n, x, xo, max, p, po);
      everywhere = SimdSums.sum(n, p, po);
      SimdElementary.exp(n, p, po, 0, p, po);
    } else {
      SimdElementary.exp(n, x, xo, max, p, po);
    }
    float s = SimdSums.sum(n, p, po);
    divide(n, p, po, s);
    return ScalarLoss.loss(n, smoothing, s, atLabel, everywhere);
  }

  /**
   * Returns the greatest element, by integer keys ordered as floats are: Java's maximum of floats
   * takes five instructions, and it goes through the lanes one after the other. A NaN, which this
   * may miss, makes the sum of the exponentials NaN all the same.
   */
  private static float max(int n, float[] x, int xo) {
    IntVector vmax =
        IntVector.broadcast(Lanes.I32, key(Float.floatToRawIntBits(Float.NEGATIVE_INFINITY)));
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      IntVector bits = FloatVector.fromArray(F32, x, xo + i).reinterpretAsInts();
      vmax = vmax.max(bits.lanewise(ASHR, Integer.SIZE - 1).and(MAGNITUDE).lanewise(XOR, bits));
    }
    int max = vmax.reduceLanes(MAX);
    for (; i < n; i++) {
      max = Math.max(max, key(Float.floatToRawIntBits(x[xo + i])));
    }
    return Float.intBitsToFloat(key(max));
  }

  /**
   * Turns the bits of a negative number around, so that integers are ordered as floats; and back.
   */
  private static int key(int bits) {
    return bits ^ ((bits >> (Integer.SIZE - 1)) & MAGNITUDE);
  }

  /** y[i] = x[i] − max. */
  private static void shift(int n, float[] x, int xo, float max, float[] y, int yo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector.fromArray(F32, x, xo + i).sub(max).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] - max;
    }
  }

  private static void divide(int n, float[] p, int po, float s) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector.fromArray(F32, p, po + i).div(s).intoArray(p, po + i);
    }
    for (; i < n; i++) {
      p[po + i] /= s;
    }
  }

  @Override
  public void softmaxCrossEntropyBackward(
      int n, float[] p, int po, int label, float smoothing, float scale, float[] dx, int dxo) {
    float everywhere = smoothing / n;
    float atLabel = 1 - smoothing + everywhere;
    float dLabel = scale * (p[po + label] - atLabel); // read before dx, which may be p, is written
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector.fromArray(F32, p, po + i).sub(everywhere).mul(scale).intoArray(dx, dxo + i);
    }
    for (; i < n; i++) {
      dx[dxo + i] = scale * (p[po + i] - everywhere);
    }
    dx[dxo + label] = dLabel;
  }
}
