package org.espalier.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
  private static void cache(Path directory, int index, String level, String type, String size)
      throws IOException {
    Path entry = Files.createDirectories(directory.resolve("index" + index));
    Files.writeString(entry.resolve("level"), level + "\n");
    Files.writeString(entry.resolve("type"), type + "\n");
    Files.writeString(entry.resolve("size"), size + "\n");
  }

  @Test
  void readsTheSecondAndThirdLevel(@TempDir Path directory) throws IOException {
    cache(directory, 0, "1", "Data", "48K");
    cache(directory, 1, "1", "Instruction", "32K");
    cache(directory, 2, "2", "Unified", "2048K");
    cache(directory, 3, "3", "Unified", "32M");
    assertEquals(new CacheSizes(2 << 20, 32 << 20), CacheSizes.of(Cache.read(directory)));
  }

  @Test
  void aCacheOfInstructionsDoesNotCount(@TempDir Path directory) throws IOException {
    cache(directory, 0, "2", "Data", "512K");
    cache(directory, 1, "2", "Instruction", "256K");
    assertEquals(
        new CacheSizes(512 << 10, CacheSizes.USUAL.third()), CacheSizes.of(Cache.read(directory)));
  }

  @Test
  void usualSizesStandInForWhatIsMissingOrOdd(@TempDir Path directory) throws IOException {
    assertEquals(CacheSizes.USUAL, CacheSizes.of(Cache.read(directory.resolve("nowhere"))));
    cache(directory, 0, "2", "Unified", "much");
    cache(directory, 1, "3", "Unified", "-4K");
    cache(directory, 2, "2", "Unified", "0K");
    assertEquals(CacheSizes.USUAL, CacheSizes.of(Cache.read(directory)));
  }
}
