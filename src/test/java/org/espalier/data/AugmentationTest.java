package org.espalier.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
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
  private static final int COUNT = 60;
  private static final RandomKey KEY = RandomKey.of(5, "augmentation");

  /** Three channels with scales of their own; a pixel never becomes 0 by itself. */
  private static final Preprocessing.Pixels PIXELS =
      new Preprocessing.Pixels(
          List.of(
              new Preprocessing.Channel(-0.1f, 0.3f),
              new Preprocessing.Channel(-0.2f, 0.2f),
              new Preprocessing.Channel(-0.3f, 0.1f)));

  private static Dataset noise(int height, int width) {
    byte[] bytes = new byte[COUNT * 3 * height * width];
    new SplittableRandom(height * 100L + width).nextBytes(bytes);
    int[] labels = new int[COUNT];
    Arrays.setAll(labels, i -> i);
    List<String> names = Arrays.stream(labels).mapToObj(Integer::toString).toList();
    return new Dataset("noise", new Images(Shape.of(3, height, width), bytes), labels, names);
  }

  private static int below(long epoch, int example, int word, int n) {
    long drawn = Integer.toUnsignedLong(ScalarRandom.word(KEY, epoch, example, word));
    return (int) Math.floor(drawn * (double) n / 4294967296.0);
  }

  /** What is specified, pixel by pixel. */
  private static float[] naive(Dataset data, Augmentation a, long epoch, int example) {
    Shape shape = data.examples().shape();
    int height = shape.dim(1);
    int width = shape.dim(2);
    float[] plain = data.examples().toInput(example, example + 1, PIXELS).toArray();
    int down = below(epoch, example, 0, 2 * a.pad() + 1) - a.pad();
    int right = below(epoch, example, 1, 2 * a.pad() + 1) - a.pad();
    boolean mirrored = a.flip() && below(epoch, example, 2, 2) == 1;
    int top = below(epoch, example, 3, height) - a.cutout() / 2;
    int left = below(epoch, example, 4, width) - a.cutout() / 2;
    float[] want = new float[plain.length];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int fromY = y - down;
          int fromX = (mirrored ? width - 1 - x : x) - right;
          boolean inside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
          boolean cut = y >= top && y < top + a.cutout() && x >= left && x < left + a.cutout();
          want[(c * height + y) * width + x] =
              inside && !cut ? plain[(c * height + fromY) * width + fromX] : 0;
        }
      }
    }
    return want;
  }

  @ParameterizedTest
  @CsvSource({
    "32,32,4,true,16", "32,32,4,true,0", "5,7,2,false,0", "7,5,0,true,0", "6,6,0,false,3",
    "1,1,0,true,1", "4,3,9,true,2", "3,20,1,true,50", "33,17,4,true,1", "2,2,1,false,2"
  })
  void isWhatIsSpecified(int height, int width, int pad, boolean flip, int cutout) {
    Dataset data = noise(height, width);
    Augmentation a = new Augmentation(pad, flip, cutout);
    Augmenter augmenter = new Augmenter((Images) data.examples(), PIXELS, a, KEY, Kernels.random());
    int size = data.examples().shape().size();
    for (long epoch : new long[] {0, 1, 1L << 33}) {
      for (int example = 0; example < COUNT; example++) {
        float[] x = new float[size + 8];
        Arrays.fill(x, Float.NaN);
        augmenter.write(epoch, example, x, 3);
        float[] want = new float[size + 8];
        Arrays.fill(want, Float.NaN);
        System.arraycopy(naive(data, a, epoch, example), 0, want, 3, size);
        assertArrayEquals(want, x, "epoch " + epoch + ", example " + example);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,0", "7,0", "16,0", "60,0", "100,0", "16,3", "16,5", "7,20"})
  void theBatchSizeAndAResumeChangeNothing(int size, int first) {
    Dataset data = noise(8, 8);
    Augmentation a = new Augmentation(2, true, 3);
    try (Batches batches = Batches.shuffled(data, PIXELS, a, size, 5, first, Kernels.random())) {
      for (int b = 0; b < 3 * batches.perEpoch(); b++) {
        long epoch = (first + b) / batches.perEpoch();
        Batch batch = batches.next();
        for (int i = 0; i < batch.size(); i++) {
          float[] x = new float[192];
          System.arraycopy(batch.x().data(), batch.x().row(i), x, 0, x.length);
          assertArrayEquals(naive(data, a, epoch, batch.labels()[i]), x);
        }
      }
    }
  }

  @Test
  void shiftsAndFlipsAreEven() {
    Dataset data = noise(4, 4);
    Augmentation a = new Augmentation(1, true, 0);
    Augmenter augmenter = new Augmenter((Images) data.examples(), PIXELS, a, KEY, Kernels.random());
    Set<Integer> seen = new HashSet<>();
    float[] x = new float[48];
    for (int epoch = 0; epoch < 400; epoch++) {
      augmenter.write(epoch, 0, x, 0);
      seen.add(Arrays.hashCode(x));
    }
    assertEquals(18, seen.size()); // 3 down, 3 right, mirrored or not
  }

  @Test
  void noneIsThePlainInput() {
    Dataset data = noise(4, 4);
    try (Batches batches =
        Batches.shuffled(data, PIXELS, Augmentation.NONE, 60, 5, 0, Kernels.random())) {
      Batch batch = batches.next();
      for (int i = 0; i < batch.size(); i++) {
        int example = batch.labels()[i];
        float[] x = new float[48];
        System.arraycopy(batch.x().data(), batch.x().row(i), x, 0, x.length);
        assertArrayEquals(data.examples().toInput(example, example + 1, PIXELS).toArray(), x);
      }
    }
  }

  @Test
  void refusesTablesAndNumbersThatMakeNoSense() {
    Dataset table =
        new Dataset(
            "t", Features.ofNumbers(List.of("a"), new float[] {1, 2}), new int[2], List.of("x"));
    assertEquals(
        "t: expected images, for augmentation, found a table",
        assertThrows(
                InputException.class,
                () ->
                    Batches.shuffled(
                        table,
                        table.standardization(),
                        new Augmentation(1, false, 0),
                        1,
                        1,
                        0,
                        Kernels.random()))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(-1, false, 0));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation(0, false, 1 << 20));
    assertTrue(new Augmentation(0, true, 0).flip());
    assertFalse(Augmentation.NONE.flip());
  }
}
