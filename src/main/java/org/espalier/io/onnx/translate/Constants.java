package org.espalier.io.onnx.translate;

import java.util.Optional;
import org.espalier.io.onnx.read.OnnxTensor;
import org.espalier.tensor.Shape;

/** Known values of tensors. */
final class Constants {
  private Constants() {}

  static Value of(OnnxTensor tensor, Optional<Value.Origin> origin) {
    Shape shape = shape(tensor.dims());
    return tensor.type().isWhole()
        ? new Value.Wholes(shape, tensor.integers())
        : new Value.Reals(shape, tensor.floats(), origin);
  }

  static Shape shape(long... dims) {
    int[] small = new int[dims.length];
    for (int i = 0; i < dims.length; i++) {
      small[i] = Math.toIntExact(dims[i]);
    }
    return Shape.of(small);
  }
}
