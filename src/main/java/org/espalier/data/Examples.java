package org.espalier.data;

import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.io.Sha256;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/** Examples of one shape, stored as they came: images as bytes, tables as floats. */
public sealed interface Examples permits Images, Features {
  /** Returns the shape of one example. */
  Shape shape();

  /** Returns the number of examples. */
  int count();

  /**
   * Returns what makes network input of examples.
   *
   * @throws IllegalArgumentException if the preprocessing is for examples of another kind
   */
  Inputs inputs(Preprocessing preprocessing);

  /** Returns copies of some examples, given by their indices. */
  Examples part(int[] chosen);

  /** Adds shape and content to a digest. */
  @Internal
  void addTo(Sha256 sha);

  /**
   * Returns the preprocessing that gives these examples mean 0 and standard deviation 1. It depends
   * on nothing but the examples.
   *
   * @param name of the data, for the message
   * @throws InputException if all values are equal
   */
  Preprocessing standardization(String name);

  /** Returns examples {@code from} to {@code to} − 1 as network input {@code [count][features]}. */
  default Tensor toInput(int from, int to, Preprocessing preprocessing) {
    Inputs inputs = inputs(preprocessing);
    Tensor x = Tensor.zeros(to - from, shape().size());
    for (int i = from; i < to; i++) {
      inputs.write(i, x.data(), x.row(i - from));
    }
    return x;
  }

  /** Makes network input; allocates nothing. */
  interface Inputs {
    /** Writes one example, {@code shape.size()} values, from index {@code xo} on. */
    void write(int example, float[] x, int xo);
  }
}
