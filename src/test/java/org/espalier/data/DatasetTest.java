package org.espalier.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.kernel.Kernels;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
  /** Returns images of two pixels that are the image's number, so that each can be told. */
  private static Dataset numbered(int... labels) {
    byte[] bytes = new byte[2 * labels.length];
    for (int i = 0; i < labels.length; i++) {
      bytes[2 * i] = (byte) (i >> 8);
      bytes[2 * i + 1] = (byte) i;
    }
    return new Dataset(
        "numbered", new Images(Shape.of(1, 1, 2), bytes), labels, List.of("a", "b", "c"));
  }

  private static int number(Dataset data, int i) {
    return (((Images) data.examples()).bytes()[2 * i] & 0xff) << 8
        | (((Images) data.examples()).bytes()[2 * i + 1] & 0xff);
  }

  @Test
  void standardizationGivesMeanZeroAndDeviationOne() {
    byte[] bytes = new byte[30_000];
    new SplittableRandom(5).nextBytes(bytes);
    assertMoments(Shape.of(1, 1, 3), bytes);
  }

  @Test
  void eachChannelIsStandardizedByItself() {
    byte[] bytes = new byte[30_000];
    SplittableRandom random = new SplittableRandom(6);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) random.nextInt(20 * (i / 2 % 3), 200);
    }
    assertMoments(Shape.of(3, 2, 1), bytes);
  }

  /** Asserts that each channel's moments are those of a sum in double. */
  private static void assertMoments(Shape shape, byte[] bytes) {
    Dataset data =
        new Dataset(
            "noise", new Images(shape, bytes), new int[bytes.length / shape.size()], List.of("a"));
    Preprocessing.Pixels p = (Preprocessing.Pixels) data.standardization();
    assertEquals(shape.dim(0), p.channels().size());
    int plane = shape.size() / shape.dim(0);
    for (int c = 0; c < shape.dim(0); c++) {
      int channel = c;
      double[] values =
          IntStream.range(0, bytes.length)
              .filter(i -> i / plane % shape.dim(0) == channel)
              .mapToDouble(i -> (bytes[i] & 0xff) / 255.0)
              .toArray();
      double mean = Arrays.stream(values).average().orElseThrow();
      double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0);
      assertEquals(mean, p.channels().get(c).mean(), 1e-7);
      assertEquals(Math.sqrt(variance), p.channels().get(c).deviation(), 1e-7);
    }
  }

  @Test
  void aChannelOfEqualPixelsIsNamed() {
    Dataset data =
        new Dataset(
            "d", new Images(Shape.of(2, 1, 1), new byte[] {1, 9, 2, 9}), new int[2], List.of("a"));
    assertEquals(
        "d, channel 1: expected images, found pixels that are all 9",
        assertThrows(InputException.class, data::standardization).getMessage());
  }

  @Test
  void channelsBecomeInputEachByItsOwnMoments() {
    Images images = new Images(Shape.of(2, 1, 2), new byte[] {51, (byte) 128, 51, (byte) 128});
    Preprocessing.Channel a = new Preprocessing.Channel(0.25f, 0.5f);
    Preprocessing.Channel b = new Preprocessing.Channel(0.5f, 0.125f);
    assertArrayEquals(
        new float[] {
          Math.fma(51f, a.scale(), a.shift()),
          Math.fma(128f, a.scale(), a.shift()),
          Math.fma(51f, b.scale(), b.shift()),
          Math.fma(128f, b.scale(), b.shift())
        },
        images.toInput(0, 1, new Preprocessing.Pixels(List.of(a, b))).toArray());
    assertThrows(
        IllegalArgumentException.class, () -> images.inputs(new Preprocessing.Pixels(0, 1)));
  }

  @Test
  void standardizationOfFashionMnistIsThatOfTheLiterature() {
    // 0.2860 and 0.3530 are published for the 60,000 training images; this is a sixth of them.
    Preprocessing.Pixels p =
        (Preprocessing.Pixels) FashionMnist.embedded().training().standardization();
    assertEquals(0.2860, p.channels().getFirst().mean(), 0.005);
    assertEquals(0.3530, p.channels().getFirst().deviation(), 0.005);
  }

  @Test
  void equalPixelsCantBeStandardized() {
    Dataset grey =
        new Dataset(
            "grey", new Images(Shape.of(1, 1, 1), new byte[] {7, 7}), new int[2], List.of("a"));
    assertEquals(
        "grey: expected images, found pixels that are all 7",
        assertThrows(InputException.class, grey::standardization).getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 50, 99, 100, 299})
  void holdsOutEachClassByItsShare(int count) {
    int[] labels = IntStream.range(0, 300).map(i -> i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2).toArray();
    Dataset data = numbered(labels);
    Split split = data.holdOut(count, 42, Kernels.random());
    assertEquals(count, split.heldOut().size());
    assertEquals(300 - count, split.training().size());
    int[] counts = split.heldOut().classCounts();
    int[] sizes = {150, 100, 50};
    for (int c = 0; c < 3; c++) {
      assertEquals(count * sizes[c] / 300.0, counts[c], 1, "class " + c);
    }
    Set<Integer> seen = new HashSet<>();
    for (Dataset part : List.of(split.training(), split.heldOut())) {
      int before = -1;
      for (int i = 0; i < part.size(); i++) {
        int number = number(part, i);
        assertTrue(seen.add(number) && number > before);
        assertEquals(labels[number], part.label(i));
        before = number;
      }
    }
    assertEquals(300, seen.size());
  }

  @Test
  void theSeedDecidesWhatIsHeldOut() {
    Dataset data = numbered(new int[200]);
    String first = data.holdOut(50, 1, Kernels.random()).digest();
    assertEquals(first, data.holdOut(50, 1, Kernels.random()).digest());
    assertNotEquals(first, data.holdOut(50, 2, Kernels.random()).digest());
    Split byOrder =
        new Split(
            numbered(new int[150]),
            new Dataset(
                "x", new Images(Shape.of(1, 1, 2), new byte[100]), new int[50], data.classes()));
    assertNotEquals(
        byOrder.training().digest(), data.holdOut(50, 1, Kernels.random()).training().digest());
  }

  @Test
  void refusesToHoldOutAllOrNothing() {
    Dataset data = numbered(0, 1, 2);
    for (int count : new int[] {-1, 0, 3, 4}) {
      assertEquals(
          "numbered: can't hold out " + count + " of 3 examples for validation",
          assertThrows(InputException.class, () -> data.holdOut(count, 1, Kernels.random()))
              .getMessage());
    }
  }

  @Test
  void theDigestSeesImagesLabelsAndShape() {
    Dataset data = numbered(0, 1);
    Images flipped = new Images(Shape.of(1, 2, 1), ((Images) data.examples()).bytes());
    assertEquals(data.digest(), numbered(0, 1).digest());
    assertNotEquals(data.digest(), numbered(1, 0).digest());
    assertNotEquals(
        data.digest(), new Dataset("f", flipped, new int[] {0, 1}, data.classes()).digest());
    assertEquals(
        data.digest(),
        new Dataset("other", data.examples(), new int[] {0, 1}, List.of("x", "y")).digest());
  }

  @Test
  void imagesBecomeInputByPreprocessing() {
    Images images = new Images(Shape.of(1, 1, 2), new byte[] {0, (byte) 255, 51, (byte) 128, 1, 2});
    Tensor x = images.toInput(1, 3, new Preprocessing.Pixels(0.25f, 0.5f));
    assertEquals(Shape.of(2, 2), x.shape());
    assertArrayEquals(
        new float[] {
          (51 / 255f - 0.25f) / 0.5f,
          (128 / 255f - 0.25f) / 0.5f,
          (1 / 255f - 0.25f) / 0.5f,
          (2 / 255f - 0.25f) / 0.5f
        },
        x.toArray(),
        3e-7f);
  }

  @Test
  void refusesLabelsWithoutClassOrImage() {
    Images images = new Images(Shape.of(1, 1, 1), new byte[2]);
    for (int[] labels : new int[][] {{0}, {0, 0, 0}, {0, 1}, {0, -1}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Dataset("d", images, labels, List.of("a")),
          Arrays.toString(labels));
    }
  }
}
