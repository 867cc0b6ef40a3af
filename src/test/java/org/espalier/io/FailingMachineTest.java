package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whenever a call fails, the disk is full or the power goes: a file is the old or the new, whole.
 */
class FailingMachineTest {
  private static final String OLD = "the old content";

  /** Longer than what is handed to the disk at once. */
  private static final String NEW = "new".repeat(50_000);

  /** More than a write has; the loops end at the first that a write does without. */
  private static final int CALLS = 1000;

  private static void write(FailingFileSystem disk) {
    AtomicFile.write(disk.file("a"), out -> out.write(NEW.getBytes()));
  }

  private static FailingFileSystem disk(boolean lazy) {
    FailingFileSystem disk = new FailingFileSystem();
    if (lazy) {
      disk.lazy();
    }
    disk.put("a", OLD);
    disk.put("b", "another's");
    return disk;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void afterAPowerFailureAtAnyCallTheFileIsTheOldOrTheNew(boolean lazy) {
    int old = 0;
    for (int k = 0; k < CALLS; k++) {
      FailingFileSystem disk = disk(lazy);
      disk.powerFailsAt(k);
      boolean failed = false;
      try {
        write(disk);
      } catch (FailingFileSystem.PowerFailure e) {
        failed = true;
      }
      disk.restart();
      if (!failed) {
        assertEquals(NEW, disk.text("a"));
        assertTrue(k >= 5, "create, write, force, move and force of the folder: " + k);
        assertTrue(old >= 4, "of " + k + " only " + old + " had the old content");
        return;
      }
      assertTrue(Set.of(OLD, NEW).contains(String.valueOf(disk.text("a"))), "call " + k);
      old += OLD.equals(disk.text("a")) ? 1 : 0;
      assertEquals("another's", disk.text("b"));
      write(disk);
      assertEquals(Set.of("a", "b"), disk.list(), "what call " + k + " left is removed");
    }
    throw new AssertionError("it never ended");
  }

  /** What was said to be written stays, even if the power fails at once. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasWrittenIsThereAfterAPowerFailure(boolean lazy) {
    FailingFileSystem disk = disk(lazy);
    write(disk);
    disk.restart();
    assertEquals(NEW, disk.text("a"));
    assertEquals(Set.of("a", "b"), disk.list());
  }

  @Test
  void aCallThatFailsLeavesTheOldFileOrTheNewAndNothingElse() {
    for (int k = 0; k < CALLS; k++) {
      FailingFileSystem disk = disk(false);
      disk.fail(k);
      boolean failed = false;
      try {
        write(disk);
      } catch (InputException e) {
        assertEquals("/folder/a: can't be written: Input/output error", e.getMessage());
        failed = true;
      }
      assertTrue(Set.of(OLD, NEW).contains(String.valueOf(disk.text("a"))), "call " + k);
      assertEquals(Set.of("a", "b"), disk.list(), "call " + k);
      if (!failed) {
        assertEquals(NEW, disk.text("a"));
        return;
      }
    }
    throw new AssertionError("it never ended");
  }

  @Test
  void aFullDiskLeavesTheOldFileAndNothingElse() {
    for (int room : new int[] {0, 1, 1000, 70_000, NEW.length() - 1}) {
      FailingFileSystem disk = disk(false);
      disk.room(OLD.length() + "another's".length() + room);
      InputException e = assertThrows(InputException.class, () -> write(disk));
      assertEquals("/folder/a: can't be written: No space left on device", e.getMessage());
      assertEquals(OLD, disk.text("a"));
      assertEquals(Set.of("a", "b"), disk.list());
    }
  }

  private static void leaveHalfWritten(FailingFileSystem disk, String name) {
    disk.powerFailsAt(2);
    assertThrows(
        FailingFileSystem.PowerFailure.class,
        () -> AtomicFile.write(disk.file(name), out -> out.write(NEW.getBytes())));
    disk.restart();
  }

  @Test
  void whoTakesAFolderFindsNothingHalfWritten() {
    FailingFileSystem disk = disk(false);
    disk.put(".notes.0123456789abcdef-1.tmp", "another program's");
    leaveHalfWritten(disk, "x");
    leaveHalfWritten(disk, "y");
    assertEquals(5, disk.list().size());
    try (OutputFolder folder = OutputFolder.open(disk.folder(), Assertions::fail)) {
      assertEquals(disk.folder().toString(), folder.path().toString());
      assertEquals(
          Set.of("a", "b", ".notes.0123456789abcdef-1.tmp", ".espalier-lock"), disk.list());
    }
    assertEquals(Set.of("a", "b", ".notes.0123456789abcdef-1.tmp"), disk.list());
  }

  @Test
  void whatIsBeingWrittenIsNotTakenForAbandoned() {
    FailingFileSystem disk = disk(false);
    AtomicFile.write(
        disk.file("x"),
        out -> {
          out.write('1');
          AtomicFile.write(disk.file("x"), inner -> inner.write('2'));
          AtomicFile.removeAbandoned(disk.folder());
          assertEquals("2", disk.text("x"));
        });
    assertEquals("1", disk.text("x"));
    assertEquals(Set.of("a", "b", "x"), disk.list());
  }

  /** Then it says so, and works as before. */
  @Test
  void withoutLocksAFolderIsWrittenToAllTheSame() {
    FailingFileSystem disk = disk(false);
    disk.withoutLocks();
    List<String> warnings = new ArrayList<>();
    try (OutputFolder folder = OutputFolder.open(disk.folder(), warnings::add)) {
      AtomicFile.write(folder.path().resolve("c"), out -> out.write('x'));
    }
    assertEquals(
        List.of(
            "/folder: this file system has no locks (No locks available): nothing keeps another"
                + " program from writing there too"),
        warnings);
    assertEquals(Set.of("a", "b", "c"), disk.list());
  }

  @Test
  void aFullDiskLeavesNoLockBehind() {
    FailingFileSystem disk = disk(false);
    disk.room(0);
    InputException e =
        assertThrows(
            InputException.class, () -> OutputFolder.open(disk.folder(), Assertions::fail));
    assertEquals("/folder: can't be written: No space left on device", e.getMessage());
    assertEquals(Set.of("a", "b"), disk.list());
    disk.room(Long.MAX_VALUE);
    OutputFolder.open(disk.folder(), Assertions::fail).close();
  }

  /** A process that is ended, but not killed, while it writes. */
  static final class Ended {
    private Ended() {}

    public static void main(String[] args) {
      AtomicFile.write(
          Path.of(args[0]),
          out -> {
            out.write(new byte[1 << 20]);
            try (Stream<Path> files = Files.list(Path.of(args[0]).resolveSibling(""))) {
              System.out.println(files.count());
            }
            System.exit(3);
          });
    }
  }

  @Test
  void aProcessThatIsEndedRemovesWhatItHasHalfWritten(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("a"), OLD);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Ended.class.getName(),
                file.toString())
            .start();
    String output = new String(process.getInputStream().readAllBytes()).strip();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(3, process.exitValue());
    assertEquals("2", output, "there was a half-written file");
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
    assertEquals(OLD, Files.readString(file));
    assertNotEquals(OLD, NEW);
  }
}
