package org.espalier.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CaseProgressTest {
  private final AtomicLong seconds = new AtomicLong(1000);
  private final StringWriter err = new StringWriter();

  private CaseProgress progress(int count) {
    return new CaseProgress(count, new PrintWriter(err), () -> seconds.get() * 1_000_000_000L);
  }

  private void pass(int n, CaseProgress progress) {
    for (int i = 0; i < n; i++) {
      seconds.incrementAndGet();
      progress.look();
    }
  }

  @Test
  void whatTakesLessThanTwoSecondsIsNotSpokenOf() {
    try (CaseProgress progress = progress(2)) {
      progress.begin("one");
      pass(1, progress);
      progress.begin("two");
    }
    assertEquals("", err.toString());
  }

  @Test
  void whatTakesLongerIsNamedWithTheCasesAndTheTimeThatAreLeft() {
    try (CaseProgress progress = progress(12)) {
      progress.begin("0 % pruned, one example a call");
      pass(4, progress);
      progress.begin("0 % pruned, 64 examples a call"); // too soon after the last
      pass(2, progress);
      progress.begin("50 % pruned, one example a call");
      pass(12, progress);
      pass(29, progress); // the same case all the time: a sign of life
    }
    assertEquals(
        """
        measuring 0 % pruned, one example a call: case 1 of 12, 2 s so far
        measuring 50 % pruned, one example a call: case 3 of 12, 7 s so far, about 29 s left
        measuring 50 % pruned, one example a call: case 3 of 12, 37 s so far
        """,
        err.toString());
  }

  @Test
  void aLongTimeIsToldInMinutes() {
    try (CaseProgress progress = progress(10)) {
      progress.begin("a");
      seconds.addAndGet(60);
      progress.begin("b");
    }
    assertEquals("measuring b: case 2 of 10, 60 s so far, about 9 min left\n", err.toString());
  }
}
