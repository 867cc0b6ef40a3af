package org.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.espalier.model.Graph;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;

class EvenGroupsTest {
  /** Two groups of two units each, and a convolution without groups. */
  private static Graph graph() {
    Graph.Builder net = Graph.input(Shape.of(4, 5, 5));
    net.add("plain", new Operator.Conv2d(4, 4, 3, 3, 1, 1, 1, false));
    net.add("grouped", new Operator.Conv2d(4, 4, 3, 3, 1, 1, 2, false));
    Graph graph = net.build();
    graph.parameters().forEach(p -> Arrays.fill(p.value().data(), 1));
    return graph;
  }

  private static void empty(Graph graph, String parameter, int unit) {
    Tensor w = graph.parameter(parameter).value();
    for (int c = 0; c < w.cols(); c++) {
      w.set(unit, c, 0);
    }
  }

  @Test
  void unitsWithoutWeightsInGroupsAreTold() {
    Graph graph = graph();
    empty(graph, "plain.weight", 1);
    assertEquals(List.of(), EvenGroups.of(graph));
    empty(graph, "grouped.weight", 0);
    empty(graph, "grouped.weight", 1);
    List<EvenGroups> found = EvenGroups.of(graph);
    assertEquals(List.of(new EvenGroups("grouped", 2, 2)), found);
    assertEquals(
        "grouped keeps 2 units without weights, since its 2 groups must stay equally large",
        found.getFirst().toString());
  }
}
