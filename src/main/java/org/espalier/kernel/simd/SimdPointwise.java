package org.espalier.kernel.simd;

import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.espalier.kernel.contract.PointwiseKernels;
import org.espalier.kernel.scalar.ScalarPointwise;

/** {@link PointwiseKernels} on vectors; what is left of a row is scalar. */
public final class SimdPointwise implements PointwiseKernels {
  private static final ScalarPointwise TAIL = new ScalarPointwise();

  @Override
  public void leakyRelu(int n, float a, float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i);
      v.blend(v.mul(a), v.compare(VectorOperators.LT, 0f)).intoArray(y, yo + i);
    }
    TAIL.leakyRelu(n - i, a, x, xo + i, y, yo + i);
  }

  @Override
  public void hardSigmoid(int n, float a, float b, float[] x, int xo, float[] y, int yo) {
    FloatVector va = FloatVector.broadcast(F32, a);
    FloatVector vb = FloatVector.broadcast(F32, b);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector h = FloatVector.fromArray(F32, x, xo + i).fma(va, vb);
      h = h.blend(0f, h.compare(VectorOperators.LE, 0f));
      h.blend(1f, h.compare(VectorOperators.GE, 1f)).intoArray(y, yo + i);
    }
    TAIL.hardSigmoid(n - i, a, b, x, xo + i, y, yo + i);
  }

  @Override
  public void hardSwish(int n, float[] x, int xo, float[] y, int yo) {
    FloatVector sixth = FloatVector.broadcast(F32, 1 / 6f);
    FloatVector half = FloatVector.broadcast(F32, 0.5f);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i);
      FloatVector h = v.fma(sixth, half);
      h = h.blend(0f, h.compare(VectorOperators.LE, 0f));
      v.mul(h.blend(1f, h.compare(VectorOperators.GE, 1f))).intoArray(y, yo + i);
    }
    TAIL.hardSwish(n - i, x, xo + i, y, yo + i);
  }

  @Override
  public void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    exponentials(n, -1, x, xo, y, yo);
    FloatVector one = FloatVector.broadcast(F32, 1);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      one.div(FloatVector.fromArray(F32, y, yo + i).add(1f)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = 1 / (1 + y[yo + i]);
    }
  }

  @Override
  public void swish(int n, float a, float[] x, int xo, float[] y, int yo) {
    exponentials(n, -a, x, xo, y, yo);
    FloatVector one = FloatVector.broadcast(F32, 1);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector s = one.div(FloatVector.fromArray(F32, y, yo + i).add(1f));
      FloatVector.fromArray(F32, x, xo + i).mul(s).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] * (1 / (1 + y[yo + i]));
    }
  }

  /** {@code y[i] = exp(a·x[i])}: to change the sign before a product or after it is the same. */
  private static void exponentials(int n, float a, float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector.fromArray(F32, x, xo + i).mul(a).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a * x[xo + i];
    }
    SimdElementary.exp(n, y, yo, 0, y, yo);
  }

  /** Returns where the operand of element {@code i}, a multiple of a vector's length, begins. */
  private static int step(int period, int i) {
    return period == 0 ? i : i & (period - 1);
  }

  private static FloatVector operand(float[] x, int xo, int period, int i) {
    return period == 1
        ? FloatVector.broadcast(F32, x[xo])
        : FloatVector.fromArray(F32, x, xo + step(period, i));
  }

  @Override
  public void add(int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector a = operand(x, xo, px, i);
      FloatVector b = operand(y, yo, py, i);
      a.add(b).intoArray(z, zo + i);
    }
    for (; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a + b;
    }
  }

  @Override
  public void subtract(
      int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector a = operand(x, xo, px, i);
      FloatVector b = operand(y, yo, py, i);
      a.sub(b).intoArray(z, zo + i);
    }
    for (; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a - b;
    }
  }

  @Override
  public void multiply(
      int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector a = operand(x, xo, px, i);
      FloatVector b = operand(y, yo, py, i);
      a.mul(b).intoArray(z, zo + i);
    }
    for (; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a * b;
    }
  }

  @Override
  public void divide(
      int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector a = operand(x, xo, px, i);
      FloatVector b = operand(y, yo, py, i);
      a.div(b).intoArray(z, zo + i);
    }
    for (; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a / b;
    }
  }

  @Override
  public void prelu(
      int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector a = operand(x, xo, px, i);
      FloatVector b = operand(y, yo, py, i);
      a.blend(a.mul(b), a.compare(VectorOperators.LT, 0f)).intoArray(z, zo + i);
    }
    for (; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a < 0 ? b * a : a;
    }
  }
}
