package org.espalier.experiment.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.espalier.tensor.Shape;

/** The examples of a request: of each input of a network all examples, then those of the next. */
final class InputBlocks {
  private InputBlocks() {}

  /** Returns how many values an example has, those of all inputs. */
  static int size(Map<String, Shape> inputs) {
    return inputs.values().stream().mapToInt(Shape::size).reduce(0, Math::addExact);
  }

  /** Returns by the name of each input its examples. */
  static Map<String, float[]> of(Map<String, Shape> inputs, int batch, float[] x) {
    Map<String, float[]> blocks = new LinkedHashMap<>();
    int from = 0;
    for (Map.Entry<String, Shape> input : inputs.entrySet()) {
      int to = Math.addExact(from, Math.multiplyExact(batch, input.getValue().size()));
      blocks.put(input.getKey(), Arrays.copyOfRange(x, from, to));
      from = to;
    }
    return blocks;
  }
}
