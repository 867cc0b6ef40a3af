package org.espalier.io.onnx;

import java.util.SplittableRandom;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/** Networks to write, with numbers like those of trained ones. */
public final class SampleGraphs {
  private SampleGraphs() {}

  /** Returns a network that has every operator, with uneven maps, windows and strides. */
  public static Graph everyOperator() {
    Graph.Builder net = Graph.input(Shape.of(3, 13, 11));
    net.conv("conv1", 8, 3, 1).batchNorm("bn1").relu();
    String before = net.last();
    net.add("grouped", new Operator.Conv2d(8, 12, 3, 2, 2, 1, 4, true)); // [12, 7, 6]
    net.batchNorm("bn2", 0.9, 1e-3).averagePool(3, 1, 1).maxPool(3, 1, 0); // [12, 5, 4]
    String branch = net.last();
    net.from(before).maxPool(3, 1, 1).conv("narrow", 9, 3, 1, 0, true); // [9, 11, 9]
    net.averagePool(2, 1, 0).add("shortcut", new Operator.Shortcut(12, 2)); // [12, 5, 4]
    net.plus(branch).relu().add("same", new Operator.Shortcut(12, 1)).batchNorm("bn3");
    net.conv("last", 10, 3, 2).globalAveragePool().flatten();
    return net.linear("fc1", 7).relu().linear("logits", 5).build();
  }

  /**
   * Sets all parameters: weights as before training, statistics like those of a trained network.
   */
  public static Graph randomized(Graph graph, long seed) {
    Initializer.HE_NORMAL.initialize(graph, seed);
    var random = new SplittableRandom(seed);
    for (Parameter p : graph.parameters()) {
      Tensor t = p.value();
      for (int i = 0; p.kind() != Parameter.Kind.WEIGHT && i < t.cols(); i++) {
        t.set(
            0,
            i,
            (float)
                switch (p.kind()) {
                  case BIAS, MEAN -> random.nextDouble(-0.2, 0.2);
                  default -> random.nextDouble(0.5, 1.5);
                });
      }
    }
    return graph;
  }
}
