package org.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputExceptionTest {
  @Test
  void saysWhereAndWhatWasExpectedAndFound() {
    assertEquals(
        "a.gz: expected magic 00000803, found 00000801",
        InputException.expected("a.gz", "magic 00000803", "00000801").getMessage());
  }

  @Test
  void isOneLineWhateverAFileHolds() {
    assertEquals("key 'a??[31mb?'", new InputException("key 'a\n\u001b[31mb\0'").getMessage());
    String message = new InputException("x".repeat(1_000_000)).getMessage();
    assertTrue(message.length() < 1100 && message.endsWith("…"), message);
  }

  @Test
  void givesTheReasonThatTheFileSystemGave(@TempDir Path folder) {
    Path missing = folder.resolve("missing");
    try {
      byte[] bytes = Files.readAllBytes(missing);
      throw new AssertionError(bytes.length);
    } catch (NoSuchFileException e) {
      assertEquals(
          missing + ": can't be read: no such file or folder",
          InputException.reading(missing, e).getMessage());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertEquals(
        "f: can't be written: No space left on device",
        InputException.writing(Path.of("f"), new IOException("No space left on device"))
            .getMessage());
    assertEquals(
        "f: can't be read: it ends too early",
        InputException.reading(Path.of("f"), new EOFException()).getMessage());
  }
}
