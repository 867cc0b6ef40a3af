package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void writesAndReplaces() throws IOException {
    Path file = folder.resolve("a");
    AtomicFile.write(file, out -> out.write(new byte[100_000]));
    assertEquals(100_000, Files.size(file));
    AtomicFile.write(file, out -> out.write('x'));
    assertEquals("x", Files.readString(file));
    assertEquals(List.of(file), listed());
  }

  @Test
  void aFullDiskLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old");
    InputException e =
        assertThrows(
            InputException.class,
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("No space left on device");
                    }));
    assertEquals(file + ": can't be written: No space left on device", e.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of(file), listed());
  }

  @Test
  void aFaultOfTheProgramLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old");
    assertThrows(
        IllegalStateException.class,
        () ->
            AtomicFile.write(
                file,
                out -> {
                  out.write('n');
                  throw new IllegalStateException();
                }));
    assertEquals("old", Files.readString(file));
    assertEquals(List.of(file), listed());
  }

  @Test
  void saysThatThereIsNoSuchFolder() {
    Path file = folder.resolve("none/a");
    InputException e =
        assertThrows(InputException.class, () -> AtomicFile.write(file, out -> out.write('x')));
    assertEquals(file + ": can't be written: no such file or folder", e.getMessage());
  }

  @Test
  void takesNoFoldersPlace() throws IOException {
    Path file = Files.createDirectory(folder.resolve("a"));
    InputException e =
        assertThrows(InputException.class, () -> AtomicFile.write(file, out -> out.write('x')));
    assertEquals(file + ": expected a regular file to write to, found a folder", e.getMessage());
    assertTrue(Files.isDirectory(file));
    assertEquals(List.of(file), listed());
  }

  /** Who plants a link where a file will be written must not choose what is overwritten. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void followsNoSymbolicLink() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old");
    for (Path to : List.of(file, folder.resolve("nothing"), folder)) {
      Path link = Files.createSymbolicLink(folder.resolve("link"), to);
      InputException e =
          assertThrows(InputException.class, () -> AtomicFile.write(link, out -> out.write('x')));
      assertEquals(
          link + ": expected a regular file to write to, found a symbolic link", e.getMessage());
      assertTrue(Files.isSymbolicLink(link));
      Files.delete(link);
    }
    assertEquals("old", Files.readString(file));
    assertEquals(List.of(file), listed());
  }

  private List<Path> listed() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
