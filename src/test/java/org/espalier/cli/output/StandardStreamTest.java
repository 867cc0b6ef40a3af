package org.espalier.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.espalier.cli.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandardStreamTest {
  private final PrintStream systemOut = System.out;
  private final PrintStream systemErr = System.err;

  /** A file on a disk that is full, or a pipe that was closed, after some bytes. */
  private static final class Failing extends OutputStream {
    private final String reason;
    private int left;

    Failing(String reason, int left) {
      this.reason = reason;
      this.left = left;
    }

    @Override
    public void write(int b) throws IOException {
      if (left-- <= 0) {
        throw new IOException(reason);
      }
    }
  }

  @AfterEach
  void giveBack() {
    System.setOut(systemOut);
    System.setErr(systemErr);
  }

  @ParameterizedTest
  @CsvSource({
    "No space left on device, 0, false, 2",
    "No space left on device, 100, false, 2",
    "Input/output error, 1, false, 2",
    "Broken pipe, 1, false, 0",
    "Daten\u00fcbergabe unterbrochen, 1, true, 0",
    "none, 1000000, false, 0"
  })
  void aCommandWhoseOutputIsLostFails(String reason, int left, boolean pipe, int code) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    assertEquals(
        code,
        Main.run(
            new StandardStream(new Failing(reason, left), StandardCharsets.UTF_8, pipe),
            new StandardStream(said, StandardCharsets.UTF_8, false),
            "--help"));
    assertEquals(
        code == 0 ? "" : "espalier: standard output: can't be written: " + reason + "\n",
        said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aCommandThatFailedAnywaySaysOnlyWhy() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    StandardStream err = new StandardStream(said, StandardCharsets.UTF_8, false);
    StandardStream out =
        new StandardStream(new Failing("No space", 0), StandardCharsets.UTF_8, false);
    assertEquals(2, Main.run(out, err, "inspect", "no-such-model"));
    assertEquals(1, said.toString(StandardCharsets.UTF_8).lines().count());
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-8, 2.5×, 2.5×",
    "US-ASCII, 2.5×, 2.5×",
    "ISO-8859-1, 2.5× ± 1 µs, 2.5× ± 1 µs",
    "ISO-8859-1, γ 90 – ──, gamma 90 - --",
    "ISO-8859-1, café Škoda, café Skoda",
    "ISO-8859-1, \u4e2d\ud83d\ude00, \\u4e2d\\u1f600",
    "ISO-8859-7, γ µ ±, γ u ±"
  })
  void lettersThatTheCharsetLacksAreReplaced(String charset, String text, String shown) {
    Charset asked = Charset.forName(charset);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new StandardStream(bytes, asked, false).writer().println(text);
    // Nobody who has no locale means ASCII.
    Charset read = asked.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : asked;
    assertEquals(shown, bytes.toString(read).strip());
  }
}
