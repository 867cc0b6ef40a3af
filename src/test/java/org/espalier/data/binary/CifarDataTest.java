package org.espalier.data.binary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Images;
import org.espalier.data.Split;
import org.espalier.data.TrainedOn;
import org.espalier.data.image.ImageData;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarDataTest {
  private static final int PIXELS = 3 * 32 * 32;

  @TempDir Path folder;

  private static Split read(Path path) {
    return ImageData.read(path, null, null, message -> assertEquals("", message));
  }

  private static String refusal(Path path) {
    return assertThrows(InputException.class, () -> read(path)).getMessage();
  }

  /** Returns records whose pixels are their number, with the given bytes before. */
  private static byte[] records(int labelBytes, int... labels) {
    byte[] bytes = new byte[labels.length / labelBytes * (labelBytes + PIXELS)];
    for (int r = 0, at = 0; r < labels.length / labelBytes; r++) {
      for (int l = 0; l < labelBytes; l++) {
        bytes[at++] = (byte) labels[r * labelBytes + l];
      }
      Arrays.fill(bytes, at, at + PIXELS, (byte) (200 + r));
      at += PIXELS;
    }
    return bytes;
  }

  private void writeTen() throws IOException {
    for (int f = 1; f <= 5; f++) {
      Files.write(folder.resolve("data_batch_" + f + ".bin"), records(1, f, 9, 0));
    }
    Files.write(folder.resolve("test_batch.bin"), records(1, 7, 8));
  }

  private void writeHundred() throws IOException {
    Files.write(folder.resolve("train.bin"), records(2, 19, 99, 0, 1, 3, 50));
    Files.write(folder.resolve("test.bin"), records(2, 200, 7));
  }

  private static int[] labels(Dataset data) {
    int[] labels = new int[data.size()];
    Arrays.setAll(labels, data::label);
    return labels;
  }

  @Test
  void readsTenClasses() throws IOException {
    writeTen();
    Split data = read(folder);
    assertArrayEquals(
        new int[] {1, 9, 0, 2, 9, 0, 3, 9, 0, 4, 9, 0, 5, 9, 0}, labels(data.training()));
    assertArrayEquals(new int[] {7, 8}, labels(data.heldOut()));
    assertEquals(Shape.of(3, 32, 32), data.training().examples().shape());
    byte[] pixels = ((Images) data.training().examples()).bytes();
    for (int i = 0; i < pixels.length; i++) {
      assertEquals((byte) (200 + i / PIXELS % 3), pixels[i]);
    }
    assertEquals("truck", data.training().classes().get(9));
    assertEquals(folder.resolve("test_batch.bin").toString(), data.heldOut().name());
    assertEquals(
        data.heldOut().digest(),
        ImageData.readTest(folder, null, null, TrainedOn.UNKNOWN, _ -> {}).digest());
  }

  @Test
  void readsAHundredClasses() throws IOException {
    writeHundred();
    Split data = read(folder);
    assertArrayEquals(new int[] {99, 1, 50}, labels(data.training()));
    assertArrayEquals(new int[] {7}, labels(data.heldOut()));
    assertEquals("42", data.training().classes().get(42));
    assertEquals((byte) 202, ((Images) data.training().examples()).bytes()[2 * PIXELS]);
  }

  @Test
  void namesClassesByAFile() throws IOException {
    writeTen();
    Files.writeString(folder.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
    assertEquals(
        List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"),
        read(folder).training().classes());
    Files.writeString(folder.resolve("batches.meta.txt"), "a\nb\n");
    assertEquals(
        folder.resolve("data_batch_1.bin")
            + ": expected labels from 0 to 1, found label 9 in record 1",
        refusal(folder));
  }

  @Test
  void namesOfClassesThatAreNoTextAreRefused() throws IOException {
    writeTen();
    Path names = folder.resolve("batches.meta.txt");
    Files.write(names, new byte[] {'a', (byte) 0xe9, '\n'});
    assertEquals(names + ": expected names in UTF-8, found other bytes", refusal(folder));
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    writeTen();
    Path third = folder.resolve("data_batch_3.bin");
    Files.write(third, records(1, 0, 10));
    assertEquals(
        third + ": expected labels from 0 to 9, found label 10 in record 1", refusal(folder));
    Files.write(third, Arrays.copyOf(records(1, 0, 1), 6000));
    assertEquals(
        third
            + ": expected records of 3073 bytes (1 of labels, 3x32x32 pixels), found 6000 bytes,"
            + " 2927 behind the last whole one",
        refusal(folder));
    Files.write(third, new byte[0]);
    assertTrue(refusal(folder).startsWith(third + ": expected records of 3073 bytes"));
    Files.delete(third);
    assertEquals(folder + ": expected a file data_batch_3.bin, found none", refusal(folder));
  }

  @Test
  void damagedFilesAreRefusedOrRead() throws IOException {
    SplittableRandom random = new SplittableRandom(4);
    writeHundred();
    Path file = folder.resolve("train.bin");
    byte[] right = Files.readAllBytes(file);
    for (int i = 0; i < 300; i++) {
      byte[] changed = Arrays.copyOf(right, random.nextInt(right.length + 10));
      if (i % 2 == 0) {
        changed = right.clone();
        changed[random.nextInt(3) * (2 + PIXELS) + random.nextInt(2)] = (byte) random.nextInt();
      }
      Files.write(file, changed);
      try {
        assertTrue(read(folder).training().size() <= 3);
      } catch (InputException e) {
        assertTrue(e.getMessage().startsWith(file + ": expected "), e.getMessage());
      }
    }
  }

  @Test
  void theTinySetIsReadAndHasAllClasses() throws IOException {
    TinyCifar.write(folder, 7, 2, 3);
    Split data = read(folder);
    int[] each = new int[10];
    Arrays.fill(each, 7);
    assertArrayEquals(each, data.training().classCounts());
    assertEquals(20, data.heldOut().size());
    String digest = data.digest();
    TinyCifar.write(folder, 7, 2, 3);
    assertEquals(digest, read(folder).digest());
    TinyCifar.write(folder, 7, 2, 4);
    assertNotEquals(digest, read(folder).digest());
  }
}
