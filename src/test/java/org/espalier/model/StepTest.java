package org.espalier.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.espalier.kernel.contract.Clamp;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class StepTest {
  /** Name of the step that makes feature maps of the input of a network that is trained. */
  private static final String MAPS = " ";

  private static List<String> described(List<Step> steps) {
    return steps.stream()
        .filter(s -> !s.name().equals(MAPS))
        .map(
            s -> s.node().name() + " " + s.inputs() + (s.clamp().equals(Clamp.RELU) ? " relu" : ""))
        .toList();
  }

  private static Graph.Builder input() {
    return Graph.input(Shape.of(4, 6, 6));
  }

  @Test
  void aConvolutionTakesTheAdditionBehindItInInferenceOnly() {
    Graph graph = input().conv("a", 4, 3, 1).conv("b", 4, 3, 1).plus("a").relu().build();
    assertEquals(
        List.of("a [" + Graph.INPUT + "]", "b [a, a] relu"), described(Step.forInference(graph)));
    assertEquals(
        List.of("a [" + MAPS + "]", "b [a]", "add1 [b, a]", "relu1 [add1]"),
        described(Step.forTraining(graph)));
  }

  @Test
  void ofTwoConvolutionsTheLastTakesTheAddition() {
    Graph graph = input().conv("a", 4, 3, 1).from(Graph.INPUT).conv("b", 4, 1, 1).plus("a").build();
    assertEquals(
        List.of("a [" + Graph.INPUT + "]", "b [" + Graph.INPUT + ", a]"),
        described(Step.forInference(graph)));
  }

  @Test
  void aNormalisationGoesBeforeAConvolutionAndIsTheSameInTraining() {
    Graph graph =
        input()
            .conv("a", 4, 3, 1)
            .batchNorm("norm")
            .from(Graph.INPUT)
            .conv("b", 4, 1, 1)
            .plus("norm")
            .relu()
            .build();
    assertEquals(
        List.of("a [" + MAPS + "]", "b [" + MAPS + "]", "norm [a, b] relu"),
        described(Step.forTraining(graph)));
    assertEquals(
        List.of("a [input]", "b [input]", "norm [a, b] relu"), described(Step.forInference(graph)));
  }

  @Test
  void whatIsReadTwiceOrAddedToItselfStaysByItself() {
    Graph twice = input().conv("a", 4, 3, 1).plus("a").build();
    assertEquals(
        List.of("a [" + Graph.INPUT + "]", "add1 [a, a]"), described(Step.forInference(twice)));
    Graph readAgain = input().conv("a", 4, 3, 1).conv("b", 4, 3, 1).plus("a").plus("b").build();
    assertEquals(4, described(Step.forInference(readAgain)).size());
  }
}
