package org.espalier.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Features;
import org.espalier.model.Column;
import org.espalier.model.Graph;
import org.espalier.model.Preprocessing;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  private static final Preprocessing AS_IT_IS =
      new Preprocessing.Columns(List.of(new Column.Numbers("x", 0, 1)));

  private static double accuracy(float... values) {
    Graph graph = Graph.input(Shape.of(1)).linear("fc", 2).build();
    graph.parameter("fc.weight").value().copyFrom(new float[] {1e30f, -1e30f});
    Dataset data =
        new Dataset(
            "d",
            Features.ofNumbers(List.of("x"), values),
            new int[values.length],
            List.of("above", "below"));
    try (ThreadPool workers = new ThreadPool(1)) {
      return Accuracy.of(graph, AS_IT_IS, data, workers);
    }
  }

  @Test
  void isTheShareThatIsRight() {
    assertEquals(0.75, accuracy(1, -2, 3, 4));
  }

  /** 10¹⁰ times 10³⁰ is beyond a float: the outputs would be infinite and say nothing. */
  @Test
  void outputsThatAreNoNumbersAreRefused() {
    assertEquals(
        "d #2: expected finite outputs of the network, found others, because its numbers or the"
            + " input are too large",
        assertThrows(InputException.class, () -> accuracy(1, -2, 1e10f)).getMessage());
  }
}
