package org.espalier.io;

import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.model.BatchNormAffine;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.tensor.Tensor;

/** Checks that what a network computes with are numbers. */
@Internal
public final class FiniteParameters {
  private FiniteParameters() {}

  /**
   * Checks the parameters of a network: all finite but constants, which are numbers; no variance
   * below 0, and of each normalisation what it multiplies with and adds.
   *
   * @throws InputException if one isn't so; names the first
   */
  public static void check(String file, Graph graph) {
    for (Parameter p : graph.parameters()) {
      Tensor t = p.value();
      for (int r = 0; r < t.rows(); r++) {
        for (int c = 0; c < t.cols(); c++) {
          float value = t.get(r, c);
          if (p.kind() == Parameter.Kind.CONSTANT) { // a mask may be infinite
            if (Float.isNaN(value)) {
              throw wrong(file, p, "no NaN", value, r, c);
            }
          } else if (!Float.isFinite(value)) {
            throw wrong(file, p, "finite values", value, r, c);
          }
          if (p.kind() == Parameter.Kind.VARIANCE && value < 0) {
            throw wrong(file, p, "variances from 0", value, r, c);
          }
        }
      }
    }
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Operator.BatchNorm norm) {
        check(file, graph, node, norm);
      }
    }
  }

  private static void check(String file, Graph graph, Node node, Operator.BatchNorm norm) {
    BatchNormAffine affine = BatchNormAffine.of(graph, node, norm);
    Parameter variance = graph.parameter(node.parameter(Operator.BatchNorm.VARIANCE));
    for (int c = 0; c < norm.channels(); c++) {
      if (!Float.isFinite(affine.scale(c)) || !Float.isFinite(affine.shift(c))) {
        String expected = "a variance that with epsilon " + norm.epsilon() + " normalises";
        throw wrong(file, variance, expected, variance.value().get(0, c), 0, c);
      }
    }
  }

  private static InputException wrong(
      String file, Parameter p, String expected, float found, int row, int column) {
    String index = p.value().shape().rank() > 1 ? row + ", " + column : Integer.toString(column);
    return InputException.expected(
        file + ", tensor " + p.name(), expected, found + " at [" + index + "]");
  }
}
