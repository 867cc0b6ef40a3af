package org.espalier.data.binary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.espalier.data.Split;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FashionMnistTest {
  @Test
  void theEmbeddedPartIsBalanced() {
    Split data = FashionMnist.embedded();
    int[] thousand = new int[10];
    Arrays.fill(thousand, 1000);
    assertArrayEquals(thousand, data.training().classCounts());
    int[] twoHundred = new int[10];
    Arrays.fill(twoHundred, 200);
    assertArrayEquals(twoHundred, data.heldOut().classCounts());
    assertEquals(Shape.of(1, 28, 28), data.training().examples().shape());
    assertEquals("Ankle boot", data.training().classes().get(data.training().label(0)));
  }

  @Test
  void theEmbeddedPartHasTheDigestThatManifestsName() {
    // Computed from the original files with hashlib of Python, by the definition of Dataset.digest.
    assertEquals(
        "8816d8b7f43c409762995a6f037c37a6fbf2f715399871ee147e6d019aa45155",
        FashionMnist.embedded().training().digest());
    assertEquals(
        "5bf293df1ce5535b9aac076e30185f7230c3e212469ca832e087c79d52248c81",
        FashionMnist.embedded().heldOut().digest());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz"
      })
  void theCompressedFilesHoldNoTimeNorSystem(String file) throws IOException {
    try (InputStream in = open(file)) {
      byte[] header = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 2, (byte) 0xff};
      assertArrayEquals(header, in.readNBytes(header.length));
    }
  }

  @Test
  void theLicenceLiesBesideTheData() throws IOException {
    try (InputStream in = open("LICENSE")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(text.contains("Zalando SE") && text.contains("Permission is hereby granted"));
    }
  }

  /** Run by {@code mvn test -Despalier.fashion=FOLDER}, the folder being that of the full set. */
  @Test
  @EnabledIfSystemProperty(named = "espalier.fashion", matches = ".+")
  void theEmbeddedPartIsTheFirstOfEachClassOfTheFullSet() {
    Split full = IdxData.read(Path.of(System.getProperty("espalier.fashion")));
    assertEquals(FashionMnist.CLASSES, full.training().classes());
    assertEquals(60_000, full.training().size());
    assertEquals(10_000, full.heldOut().size());
    Split embedded = FashionMnist.embedded();
    assertEquals(
        EmbeddedPart.firstOfEachClass(full.training(), EmbeddedPart.TRAINING_PER_CLASS).digest(),
        embedded.training().digest());
    assertEquals(
        EmbeddedPart.firstOfEachClass(full.heldOut(), EmbeddedPart.TEST_PER_CLASS).digest(),
        embedded.heldOut().digest());
  }

  private static InputStream open(String file) {
    InputStream in = FashionMnist.class.getResourceAsStream("fashion-mnist/" + file);
    assertNotNull(in, file);
    return in;
  }
}
