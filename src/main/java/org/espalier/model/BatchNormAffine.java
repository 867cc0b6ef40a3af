package org.espalier.model;

import org.espalier.Internal;
import org.espalier.tensor.Tensor;

/**
 * A batch normalisation by its running statistics, as it is evaluated: {@code y = scale·x + shift}
 * for each channel, one fma, with {@code scale = weight / √(variance + epsilon)} and {@code shift =
 * bias − mean·scale}.
 */
@Internal
public final class BatchNormAffine {
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor mean;
  private final Tensor variance;
  private final Operator.BatchNorm operator;

  private BatchNormAffine(Graph graph, Node node, Operator.BatchNorm operator) {
    this.operator = operator;
    weight = value(graph, node, Operator.WEIGHT);
    bias = value(graph, node, Operator.BIAS);
    mean = value(graph, node, Operator.BatchNorm.MEAN);
    variance = value(graph, node, Operator.BatchNorm.VARIANCE);
  }

  /** Returns that of a node of a graph; it follows the node's parameters. */
  public static BatchNormAffine of(Graph graph, Node node, Operator.BatchNorm operator) {
    return new BatchNormAffine(graph, node, operator);
  }

  private static Tensor value(Graph graph, Node node, String role) {
    return graph.parameter(node.parameter(role)).value();
  }

  /** Returns what a channel is multiplied with. */
  public float scale(int channel) {
    return scale(weight.get(0, channel), operator.inverseDeviation(variance.get(0, channel)));
  }

  /** Returns what is added to a channel afterwards. */
  public float shift(int channel) {
    return shift(mean.get(0, channel), scale(channel), bias.get(0, channel));
  }

  /** Returns the factor of a channel for any statistics. */
  public static float scale(float weight, float inverseDeviation) {
    return weight * inverseDeviation;
  }

  /** Returns what is added for any statistics. */
  public static float shift(float mean, float scale, float bias) {
    return Math.fma(-mean, scale, bias);
  }
}
