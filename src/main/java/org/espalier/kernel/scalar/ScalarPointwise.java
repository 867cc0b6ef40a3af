package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.PointwiseKernels;

/** The specification of {@link PointwiseKernels}. */
public final class ScalarPointwise implements PointwiseKernels {
  private static final Clamp UNIT = new Clamp(0, 1);

  @Override
  public void leakyRelu(int n, float a, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] < 0 ? a * x[xo + i] : x[xo + i];
    }
  }

  @Override
  public void hardSigmoid(int n, float a, float b, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = UNIT.of(Math.fma(a, x[xo + i], b));
    }
  }

  @Override
  public void hardSwish(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] * UNIT.of(Math.fma(1 / 6f, x[xo + i], 0.5f));
    }
  }

  @Override
  public void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = 1 / (1 + Elementary.exp(-x[xo + i]));
    }
  }

  @Override
  public void swish(int n, float a, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] * (1 / (1 + Elementary.exp(-(a * x[xo + i]))));
    }
  }

  private static int step(int period, int i) {
    return period == 0 ? i : i % period;
  }

  @Override
  public void add(int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    for (int i = 0; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a + b;
    }
  }

  @Override
  public void subtract(
      int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    for (int i = 0; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a - b;
    }
  }

  @Override
  public void multiply(
      int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    for (int i = 0; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a * b;
    }
  }

  @Override
  public void divide(
      int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    for (int i = 0; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a / b;
    }
  }

  @Override
  public void prelu(
      int n, float[] x, int xo, int px, float[] y, int yo, int py, float[] z, int zo) {
    for (int i = 0; i < n; i++) {
      float a = x[xo + step(px, i)];
      float b = y[yo + step(py, i)];
      z[zo + i] = a < 0 ? b * a : a;
    }
  }
}
