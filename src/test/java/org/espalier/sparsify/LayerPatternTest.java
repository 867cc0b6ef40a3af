package org.espalier.sparsify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerPatternTest {
  private static final Graph GRAPH = Zoo.mlp(Shape.of(4), 3, 3, 2);

  @ParameterizedTest
  @CsvSource({
    "'', 'fc1 fc2'",
    "*, 'fc1 fc2 logits'",
    "fc2, fc2",
    "logits fc1, 'fc1 logits'",
    "!fc1, 'fc2 logits'",
    "fc* !fc1, fc2",
    "*1, fc1",
    "f*1, fc1",
    "l*o*g*i*t*s, logits",
    "lo*its, logits",
    "**c**2**, fc2",
    "*fc1*, fc1",
    "fc1, fc1"
  })
  void globsChooseLayers(String globs, String expected) {
    List<String> patterns = globs.isEmpty() ? List.of() : List.of(globs.split(" "));
    assertEquals(
        List.of(expected.split(" ")), List.copyOf(new LayerPattern(patterns).select(GRAPH)));
  }

  /** A part may not be used twice, as c1 would be in fc1. */
  @ParameterizedTest
  @ValueSource(strings = {"fc1*c1", "f*fc1", "*c*c*", "logits*s", "fc1*1", "c1", "fc"})
  void partsOfAGlobLieBehindEachOther(String glob) {
    assertThrows(InputException.class, () -> new LayerPattern(List.of(glob)).select(GRAPH));
  }

  /** A regular expression would try all ways to place the a's, of which there are 10^30. */
  @Test
  void aGlobOfManyStarsIsLinear() {
    Graph graph = Graph.input(Shape.of(4)).linear("a".repeat(200), 2).build();
    LayerPattern pattern = new LayerPattern(List.of("*a".repeat(30) + "*b"));
    assertThrows(InputException.class, () -> pattern.select(graph));
  }

  @Test
  void aPatternThatMatchesNothingIsAMistake() {
    var e =
        assertThrows(InputException.class, () -> new LayerPattern(List.of("relu1")).select(GRAPH));
    assertEquals(
        "layers: expected a pattern that matches one of [fc1, fc2, logits], found relu1",
        e.getMessage());
  }
}
