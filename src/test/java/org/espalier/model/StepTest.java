package org.espalier.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class StepTest {
  /** Name of the step that makes feature maps of the input. */
  private static final String MAPS = " ";

  private static List<String> described(List<Step> steps) {
    return steps.stream()
        .map(s -> s.node().name() + " " + s.inputs() + (s.relu() ? " relu" : ""))
        .skip(1) // the input's maps
        .toList();
  }

  private static Graph.Builder input() {
    return Graph.input(Shape.of(4, 6, 6));
  }

  @Test
  void aConvolutionTakesTheAdditionBehindItInInferenceOnly() {
    Graph graph = input().conv("a", 4, 3, 1).conv("b", 4, 3, 1).plus("a").relu().build();
    assertEquals(List.of("a [" + MAPS + "]", "b [a, a] relu"), described(Step.forInference(graph)));
    assertEquals(
        List.of("a [" + MAPS + "]", "b [a]", "add1 [b, a]", "relu1 [add1]"),
        described(Step.forTraining(graph)));
  }

  @Test
  void ofTwoConvolutionsTheLastTakesTheAddition() {
    Graph graph = input().conv("a", 4, 3, 1).from(Graph.INPUT).conv("b", 4, 1, 1).plus("a").build();
    assertEquals(
        List.of("a [" + MAPS + "]", "b [" + MAPS + ", a]"), described(Step.forInference(graph)));
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
    List<String> expected = List.of("a [" + MAPS + "]", "b [" + MAPS + "]", "norm [a, b] relu");
    assertEquals(expected, described(Step.forTraining(graph)));
    assertEquals(expected, described(Step.forInference(graph)));
  }

  @Test
  void whatIsReadTwiceOrAddedToItselfStaysByItself() {
    Graph twice = input().conv("a", 4, 3, 1).plus("a").build();
    assertEquals(List.of("a [" + MAPS + "]", "add1 [a, a]"), described(Step.forInference(twice)));
    Graph readAgain = input().conv("a", 4, 3, 1).conv("b", 4, 3, 1).plus("a").plus("b").build();
    assertEquals(4, described(Step.forInference(readAgain)).size());
  }
}
