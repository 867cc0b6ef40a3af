package org.espalier.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.data.binary.FashionMnist;
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
    Dataset data =
        new Dataset("noise", new Images(Shape.of(1, 1, 3), bytes), new int[10_000], List.of("a"));
    Preprocessing.Channel p = onlyChannel(data);
    double sum = 0;
    for (byte b : bytes) {
      sum += (b & 0xff) / 255.0;
    }
    double mean = sum / bytes.length;
    double squares = 0;
    for (byte b : bytes) {
      squares += Math.pow((b & 0xff) / 255.0 - mean, 2);
    }
    assertEquals(mean, p.mean(), 1e-7);
    assertEquals(Math.sqrt(squares / bytes.length), p.deviation(), 1e-7);
  }

  @Test
  void standardizationOfFashionMnistIsThatOfTheLiterature() {
    // 0.2860 and 0.3530 are published for the 60,000 training images; this is a sixth of them.
    Preprocessing.Channel p = onlyChannel(FashionMnist.embedded().training());
    assertEquals(0.2860, p.mean(), 0.005);
    assertEquals(0.3530, p.deviation(), 0.005);
  }

  private static Preprocessing.Channel onlyChannel(Dataset data) {
    Preprocessing.Pixels pixels = (Preprocessing.Pixels) data.standardization();
    assertEquals(1, pixels.channels().size());
    return pixels.channel(0);
  }

  @Test
  void eachChannelIsStandardizedByItself() {
    // Channel 0 is 0 and 255 in halves, channel 1 always 51, channel 2 0, 0, 0 and 204.
    byte[] bytes = {0, (byte) 255, 51, 51, 0, 0, (byte) 255, 0, 51, 51, 0, (byte) 204};
    Dataset data = new Dataset("d", new Images(Shape.of(3, 1, 2), bytes), new int[2], List.of("a"));
    assertEquals(
        new Preprocessing.Pixels(
            List.of(
                new Preprocessing.Channel(0.5f, 0.5f),
                new Preprocessing.Channel(0.2f, 1),
                new Preprocessing.Channel(0.2f, (float) Math.sqrt(0.12)))),
        data.standardization());
    float deviation = (float) Math.sqrt(0.12);
    assertArrayEquals(
        new float[] {-1, 1, 0, 0, -0.2f / deviation, -0.2f / deviation},
        data.examples().toInput(0, 1, data.standardization()).toArray(),
        1e-6f);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Images(Shape.of(2, 1, 1), new byte[2])
                .inputs((Preprocessing.Pixels) data.standardization()));
  }

  @Test
  void coloursThatAreAllEqualCantBeStandardized() {
    Dataset data =
        new Dataset(
            "d", new Images(Shape.of(3, 1, 1), new byte[] {1, 2, 3}), new int[1], List.of("a"));
    assertEquals(
        "d: expected images, found pixels that are all 1, 2, 3",
        assertThrows(InputException.class, data::standardization).getMessage());
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
    Split split = data.holdOut(count, 42);
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
    String first = data.holdOut(50, 1).digest();
    assertEquals(first, data.holdOut(50, 1).digest());
    assertNotEquals(first, data.holdOut(50, 2).digest());
    Split byOrder =
        new Split(
            numbered(new int[150]),
            new Dataset(
                "x", new Images(Shape.of(1, 1, 2), new byte[100]), new int[50], data.classes()));
    assertNotEquals(byOrder.training().digest(), data.holdOut(50, 1).training().digest());
  }

  @Test
  void refusesToHoldOutAllOrNothing() {
    Dataset data = numbered(0, 1, 2);
    for (int count : new int[] {-1, 0, 3, 4}) {
      assertEquals(
          "numbered: can't hold out " + count + " of 3 examples for validation",
          assertThrows(InputException.class, () -> data.holdOut(count, 1)).getMessage());
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

  /** With a pass over everything for each class this would take hours. */
  @Test
  void manyClassesAreDrawnFromInOnePass() {
    int classes = 400_000;
    int[] labels = IntStream.range(0, 2 * classes).map(i -> i % classes).toArray();
    boolean[] drawn = Dataset.draw(labels, classes, classes / 2, 1, Kernels.random());
    assertEquals(classes / 2, IntStream.range(0, labels.length).filter(i -> drawn[i]).count());
    for (int c = 0; c < classes; c++) { // half a row of each: the lower classes are rounded up
      assertEquals(c < classes / 2, drawn[c] ^ drawn[c + classes]);
    }
  }

  @Test
  void classesAreFoundInAModelByTheirNames() {
    Images images = new Images(Shape.of(1, 1, 1), new byte[4]);
    Dataset data = new Dataset("d", images, new int[] {2, 0, 2, 0}, List.of("a", "b", "c"));
    Path model = Path.of("m");
    assertSame(data, data.inClassesOf(model, List.of("a", "b", "c")));
    // In another order, with one more, and without one that has no examples.
    Dataset mapped = data.inClassesOf(model, List.of("c", "x", "a"));
    assertEquals(List.of("c", "x", "a"), mapped.classes());
    assertEquals(List.of(0, 2, 0, 2), IntStream.range(0, 4).mapToObj(mapped::label).toList());
    InputException e =
        assertThrows(
            InputException.class, () -> data.inClassesOf(model, List.of("a", "b", "kitten")));
    assertEquals(
        "d: expected examples of the classes of m: a, b, kitten, found also c", e.getMessage());
  }
}
