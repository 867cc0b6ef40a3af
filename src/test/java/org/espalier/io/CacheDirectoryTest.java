package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CacheDirectoryTest {
  @TempDir Path temp;

  private Path folder = Path.of("");
  private CacheDirectory cache = CacheDirectory.of(folder);

  @BeforeEach
  void makeFolder() {
    folder = temp.resolve("cache");
    cache = CacheDirectory.of(folder);
  }

  private static Optional<Path> found(
      @Nullable String property, @Nullable String caches, @Nullable String home) {
    return CacheDirectory.find(property, caches, home).map(CacheDirectory::folder);
  }

  private Optional<String> content(String name) {
    return cache
        .open(name)
        .map(
            in -> {
              try (InputStream open = in) {
                return new String(open.readAllBytes());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private void write(String name, String text) {
    cache.write(name, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void thePropertyCountsBeforeTheEnvironment() {
    String caches = temp.resolve("x").toString();
    String home = temp.resolve("h").toString();
    assertEquals(Optional.of(Path.of("here")), found("here", caches, home));
    assertEquals(Optional.empty(), found("", caches, home));
    assertEquals(Optional.of(temp.resolve("x/espalier")), found(null, caches, home));
    assertEquals(Optional.of(temp.resolve("h/.cache/espalier")), found(null, null, home));
    assertEquals(Optional.of(temp.resolve("h/.cache/espalier")), found(null, "", home));
  }

  @Test
  void whatNamesNoAbsolutePathIsPassedOver() {
    String home = temp.resolve("h").toString();
    assertEquals(Optional.of(temp.resolve("h/.cache/espalier")), found(null, "relative", home));
    assertEquals(Optional.of(temp.resolve("h/.cache/espalier")), found(null, "/a\0b", home));
    assertEquals(Optional.empty(), found(null, null, "?"));
    assertEquals(Optional.empty(), found(null, null, null));
    assertEquals(Optional.empty(), found("a\0b", null, home));
  }

  @Test
  void keepsAndReplaces() throws IOException {
    assertEquals(Optional.empty(), content("a"));
    assertEquals(-1, cache.size("a"));
    write("a", "one");
    write("a", "two!");
    assertEquals(Optional.of("two!"), content("a"));
    assertEquals(4, cache.size("a"));
    cache = cache.part("b");
    write("a", "three");
    assertEquals("three", Files.readString(folder.resolve("b/a")));
    assertEquals(List.of("a", "b"), names());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void othersHaveNoAccess() throws IOException {
    write("a", "one");
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a"))));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aLinkIsReplacedAndNeverFollowed() throws IOException {
    write("b", "kept");
    Path precious = Files.writeString(temp.resolve("precious"), "precious");
    Files.createSymbolicLink(folder.resolve("a"), precious);
    assertEquals(Optional.empty(), content("a"));
    assertEquals(-1, cache.size("a"));
    FileTime time = Files.getLastModifiedTime(precious);
    cache.touch("a");
    assertTrue(cache.makeRoom(1, 1));
    assertEquals(List.of("a"), names()); // a link is nothing that was kept
    write("a", "new");
    assertEquals("precious", Files.readString(precious));
    assertEquals(time, Files.getLastModifiedTime(precious));
    assertTrue(Files.isRegularFile(folder.resolve("a"), LinkOption.NOFOLLOW_LINKS));
    assertEquals(Optional.of("new"), content("a"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFolderThatEverybodyMayWriteToIsNotTrusted() throws IOException {
    write("a", "one");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertEquals(Optional.empty(), content("a"));
    assertEquals(
        folder
            + ": expected a folder that others can't write to, found one that everybody may write"
            + " to",
        assertThrows(InputException.class, () -> write("b", "two")).getMessage());
    assertFalse(cache.makeRoom(1, 1));
    assertEquals(List.of("a"), names());
  }

  @Test
  void aFileInPlaceOfTheFolderIsLeftAlone() throws IOException {
    Files.writeString(folder, "mine");
    assertThrows(InputException.class, () -> write("a", "one"));
    assertEquals(Optional.empty(), content("a"));
    assertEquals("mine", Files.readString(folder));
    cache = cache.part("below");
    assertThrows(InputException.class, () -> write("a", "one"));
  }

  @Test
  void whatFailsLeavesNothingBehind() throws IOException {
    write("a", "one");
    InputException e =
        assertThrows(
            InputException.class,
            () ->
                cache.write(
                    "a",
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("No space left on device");
                    }));
    assertEquals(
        folder.resolve("a") + ": can't be written: No space left on device", e.getMessage());
    assertEquals(List.of("a"), names());
    assertEquals(Optional.of("one"), content("a"));
  }

  @Test
  void roomIsMadeByDeletingWhatWasUnusedLongest() throws IOException {
    long now = System.currentTimeMillis();
    for (int i = 0; i < 4; i++) {
      write("f" + i, "12345");
      Files.setLastModifiedTime(
          folder.resolve("f" + i), FileTime.fromMillis(now - 1000 * (10 - i)));
    }
    cache.touch("f0");
    assertTrue(cache.makeRoom(5, 20)); // three old ones and the new one
    assertEquals(List.of("f0", "f2", "f3"), names());
    assertTrue(cache.makeRoom(11, 20));
    assertEquals(List.of("f0"), names());
    assertFalse(cache.makeRoom(21, 20));
    assertEquals(List.of("f0"), names());
  }

  @Test
  void whatWasLeftHalfWrittenGoesAfterADay() throws IOException {
    write("a", "one");
    Path old = Files.writeString(folder.resolve(".a.1.tmp"), "hal");
    Path fresh = Files.writeString(folder.resolve(".a.2.tmp"), "hal");
    Files.setLastModifiedTime(
        old, FileTime.fromMillis(System.currentTimeMillis() - 25L * 3600 * 1000));
    assertTrue(cache.makeRoom(1, 1000));
    assertEquals(List.of(fresh.getFileName().toString(), "a"), names());
  }
}
