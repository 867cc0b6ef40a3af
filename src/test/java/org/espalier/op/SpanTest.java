package org.espalier.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpanTest {
  @ParameterizedTest
  @CsvSource({"500 steps, 500", "1 step, 1", "1.5 epochs, 150", "2 EPOCHS, 200", "75%, 750"})
  void spansAreCountedInSteps(String text, double steps) {
    assertEquals(steps, Span.parse(text).steps(new Clock(100, 1000)));
    assertEquals(Span.parse(text), Span.parse(Span.parse(text).toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "-1 steps", "five epochs", "1 week", "1e999 steps"})
  void otherTextsAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Span.parse(text));
  }

  /** Text whose every end an attacker would have a regular expression try. */
  @Test
  void aLongTextIsRefusedInLinearTime() {
    String digits = "1".repeat(5_000_000);
    for (String text : List.of(digits + "x", " ".repeat(5_000_000) + "x", digits + "." + digits)) {
      assertThrows(IllegalArgumentException.class, () -> Span.parse(text));
    }
    assertEquals(1e300, Span.parse("1" + "0".repeat(300) + " steps").amount());
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "50, 0.25", "200, 1", "900, 1"})
  void theShareThatHasPassedGrowsToOne(long step, double share) {
    Clock clock = new Clock(100, 1000);
    clock.set(step);
    assertEquals(share, Span.parse("2 epochs").passed(clock));
  }
}
