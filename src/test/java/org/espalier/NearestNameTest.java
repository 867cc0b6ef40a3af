package org.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  @ParameterizedTest
  @CsvSource({
    "heigth, height",
    "HEIGHT, height",
    "eight, height", // one letter away, weight two
    "weigh, weight",
    "colour, ",
    "w, ",
  })
  void theNearestNameIsFoundUnlessAllAreFar(String unknown, String nearest) {
    assertEquals(
        Optional.ofNullable(nearest),
        NearestName.of(unknown, List.of("width", "height", "weight", "")));
  }

  /** Comparing two texts of a megabyte would take hours. */
  @Test
  void longNamesAreNotCompared() {
    String one = "a".repeat(1 << 20);
    assertEquals(Optional.empty(), NearestName.of(one, List.of(one + "b")));
  }
}
