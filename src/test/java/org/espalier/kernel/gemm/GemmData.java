package org.espalier.kernel.gemm;

import java.util.SplittableRandom;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/** Operands for the tests of matrix products. */
public final class GemmData {
  /** What guard cells hold. */
  public static final float GUARD = 1234.5f;

  private static final float[] HOSTILE = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1e-30f,
    -1e30f
  };

  private GemmData() {}

  /**
   * Fills every cell behind a tensor, padding too, so that reading what belongs to nobody shows.
   *
   * @param hostility share of hostile values
   */
  public static Tensor random(SplittableRandom random, int rows, int cols, double hostility) {
    Tensor t = Tensor.zeros(rows, cols);
    fill(random, t.data(), hostility);
    return t;
  }

  public static void fill(SplittableRandom random, float[] x, double hostility) {
    for (int i = 0; i < x.length; i++) {
      x[i] =
          random.nextDouble() < hostility
              ? HOSTILE[random.nextInt(HOSTILE.length)]
              : (float) random.nextDouble(-1, 1);
    }
  }

  public static BitMask randomMask(SplittableRandom random, int rows, int cols) {
    BitMask mask = new BitMask(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        mask.set(r, c, random.nextBoolean());
      }
    }
    return mask;
  }
}
