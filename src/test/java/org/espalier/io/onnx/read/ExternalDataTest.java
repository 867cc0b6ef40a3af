package org.espalier.io.onnx.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.espalier.InputException;
import org.espalier.io.onnx.Message;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
  @TempDir Path outside;
  private Path folder;

  @BeforeEach
  void prepare() throws IOException {
    folder = Files.createDirectory(outside.resolve("model"));
    Files.write(outside.resolve("secret"), Proto.floats(7, 8));
    Files.write(folder.resolve("w"), Proto.floats(1, 2, 3));
    Files.write(Files.createDirectory(folder.resolve("below")).resolve("w"), Proto.floats(4, 5));
  }

  private OnnxTensor tensor(String... entries) throws IOException {
    Message tensor = Proto.head("t", ElementType.FLOAT, 2).integer(14, 1);
    for (int i = 0; i < entries.length; i += 2) {
      tensor.message(13, new Message().text(1, entries[i]).text(2, entries[i + 1]));
    }
    Path file = folder.resolve("t.pb");
    Files.write(file, Proto.bytes(tensor));
    return OnnxTensor.read(file);
  }

  private String refusal(String... entries) {
    return assertThrows(InputException.class, () -> tensor(entries).floats()).getMessage();
  }

  @Test
  void elementsComeFromAFileBeside() throws IOException {
    OnnxTensor t = tensor("location", "w", "offset", "4", "length", "8", "checksum", "?");
    assertArrayEquals(new float[] {2, 3}, t.floats());
    assertEquals(new OnnxStorage.External("w", 4, 8), t.storage());
    assertArrayEquals(new float[] {1, 2}, tensor("location", "w").floats());
    assertArrayEquals(new float[] {4, 5}, tensor("location", "below/w").floats());
    assertInstanceOf(OnnxStorage.External.class, tensor("location", "missing").storage());
  }

  @Test
  void theFileIsLongEnough() {
    assertEquals(
        folder.resolve("w")
            + ": expected 8 bytes from byte 5 on for "
            + folder.resolve("t.pb")
            + ", tensor t, found a file of 12",
        refusal("location", "w", "offset", "5"));
    refusal("location", "w", "offset", "13");
    refusal("location", "w", "offset", String.valueOf(Long.MAX_VALUE));
    refusal("location", "w", "offset", "9223372036854775808");
    refusal("location", "w", "offset", "0x4");
    refusal("location", "w", "length", "12");
    assertTrue(
        refusal("location", "missing").endsWith("can't be read: no such file or folder"),
        refusal("location", "missing"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "../secret",
        "below/../../secret",
        "below/../w",
        "./w",
        "below//w",
        "below/",
        "/w",
        "/etc/passwd",
        "..\\secret",
        "C:w",
        "\\\\host\\share",
        "w\0",
        "w\n"
      })
  void noPathLeadsOut(String location) {
    String message = refusal("location", location);
    assertTrue(
        message.contains("expected external data in a file below the model's folder"), message);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void noLinkIsFollowed() throws IOException {
    Files.createSymbolicLink(folder.resolve("link"), outside.resolve("secret"));
    Files.createSymbolicLink(folder.resolve("inner"), Path.of("w"));
    Files.createSymbolicLink(folder.resolve("up"), outside);
    for (String location : new String[] {"link", "inner", "up/secret", "up/model/w"}) {
      String message = refusal("location", location);
      assertTrue(message.endsWith("found a link, which is not followed"), message);
    }
  }

  @Test
  void foldersAndFilesAreWhatTheyShouldBe() {
    assertTrue(
        refusal("location", "below")
            .endsWith("expected a file with external data, found a folder"));
    assertTrue(refusal("location", "w/w").endsWith("w: expected a folder, found a file"));
  }

  /** Nobody writes to the pipe: opening it would never end. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void pipesAreNotOpened() throws IOException, InterruptedException {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    assertTrue(refusal("location", "pipe").endsWith("found a pipe, socket or device"));
    assertThrows(InputException.class, () -> OnnxTensor.read(pipe));
  }

  @Test
  void whatIsInMemoryHasNothingBeside() {
    Message tensor =
        Proto.head("t", ElementType.FLOAT, 2)
            .integer(14, 1)
            .message(13, new Message().text(1, "location").text(2, "w"));
    OnnxTensor t = Proto.tensor(tensor);
    assertEquals(
        "f, tensor t: expected elements in the file, found in w",
        assertThrows(InputException.class, t::floats).getMessage());
  }
}
