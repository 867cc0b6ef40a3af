package org.espalier.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
  private static final Preprocessing.Pixels PIXELS =
      new Preprocessing.Pixels(
          List.of(
              new Preprocessing.Channel(0.4f, 0.2f),
              new Preprocessing.Channel(0.5f, 0.3f),
              new Preprocessing.Channel(0.6f, 0.25f)));

  private static Dataset noise(int n, int height, int width) {
    byte[] bytes = new byte[n * 3 * height * width];
    new SplittableRandom(3).nextBytes(bytes);
    return new Dataset(
        "noise", new Images(Shape.of(3, height, width), bytes), new int[n], List.of("a"));
  }

  /** Where value (row, column) of the result comes from, or null for 0: pixel by pixel. */
  private static float naive(
      Images images, Augmentation a, long seed, long epoch, int example, int c, int row, int col) {
    int height = images.shape().dim(1);
    int width = images.shape().dim(2);
    RandomKey key = RandomKey.of(seed, "augmentation");
    int[] words =
        IntStream.range(0, 5).map(i -> ScalarRandom.word(key, epoch, example, i)).toArray();
    int centreRow = scaled(words[3], height);
    int centreCol = scaled(words[4], width);
    int fromRow = centreRow - a.cutout() / 2;
    int fromCol = centreCol - a.cutout() / 2;
    boolean cut =
        row >= fromRow
            && row < fromRow + a.cutout()
            && col >= fromCol
            && col < fromCol + a.cutout();
    int unflipped = a.flip() && words[2] < 0 ? width - 1 - col : col;
    int sourceRow = row + scaled(words[0], 2 * a.pad() + 1) - a.pad();
    int sourceCol = unflipped + scaled(words[1], 2 * a.pad() + 1) - a.pad();
    if (cut || sourceRow < 0 || sourceRow >= height || sourceCol < 0 || sourceCol >= width) {
      return 0;
    }
    Preprocessing.Channel channel = PIXELS.channels().get(c);
    int pixel = images.bytes()[((example * 3 + c) * height + sourceRow) * width + sourceCol] & 0xff;
    return Math.fma(pixel, channel.scale(), channel.shift());
  }

  private static int scaled(int word, int n) {
    return (int) Math.floor(Integer.toUnsignedLong(word) * (double) n / 4294967296.0);
  }

  private static Batches batches(Dataset data, Augmentation a, int size, long seed, long first) {
    return Batches.shuffled(data, PIXELS, a, size, seed, first, Kernels.random());
  }

  /** Returns which example each place of an epoch has. */
  private static int[] order(int n, long seed, long epoch) {
    int[] order = IntStream.range(0, n).toArray();
    new Shuffle(RandomKey.of(seed, "shuffle"), n, Kernels.random()).shuffle(epoch, order);
    return order;
  }

  @ParameterizedTest
  @CsvSource({
    "32,32,4,true,0",
    "32,32,4,true,16",
    "32,32,0,true,0",
    "32,32,0,false,8",
    "5,7,1,false,0",
    "5,7,9,true,3",
    "7,5,0,false,30",
    "1,1,1,true,1",
    "2,3,2,true,1"
  })
  void equalsTheDefinitionPixelByPixel(int height, int width, int pad, boolean flip, int cutout) {
    Augmentation a = new Augmentation(pad, flip, cutout);
    Dataset data = noise(20, height, width);
    Images images = (Images) data.examples();
    try (Batches batches = batches(data, a, 8, 5, 0)) {
      for (int epoch = 0; epoch < 2; epoch++) {
        int[] order = order(20, 5, epoch);
        int place = 0;
        for (int b = 0; b < batches.perEpoch(); b++) {
          Batch batch = batches.next();
          for (int i = 0; i < batch.size(); i++, place++) {
            for (int p = 0; p < images.shape().size(); p++) {
              int plane = height * width;
              float want =
                  naive(images, a, 5, epoch, order[place], p / plane, p % plane / width, p % width);
              assertEquals(want, batch.x().get(i, p), "example " + order[place] + ", value " + p);
            }
          }
        }
      }
    }
  }

  /** Returns the inputs of one epoch, each at its example's index. */
  private static float[][] epoch(Dataset data, Augmentation a, int size, long first, long epoch) {
    float[][] inputs = new float[data.size()][];
    int[] order = order(data.size(), 9, epoch);
    try (Batches batches = batches(data, a, size, 9, first)) {
      int skipped = (int) (epoch * batches.perEpoch() - first);
      for (int b = 0; b < skipped; b++) {
        batches.next();
      }
      int place = 0;
      for (int b = 0; b < batches.perEpoch(); b++) {
        Batch batch = batches.next();
        for (int i = 0; i < batch.size(); i++, place++) {
          int from = batch.x().row(i);
          inputs[order[place]] =
              Arrays.copyOfRange(batch.x().data(), from, from + data.examples().shape().size());
        }
      }
    }
    return inputs;
  }

  @Test
  void neitherBatchSizeNorResumptionChangesAnImage() {
    Augmentation a = new Augmentation(2, true, 3);
    Dataset data = noise(30, 6, 6);
    float[][] want = epoch(data, a, 30, 0, 2);
    assertArrayEquals(want, epoch(data, a, 7, 0, 2));
    assertArrayEquals(want, epoch(data, a, 7, 10, 2)); // five batches an epoch
    assertArrayEquals(want, epoch(data, a, 1, 60, 2));
    assertFalse(Arrays.deepEquals(want, epoch(data, a, 30, 0, 1)), "epochs differ");
  }

  @Test
  void allChangesHappen() {
    Augmentation a = new Augmentation(1, true, 0);
    Images images = new Images(Shape.of(1, 1, 2), new byte[2000 * 2]);
    for (int i = 0; i < 2000; i++) {
      images.bytes()[2 * i] = 1;
      images.bytes()[2 * i + 1] = 2;
    }
    AugmentedImages augmented =
        new AugmentedImages(
            images,
            new Preprocessing.Pixels(0, 1 / 255f),
            a,
            RandomKey.of(1, "augmentation"),
            Kernels.random());
    int[] counts = new int[33];
    float[] x = new float[2];
    for (int i = 0; i < 2000; i++) {
      augmented.write(i, x, 0);
      counts[Math.round(10 * x[0] + x[1])]++;
    }
    // Two of three rows lie outside. In the third: 1 2, 0 1 and 2 0, each a third, or flipped.
    assertEquals(2000 * 2 / 3.0, counts[0], 100);
    for (int pattern : new int[] {12, 1, 20, 21, 10, 2}) {
      assertEquals(2000 / 18.0, counts[pattern], 45, "pattern " + pattern);
    }
    assertEquals(
        2000,
        counts[0] + counts[12] + counts[1] + counts[20] + counts[21] + counts[10] + counts[2]);
  }

  @Test
  void aTableCantBeAugmented() {
    Dataset table =
        new Dataset(
            "table", new Features(List.of("x"), new float[] {1, 2}), new int[2], List.of("a"));
    Augmentation flip = new Augmentation(0, true, 0);
    assertEquals(
        "table: expected images to augment, found a table",
        assertThrows(
                InputException.class,
                () ->
                    Batches.shuffled(
                        table, table.standardization(), flip, 1, 1, 0, Kernels.random()))
            .getMessage());
  }

  @Test
  void refusesNegativeNumbers() {
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(-1, false, 0));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, false, -1));
    assertTrue(Augmentation.NONE.equals(new Augmentation(0, false, 0)));
  }
}
