package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Places of output, taken by this process and by others. */
class OutputFolderTest {
  private final List<Process> started = new ArrayList<>();

  @TempDir Path dir;

  @AfterEach
  void endWhatIsLeft() {
    started.forEach(Process::destroyForcibly);
  }

  /** Another process: takes a place, begins to write a file, says so and waits to be ended. */
  static final class Other {
    private Other() {}

    public static void main(String[] args) {
      Path place = Path.of(args[1]);
      AutoCloseable taken =
          switch (args[0]) {
            case "folder" -> OutputFolder.open(place, Assertions::fail);
            case "file" -> OutputFile.open(place, Assertions::fail);
            default -> () -> {};
          };
      AtomicFile.write(
          args[0].equals("folder") ? place.resolve("x") : place,
          out -> {
            out.write(new byte[1 << 20]);
            System.out.println(taken != null ? "writing" : "");
            System.out.flush();
            try {
              Thread.sleep(120_000);
            } catch (InterruptedException e) {
              throw new UncheckedIOException(new IOException(e));
            }
          });
    }
  }

  private Process other(String what, Path place) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                what,
                place.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    started.add(process);
    assertEquals("writing", process.inputReader().readLine());
    return process;
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly(); // SIGKILL
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static AutoCloseable open(String what, Path place) {
    return what.equals("folder")
        ? OutputFolder.open(place, Assertions::fail)
        : OutputFile.open(place, Assertions::fail);
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "file"})
  void whileAnotherProcessWritesThereAPlaceIsTakenAndAfterItWasKilledItIsFree(String what)
      throws Exception {
    Path place = dir.resolve("place");
    Process process = other(what, place);
    for (int i = 0; i < 2; i++) {
      assertEquals(
          place
              + ": expected a place that nothing else writes to, found process "
              + process.pid()
              + " at work",
          assertThrows(InputException.class, () -> open(what, place)).getMessage());
    }
    kill(process);
    Path folder = what.equals("folder") ? place : dir;
    assertEquals(2, names(folder).size(), "what it left: lock and half-written file");
    try (AutoCloseable taken = open(what, place)) {
      assertNotNull(taken);
      if (what.equals("file")) {
        AtomicFile.write(place, out -> out.write('x'));
      }
    }
    assertEquals(what.equals("file") ? List.of("place") : List.of(), names(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "file"})
  void theSameProcessTakesAPlaceOnceAtATime(String what) throws Exception {
    Path place = dir.resolve("place");
    try (AutoCloseable taken = open(what, place)) {
      assertNotNull(taken);
      assertEquals(
          place + ": expected a place that nothing else writes to, found this process at work",
          assertThrows(InputException.class, () -> open(what, place)).getMessage());
    }
    open(what, place).close();
    assertEquals(List.of(), names(what.equals("folder") ? place : dir));
  }

  /** Without a lock on its place; the file itself is locked. */
  @Test
  void whatAnotherProcessIsWritingIsNotRemoved() throws Exception {
    Path file = dir.resolve("x");
    Process process = other("neither", file);
    List<String> before = names(dir);
    assertEquals(1, before.size());
    AtomicFile.removeAbandoned(dir);
    assertEquals(before, names(dir));
    kill(process);
    AtomicFile.removeAbandoned(dir);
    assertEquals(List.of(), names(dir));
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aFolderMayBeALinkButNothingInIt() throws IOException {
    Path folder = Files.createDirectory(dir.resolve("folder"));
    Path link = Files.createSymbolicLink(dir.resolve("link"), folder);
    Path victim = Files.writeString(dir.resolve("victim"), "theirs");
    Files.createSymbolicLink(folder.resolve("model.safetensors"), victim);
    try (OutputFolder out = OutputFolder.open(link, Assertions::fail)) {
      assertThrows(
          InputException.class, () -> OutputFolder.open(folder, Assertions::fail), "the same");
      InputException e = assertThrows(InputException.class, () -> out.file("model.safetensors"));
      assertEquals(
          link.resolve("model.safetensors")
              + ": expected a regular file to write to, found a symbolic link",
          e.getMessage());
    }
    Files.createSymbolicLink(folder.resolve(".espalier-lock"), victim);
    assertThrows(InputException.class, () -> OutputFolder.open(link, Assertions::fail));
    assertEquals("theirs", Files.readString(victim));
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aLinkThatTheUserNamesAsAFileIsFollowed() throws IOException {
    Path file = Files.writeString(dir.resolve("a.html"), "<meta content=\"espalier\">");
    Path link = Files.createSymbolicLink(dir.resolve("link.html"), file);
    try (OutputFile out = OutputFile.open(link, Assertions::fail)) {
      AtomicFile.write(out.path(), to -> to.write('x'));
    }
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("x", Files.readString(file));
    assertEquals(List.of("a.html", "link.html"), names(dir));
  }

  @Test
  void whatOthersWroteIsNotReplaced() throws IOException {
    try (OutputFolder out = OutputFolder.open(dir, Assertions::fail)) {
      for (String name : List.of("a.html", "manifest.json", "model.safetensors", "a.onnx")) {
        Path file = Files.writeString(dir.resolve(name), "theirs");
        String message =
            file
                + ": expected no file, or one that this program wrote, found another, which stays as"
                + " it is";
        assertEquals(
            message, assertThrows(InputException.class, () -> out.file(name)).getMessage());
        assertEquals(
            message,
            assertThrows(InputException.class, () -> OutputFile.open(file, Assertions::fail))
                .getMessage());
        assertEquals("theirs", Files.readString(file));
      }
      ModelFile.write(dir.resolve("ours.safetensors"), SampleModels.perceptron(0.5, 1));
      assertEquals(dir.resolve("ours.safetensors"), out.file("ours.safetensors"));
      assertEquals(dir.resolve("new"), out.file("new"));
    }
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Path file = Files.writeString(dir.resolve("a"), "theirs");
    assertEquals(
        file + ": expected a folder, found a file",
        assertThrows(InputException.class, () -> OutputFolder.open(file, Assertions::fail))
            .getMessage());
    assertEquals("theirs", Files.readString(file));
  }

  @Test
  void aFolderThatIsNotThereIsMadeForAFolderOnly() throws IOException {
    OutputFolder.open(dir.resolve("x/y"), Assertions::fail).close();
    assertEquals(List.of(), names(dir.resolve("x/y")));
    Path file = dir.resolve("none/a.onnx");
    assertEquals(
        file + ": can't be written: no such file or folder",
        assertThrows(InputException.class, () -> OutputFile.open(file, Assertions::fail))
            .getMessage());
  }
}
