package org.espalier.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CifarDataTest {
  private static final Shape SHAPE = Shape.of(3, 32, 32);

  @TempDir Path folder;

  /** Returns the pixels of an image that its number tells from others. */
  private static byte[] pixels(int number) {
    byte[] pixels = new byte[3072];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (number * 31 + i * 7 + i / 1024);
    }
    return pixels;
  }

  private Path write(String file, int firstNumber, int[]... labels) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < labels.length; i++) {
      for (int label : labels[i]) {
        out.write(label);
      }
      out.writeBytes(pixels(firstNumber + i));
    }
    return Files.write(folder.resolve(file), out.toByteArray());
  }

  /** Writes five files with two images each and one with one. */
  private void writeCifar10() throws IOException {
    for (int f = 1; f <= 5; f++) {
      write("data_batch_" + f + ".bin", 2 * f, new int[] {f}, new int[] {f + 4});
    }
    write("test_batch.bin", 50, new int[] {3});
  }

  private void writeCifar100() throws IOException {
    write("train.bin", 0, new int[] {19, 99}, new int[] {0, 7});
    write("test.bin", 2, new int[] {4, 0});
  }

  private static String refusal(Path path) {
    return assertThrows(InputException.class, () -> CifarData.read(path)).getMessage();
  }

  private static int[] labels(Dataset data) {
    return IntStream.range(0, data.size()).map(data::label).toArray();
  }

  @Test
  void readsCifar10() throws IOException {
    writeCifar10();
    assertTrue(CifarData.isCifar(folder));
    Split split = CifarData.read(folder);
    Images training = (Images) split.training().examples();
    assertEquals(SHAPE, training.shape());
    assertArrayEquals(new int[] {1, 5, 2, 6, 3, 7, 4, 8, 5, 9}, labels(split.training()));
    for (int i = 0; i < 10; i++) {
      assertArrayEquals(
          pixels(2 + i), Arrays.copyOfRange(training.bytes(), i * 3072, (i + 1) * 3072));
    }
    assertArrayEquals(new int[] {3}, labels(split.heldOut()));
    assertArrayEquals(pixels(50), ((Images) split.heldOut().examples()).bytes());
    assertEquals("airplane", split.training().classes().getFirst());
    assertEquals("truck", split.training().classes().get(9));
    assertEquals(folder.resolve("data_batch_*.bin").toString(), split.training().name());
    assertEquals(folder.resolve("test_batch.bin").toString(), split.heldOut().name());
  }

  @Test
  void readsCifar100ByItsFineLabels() throws IOException {
    writeCifar100();
    Split split = CifarData.read(folder);
    assertArrayEquals(new int[] {99, 7}, labels(split.training()));
    assertArrayEquals(new int[] {0}, labels(split.heldOut()));
    assertArrayEquals(pixels(2), ((Images) split.heldOut().examples()).bytes());
    assertEquals(100, split.training().classes().size());
    assertEquals("42", split.training().classes().get(42));
  }

  @Test
  void filesNameTheClasses() throws IOException {
    writeCifar10();
    List<String> names = List.of("a b c d e f g h i j".split(" "));
    Files.writeString(folder.resolve("batches.meta.txt"), String.join("\n", names) + "\n\n");
    assertEquals(names, CifarData.read(folder).heldOut().classes());
    Files.writeString(folder.resolve("batches.meta.txt"), "a\nb\nc\n");
    assertEquals(
        folder.resolve("data_batch_1.bin")
            + ": expected labels from 0 to 2, found label 5 in record 1",
        refusal(folder));
  }

  @Test
  void readsOnePartToBeJudgedBy() throws IOException {
    writeCifar10();
    assertArrayEquals(new int[] {3}, labels(CifarData.readPart(folder)));
    Path third = folder.resolve("data_batch_3.bin");
    assertTrue(CifarData.isCifar(third));
    assertArrayEquals(new int[] {3, 7}, labels(CifarData.readPart(third)));
    assertEquals(10, CifarData.read(third).training().size());
  }

  @Test
  void knowsItsFolders() throws IOException {
    assertFalse(CifarData.isCifar(folder));
    assertFalse(CifarData.isCifar(folder.resolve("none")));
    assertFalse(CifarData.isCifar(Path.of("/")));
    assertEquals(
        folder
            + ": expected CIFAR files (data_batch_1.bin …, or train.bin and test.bin), found none",
        refusal(folder));
    writeCifar100();
    assertTrue(CifarData.isCifar(folder));
  }

  @Test
  void refusesAMissingFile() throws IOException {
    writeCifar10();
    Path fourth = folder.resolve("data_batch_4.bin");
    Files.delete(fourth);
    assertEquals(fourth + ": can't be read: no such file or folder", refusal(folder));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3072, 3074, 6145, 6147})
  void refusesFilesOfAnotherLength(int length) throws IOException {
    writeCifar10();
    Path file = Files.write(folder.resolve("data_batch_2.bin"), new byte[length]);
    assertEquals(
        file
            + ": expected records of 3073 bytes, found "
            + (length == 0
                ? "an empty file"
                : length + " bytes, the last record of " + length % 3073),
        refusal(folder));
  }

  @Test
  void refusesLabelsOutOfRange() throws IOException {
    writeCifar100();
    Path file = write("train.bin", 0, new int[] {19, 99}, new int[] {20, 7});
    assertEquals(
        file + ": expected coarse labels from 0 to 19, found coarse label 20 in record 1",
        refusal(folder));
    write("train.bin", 0, new int[] {19, 100});
    assertEquals(
        file + ": expected fine labels from 0 to 99, found fine label 100 in record 0",
        refusal(folder));
    writeCifar10();
    file = write("data_batch_5.bin", 0, new int[] {255});
    assertEquals(
        file + ": expected labels from 0 to 9, found label 255 in record 0", refusal(folder));
  }

  @Test
  void tinyCifarIsTheSameForASeed() throws IOException {
    TinyCifar.write(folder, 3, 2, 7);
    Split split = CifarData.read(folder);
    assertEquals(30, split.training().size());
    assertEquals(20, split.heldOut().size());
    assertArrayEquals(
        IntStream.generate(() -> 3).limit(10).toArray(), split.training().classCounts());
    TinyCifar.write(folder, 3, 2, 7);
    assertEquals(split.digest(), CifarData.read(folder).digest());
    TinyCifar.write(folder, 3, 2, 8);
    assertFalse(split.digest().equals(CifarData.read(folder).digest()));
  }
}
