package org.espalier.kernel.contract;

/**
 * Bounds between which a kernel keeps what it stores: {@code s <= low} becomes {@code low}, then
 * {@code s >= high} becomes {@code high}. NaN stays NaN, and a bound that is NaN doesn't bind. A
 * rectifier is the bound +0 from below, which −0 becomes, too.
 *
 * @param low NaN, or not above {@code high}
 */
public record Clamp(float low, float high) {
  /** Stores everything as it is. */
  public static final Clamp NONE = new Clamp(Float.NaN, Float.NaN);

  /** The rectifier. */
  public static final Clamp RELU = new Clamp(0, Float.NaN);

  /** Checks the bounds. */
  public Clamp {
    if (low > high) {
      throw new IllegalArgumentException("no values are between " + low + " and " + high);
    }
  }

  /** Returns the rectifier, or nothing. */
  public static Clamp rectifier(boolean relu) {
    return relu ? RELU : NONE;
  }

  /** Returns what is stored of a sum. */
  public float of(float sum) {
    float raised = sum <= low ? low : sum;
    return raised >= high ? high : raised;
  }
}
