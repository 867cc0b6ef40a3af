package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.ProbeKernels;

/** The specification of {@link ProbeKernels}. */
public final class ScalarProbe implements ProbeKernels {
  private static final float HALF = 0.5f;

  @Override
  public float multiplyAdd(int rounds) {
    float s0 = 1;
    float s1 = 2;
    float s2 = 3;
    float s3 = 4;
    float s4 = 5;
    float s5 = 6;
    float s6 = 7;
    float s7 = 8;
    float s8 = 9;
    float s9 = 10;
    float s10 = 11;
    float s11 = 12;
    for (int i = 0; i < rounds; i++) {
      s0 = Math.fma(s0, HALF, 1);
      s1 = Math.fma(s1, HALF, 1);
      s2 = Math.fma(s2, HALF, 1);
      s3 = Math.fma(s3, HALF, 1);
      s4 = Math.fma(s4, HALF, 1);
      s5 = Math.fma(s5, HALF, 1);
      s6 = Math.fma(s6, HALF, 1);
      s7 = Math.fma(s7, HALF, 1);
      s8 = Math.fma(s8, HALF, 1);
      s9 = Math.fma(s9, HALF, 1);
      s10 = Math.fma(s10, HALF, 1);
      s11 = Math.fma(s11, HALF, 1);
    }
    return s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11;
  }

  @Override
  public int lanes() {
    return 1;
  }

  @Override
  public int read(int n, float[] x, int xo) {
    int bits = 0;
    for (int i = 0; i < n; i++) {
      bits |= Float.floatToRawIntBits(x[xo + i]);
    }
    return bits;
  }
}
