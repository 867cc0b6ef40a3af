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
 */
public record OnnxOptions(
    OnnxFile.Form form, boolean narrows, Precision weights, boolean sparse, boolean preprocessing) {
  /** Returns the options by which every weight is stored whole, as it is computed with. */
  public static OnnxOptions plain(OnnxFile.Form form, boolean preprocessing) {
    return new OnnxOptions(form, false, Precision.FP32, false, preprocessing);
  }
}
