package org.espalier.io.onnx;

import org.espalier.tensor.Precision;

/**
 * How a network is written as ONNX.
 *
 * @param form which arithmetic
 * @param narrows whether weights may be stored smaller than they are computed with
 * @param weights as what they are then stored; those that can be read back to the bit from halves
 *     or bytes are stored so anyway
 * @param sparse whether weights are stored without their zeros where that is smaller
 * @param preprocessing whether the network takes values as they are before preprocessing, and gives
 *     probabilities too
 * @param opset the version of ONNX's operators, from {@link #OLDEST} to {@link #NEWEST}
 */
public record OnnxOptions(
    OnnxFile.Form form,
    boolean narrows,
    Precision weights,
    boolean sparse,
    boolean preprocessing,
    int opset) {
  /** The oldest opset that is written: the first whose inputs are broadcast as NumPy's. */
  public static final int OLDEST = 7;

  /** The newest opset that is written. */
  public static final int NEWEST = 21;

  /** The opset that is written unless told otherwise. */
  public static final int USUAL = 13;

  /** Checks the opset. */
  public OnnxOptions {
    if (opset < OLDEST || opset > NEWEST) {
      throw new IllegalArgumentException("opset " + opset);
    }
  }

  /** Options with the usual opset. */
  public OnnxOptions(
      OnnxFile.Form form,
      boolean narrows,
      Precision weights,
      boolean sparse,
      boolean preprocessing) {
    this(form, narrows, weights, sparse, preprocessing, USUAL);
  }

  /** Returns the options by which every weight is stored whole, as it is computed with. */
  public static OnnxOptions plain(OnnxFile.Form form, boolean preprocessing) {
    return new OnnxOptions(form, false, Precision.FP32, false, preprocessing);
  }

  /** Returns these options with another opset. */
  public OnnxOptions withOpset(int other) {
    return new OnnxOptions(form, narrows, weights, sparse, preprocessing, other);
  }
}
