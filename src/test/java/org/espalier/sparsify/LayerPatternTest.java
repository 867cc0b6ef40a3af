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
    "*1, fc1"
  })
  void globsChooseLayers(String globs, String expected) {
    List<String> patterns = globs.isEmpty() ? List.of() : List.of(globs.split(" "));
    assertEquals(
        List.of(expected.split(" ")), List.copyOf(new LayerPattern(patterns).select(GRAPH)));
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
