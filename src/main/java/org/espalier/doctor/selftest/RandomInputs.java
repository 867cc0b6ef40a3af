package org.espalier.doctor.selftest;

import java.util.SplittableRandom;
import org.espalier.kernel.contract.Clamp;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/** Draws inputs of kernels: ordinary values, and those that break careless kernels. */
public final class RandomInputs {
  private static final float[] HOSTILE = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    0x0.fffffep-126f,
    -0x0.fffffep-126f,
    Float.MIN_NORMAL,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    0x1p-75f,
    -0x1p-75f,
    1e-30f,
    -1e30f,
    1f,
    -1f,
  };

  private RandomInputs() {}

  /** Returns a zero, NaN, an infinity, a subnormal number, or another that is easily mistreated. */
  public static float hostile(SplittableRandom random) {
    return HOSTILE[random.nextInt(HOSTILE.length)];
  }

  /** Returns values around 0, some of them hostile, some equal to others, some of any exponent. */
  public static float[] values(SplittableRandom random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] =
          switch (random.nextInt(16)) {
            case 0 -> hostile(random);
            case 1 -> random.nextInt(-3, 4); // ties
            case 2 -> Float.intBitsToFloat(random.nextInt()); // any exponent
            default -> (float) random.nextGaussian();
          };
    }
    return x;
  }

  /** Returns ordinary values around 0: hostile ones hide mistakes in a sum behind NaN. */
  public static float[] tameValues(SplittableRandom random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  /**
   * Returns values from −1 to 1.
   *
   * @param hostility share of hostile ones
   */
  public static float[] values(SplittableRandom random, int n, double hostility) {
    float[] x = new float[n];
    fill(random, x, hostility);
    return x;
  }

  /**
   * Fills an array with values from −1 to 1.
   *
   * @param hostility share of hostile ones
   */
  public static void fill(SplittableRandom random, float[] x, double hostility) {
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextDouble() < hostility ? hostile(random) : (float) random.nextDouble(-1, 1);
    }
  }

  /**
   * Returns a matrix of values from −1 to 1, and beside its rows as well: so it shows if somebody
   * reads what is nobody's.
   *
   * @param hostility share of hostile values
   */
  public static Tensor matrix(SplittableRandom random, int rows, int cols, double hostility) {
    Tensor t = Tensor.zeros(rows, cols);
    fill(random, t.data(), hostility);
    return t;
  }

  /** Returns random bits, of which some words are all clear or all set. */
  public static long[] bits(SplittableRandom random, int words) {
    long[] bits = new long[words];
    for (int i = 0; i < words; i++) {
      bits[i] =
          switch (random.nextInt(8)) {
            case 0 -> 0L;
            case 1 -> -1L;
            default -> random.nextLong();
          };
    }
    return bits;
  }

  /**
   * Returns a mask.
   *
   * @param share of the bits that are set
   */
  public static BitMask mask(SplittableRandom random, int rows, int cols, double share) {
    BitMask mask = new BitMask(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        mask.set(r, c, random.nextDouble() < share);
      }
    }
    return mask;
  }

  /** Returns no bounds, a rectifier, or bounds that cut something off. */
  public static Clamp clamp(SplittableRandom random) {
    float low = (float) random.nextDouble(-1, 1);
    return switch (random.nextInt(4)) {
      case 0 -> Clamp.NONE;
      case 1 -> Clamp.RELU;
      case 2 -> new Clamp(low, low + random.nextInt(2));
      default -> new Clamp(Float.NaN, low);
    };
  }
}
