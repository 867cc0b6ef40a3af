package org.espalier.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Images;
import org.espalier.data.Split;
import org.espalier.data.TrainedOn;
import org.espalier.io.CacheDirectory;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path folder;
  @TempDir Path cacheFolder;

  private final List<String> warnings = new ArrayList<>();
  private CacheDirectory cache = CacheDirectory.of(Path.of("unset"));
  private @Nullable Double share;

  @BeforeEach
  void setCache() {
    cache = CacheDirectory.of(cacheFolder.resolve("c"));
  }

  private Path image(String name, int width, int height, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, rgb);
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    assertTrue(ImageIO.write(image, name.endsWith("png") ? "png" : "jpg", file.toFile()));
    return file;
  }

  private void writeAll() throws IOException {
    image("train/cat/b.png", 3, 2, 0x010203);
    image("train/cat/a.PNG.jpg", 3, 2, 0x808080);
    image("train/ant/x.jpeg", 3, 2, 0x404040);
    image("test/cat/t.png", 3, 2, 0x0a0b0c);
    Files.writeString(folder.resolve("train/cat/notes.txt"), "no image");
    Files.writeString(folder.resolve("train/cat/._b.png"), "no image");
  }

  private Split read(@Nullable Shape shape) {
    warnings.clear();
    return reader(shape).read();
  }

  private String refusal(@Nullable Shape shape) {
    return assertThrows(InputException.class, () -> read(shape)).getMessage();
  }

  private static byte[] bytes(Dataset data) {
    return ((Images) data.examples()).bytes();
  }

  private ImageFolder reader(@Nullable Shape shape) {
    return new ImageFolder(folder, shape, share, warnings::add, Optional.of(cache));
  }

  private List<Path> caches() throws IOException {
    Path images = cache.folder().resolve("images");
    if (!Files.exists(images)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(images)) {
      return files.sorted().toList();
    }
  }

  @Test
  void readsFoldersInTheOrderOfTheirNames() throws IOException {
    writeAll();
    for (int round = 0; round < 2; round++) { // decoded, then from the cache
      Split data = read(null);
      assertEquals(List.of("ant", "cat"), data.training().classes());
      assertEquals(Shape.of(3, 2, 3), data.training().examples().shape());
      assertEquals(3, data.training().size());
      assertEquals(0, data.training().label(0));
      assertEquals(1, data.training().label(2));
      byte[] pixels = bytes(data.training());
      for (int i = 0; i < 18; i++) {
        assertEquals(0x40, pixels[i], 2);
        assertEquals(0x80, pixels[18 + i] & 0xff, 2);
        assertEquals(1 + i / 6, pixels[36 + i]);
      }
      assertEquals(1, data.heldOut().label(0));
      assertEquals(10, bytes(data.heldOut())[0]);
      assertEquals(data.heldOut().digest(), reader(null).readTest(TrainedOn.UNKNOWN).digest());
      assertEquals(List.of(), warnings);
      assertEquals(2, caches().size());
    }
  }

  @Test
  void theFolderOfTestDataMayBeCalledVal() throws IOException {
    writeAll();
    Files.move(folder.resolve("test"), folder.resolve("val"));
    assertEquals(1, read(null).heldOut().size());
    Files.move(folder.resolve("val"), folder.resolve("other"));
    assertEquals(
        folder
            + ": expected a folder test or val next to train, or --split to hold out some of its"
            + " images, found neither",
        refusal(null));
  }

  @Test
  void bringsImagesToASize() throws IOException {
    writeAll();
    Path other = image("train/cat/c.png", 40, 9, 0x112233);
    String message = refusal(null);
    assertTrue(
        message.startsWith(other + ": expected images that all are 3x2 as the first"), message);
    assertTrue(message.endsWith(", found 40x9"), message);
    Split data = read(Shape.of(3, 4, 4));
    byte[] want = new byte[48];
    for (int i = 0; i < 48; i++) {
      want[i] = (byte) (0x11 * (1 + i / 16));
    }
    assertArrayEquals(want, Arrays.copyOfRange(bytes(data.training()), 3 * 48, 4 * 48));
  }

  @Test
  void testImagesMustHaveTheSizeOfTheOthers() throws IOException {
    writeAll();
    image("test/cat/t.png", 2, 3, 0);
    assertTrue(refusal(null).startsWith(folder.resolve("test") + ": expected images that all"));
  }

  @Test
  void leavesDamagedImagesOutUpToOneInAHundred() throws IOException {
    writeAll();
    for (int i = 0; i < 197; i++) {
      image("train/ant/" + i + ".png", 3, 2, i);
    }
    Path first = Files.writeString(folder.resolve("train/ant/1.png"), "no image");
    Files.delete(folder.resolve("train/ant/2.png"));
    Path second = image("train/ant/2.jpg", 3, 2, 0);
    byte[] whole = Files.readAllBytes(second);
    Files.write(second, Arrays.copyOf(whole, whole.length - 8));
    for (int round = 0; round < 2; round++) {
      Split data = read(null);
      assertEquals(198, data.training().size());
      assertEquals(196, data.training().classCounts()[0]);
      assertEquals(3, warnings.size(), warnings.toString());
      assertTrue(warnings.get(0).startsWith("left out: " + first), warnings.get(0));
      assertTrue(warnings.get(1).startsWith("left out: " + second), warnings.get(1));
      assertEquals(folder.resolve("train") + ": left out 2 damaged of 200", warnings.get(2));
    }
    Files.writeString(folder.resolve("train/ant/3.png"), "no image");
    assertTrue(
        refusal(null)
            .startsWith(
                folder.resolve("train")
                    + ": expected at most one damaged image in 100, found 3 of 200, the first: "
                    + first));
  }

  @Test
  void refusesEmptyPartsAndUnknownClasses() throws IOException {
    writeAll();
    image("test/dog/t.png", 3, 2, 0);
    assertEquals(
        folder.resolve("test")
            + ": expected the folders that the training part has, found also dog",
        refusal(null));
    Files.delete(folder.resolve("test/dog/t.png"));
    Files.delete(folder.resolve("test/dog"));
    Files.delete(folder.resolve("test/cat/t.png"));
    assertEquals(
        folder.resolve("test")
            + ": expected a folder of PNG or JPEG files for each class, found none",
        refusal(null));
  }

  @Test
  void aChangedFileIsDecodedAgain() throws IOException {
    writeAll();
    read(null);
    Path changed = image("train/cat/b.png", 3, 2, 0x040506);
    Files.setLastModifiedTime(changed, FileTime.fromMillis(1_000_000));
    assertEquals(4, bytes(read(null).training())[36]);
    // The time alone tells: same name, same size.
    Path again = image("train/cat/b.png", 3, 2, 0x070809);
    Files.setLastModifiedTime(again, FileTime.fromMillis(2_000_000));
    assertEquals(7, bytes(read(null).training())[36]);
    Files.delete(again);
    assertEquals(2, read(null).training().size());
    assertEquals(2, caches().size());
  }

  @Test
  void theCacheIsUsedAndADamagedOneIsNot() throws IOException {
    writeAll();
    String digest = read(null).digest();
    Path cache = caches().getLast();
    byte[] right = Files.readAllBytes(cache);
    Object place = Files.getAttribute(cache, "fileKey");
    assertEquals(digest, read(null).digest());
    assertEquals(place, Files.getAttribute(cache, "fileKey"), "it was written anew");
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      byte[] changed = right.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(cache, i % 4 == 0 ? Arrays.copyOf(right, random.nextInt(right.length)) : changed);
      assertEquals(digest, read(null).digest());
      assertArrayEquals(right, Files.readAllBytes(cache));
    }
  }

  @Test
  void withoutAPlaceForItThereIsNoCacheButAWarning() throws IOException {
    writeAll();
    Files.writeString(cache.folder(), "a file");
    assertEquals(3, read(null).training().size());
    assertEquals(3, read(null).training().size());
    assertEquals("a file", Files.readString(cache.folder()));
    assertEquals(2, warnings.size(), warnings.toString());
    assertTrue(warnings.getFirst().startsWith("decoded images are not kept"), warnings.toString());
  }

  @Test
  void theFoldersOfImagesAreNeverWrittenTo() throws IOException {
    writeAll();
    Path precious = Files.writeString(folder.resolve("precious"), "precious");
    Files.createSymbolicLink(folder.resolve(".espalier-cache-train"), precious);
    read(null);
    read(Shape.of(3, 4, 4));
    assertEquals("precious", Files.readString(precious));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          List.of(".espalier-cache-train", "precious", "test", "train"),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  private void moveClassesUp() throws IOException {
    Files.move(folder.resolve("train/cat"), folder.resolve("cat"));
    Files.move(folder.resolve("train/ant"), folder.resolve("ant"));
    Files.delete(folder.resolve("train"));
    Files.delete(folder.resolve("test/cat/t.png"));
    Files.delete(folder.resolve("test/cat"));
    Files.delete(folder.resolve("test"));
  }

  /** Returns which of 20 images, whose red is their number, are held out of each of two classes. */
  private List<Integer> reds(Dataset data, int label) {
    List<Integer> reds = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      if (data.label(i) == label) {
        reds.add((int) bytes(data)[18 * i]);
      }
    }
    return reds;
  }

  @Test
  void withoutPartsAShareOfEachClassIsHeldOutByTheNamesOfTheFiles() throws IOException {
    writeAll();
    moveClassesUp();
    for (int i = 0; i < 18; i++) {
      image("cat/" + i + ".png", 3, 2, i << 16);
      image("ant/" + i + ".png", 3, 2, i << 16);
    }
    share = 0.3;
    Split data = read(null);
    assertEquals(List.of("ant", "cat"), data.training().classes());
    assertEquals(
        List.of(folder + ": of 39 images in 2 classes 12 are held out to judge by (--split 0.3)"),
        warnings);
    assertArrayEquals(new int[] {6, 6}, data.heldOut().classCounts()); // of 19 and 20
    assertArrayEquals(new int[] {13, 14}, data.training().classCounts());
    List<Integer> held = reds(data.heldOut(), 0);
    List<Integer> rest = reds(data.training(), 0);
    assertTrue(held.stream().noneMatch(rest::contains), held + " and " + rest);
    assertEquals(data.heldOut().digest(), reader(null).readTest(TrainedOn.UNKNOWN).digest());
    // A fifth unless told otherwise, and all of them in what a greater share holds out.
    share = null;
    Split fifth = read(null);
    assertTrue(warnings.getFirst().endsWith("(--split 0.2)"), warnings.toString());
    assertArrayEquals(new int[] {4, 4}, fifth.heldOut().classCounts());
    assertTrue(held.containsAll(reds(fifth.heldOut(), 0)));
    // Other classes and new files don't change where a file belongs.
    Files.delete(folder.resolve("ant/x.jpeg"));
    Files.move(folder.resolve("cat"), folder.resolve("aardvark"));
    assertEquals(reds(fifth.heldOut(), 0), reds(read(null).heldOut(), 1));
  }

  /** By what was held out of the data that a model was trained on; by all of any other. */
  @Test
  void withoutPartsTheModelSaysWhatItIsJudgedBy() throws IOException {
    writeAll();
    moveClassesUp();
    for (int i = 0; i < 18; i++) {
      image("cat/" + i + ".png", 3, 2, i << 16);
      image("ant/" + i + ".png", 3, 2, i << 16);
    }
    Split data = read(null);
    warnings.clear();
    var same = new TrainedOn(data.digest(), "elsewhere");
    assertEquals(data.heldOut().digest(), reader(null).readTest(same).digest());
    assertEquals(
        List.of(folder + ": judged by 8 of 39 examples, those that training held out"), warnings);
    warnings.clear();
    var changed = new TrainedOn("another digest", data.training().name());
    assertEquals(data.heldOut().digest(), reader(null).readTest(changed).digest());
    assertTrue(warnings.getFirst().contains("(their digest isn't)"), warnings.toString());
    warnings.clear();
    Dataset all = reader(null).readTest(new TrainedOn("another digest", "elsewhere"));
    assertArrayEquals(new int[] {19, 20}, all.classCounts());
    assertEquals(
        List.of(folder + ": judged by all 39 examples, since the model was trained on other data"),
        warnings);
    warnings.clear();
    assertEquals(all.digest(), reader(null).readTest(TrainedOn.UNKNOWN).digest());
    assertEquals(
        List.of(
            folder
                + ": judged by all 39 examples, since the model doesn't say what it was trained on"),
        warnings);
    List<Integer> reds = new ArrayList<>(reds(all, 1));
    List<Integer> both = new ArrayList<>(reds(data.training(), 1));
    both.addAll(reds(data.heldOut(), 1));
    Collections.sort(reds);
    Collections.sort(both);
    assertEquals(both, reds);
    share = 1.0;
    assertArrayEquals(new int[] {19, 20}, reader(null).readTest(same).classCounts());
  }

  @Test
  void imagesOfTheTrainingPartAreHeldOutIfThereIsNoTestPart() throws IOException {
    writeAll();
    image("train/ant/y.png", 3, 2, 0);
    share = 0.5;
    assertEquals(
        "--split: expected images without a part to judge by, found " + folder.resolve("test"),
        refusal(null));
    Files.move(folder.resolve("test"), folder.resolve("other"));
    assertArrayEquals(new int[] {1, 1}, read(null).heldOut().classCounts());
    Files.delete(folder.resolve("train/cat/b.png"));
    Files.delete(folder.resolve("train/ant/y.png"));
    assertEquals(
        folder.resolve("train")
            + ": expected two images or more of a class, to hold one out, found one of each",
        refusal(null));
  }

  @Test
  void theTestPartAloneIsEnoughToJudgeBy() throws IOException {
    writeAll();
    Files.move(folder.resolve("train"), folder.resolve("test/train"));
    Files.move(folder.resolve("test/train/ant"), folder.resolve("test/ant"));
    Files.delete(folder.resolve("test/train/cat/notes.txt"));
    Files.delete(folder.resolve("test/train/cat/._b.png"));
    for (String name : new String[] {"a.PNG.jpg", "b.png"}) {
      Files.delete(folder.resolve("test/train/cat").resolve(name));
    }
    Files.delete(folder.resolve("test/train/cat"));
    Files.delete(folder.resolve("test/train"));
    assertEquals(List.of("ant", "cat"), reader(null).readTest(TrainedOn.UNKNOWN).classes());
    assertEquals(
        folder + ": expected a folder train next to " + folder.resolve("test") + ", found none",
        refusal(null));
  }

  @Test
  void whatIsPassedOverIsSaid() throws IOException {
    writeAll();
    byte[] bitmap = {'B', 'M', 0, 0};
    Files.write(folder.resolve("train/cat/x.bmp"), bitmap);
    Files.write(folder.resolve("train/cat/y"), bitmap);
    Files.createDirectory(folder.resolve("train/ant/more"));
    image("train/stray.png", 3, 2, 0);
    read(null);
    assertEquals(
        List.of(
            folder.resolve("train/ant")
                + ": passed over 1 folder in the class's folder, the first: more",
            folder.resolve("train/cat")
                + ": passed over what isn't called .png, .jpg or .jpeg: 2 images, the first: x.bmp"
                + " (a BMP)",
            folder.resolve("train")
                + ": passed over what is in no class's folder: 1 image: stray.png (a PNG)"),
        warnings);
  }

  @Test
  void aClassWithoutImagesIsRefused() throws IOException {
    writeAll();
    Path dog = Files.createDirectory(folder.resolve("train/dog"));
    assertEquals(dog + ": expected PNG or JPEG files in it, found none", refusal(null));
    Path bitmap = Files.write(dog.resolve("x.bmp"), new byte[] {'B', 'M', 0, 0});
    assertEquals(
        dog
            + ": expected files called .png, .jpg or .jpeg in it, found none, but 1 image: x.bmp"
            + " (a BMP)",
        refusal(null));
    Files.delete(bitmap);
    image("train/dog/inner/x.png", 3, 2, 0);
    assertEquals(
        dog
            + ": expected files called .png, .jpg or .jpeg in it, found only folders, the first:"
            + " inner",
        refusal(null));
    // In the test part too, where its images would be missing without a word.
    Files.move(dog, folder.resolve("dog"));
    image("train/dog/x.png", 3, 2, 0);
    Files.move(folder.resolve("dog"), folder.resolve("test/dog"));
    assertTrue(refusal(null).startsWith(folder.resolve("test/dog") + ": expected files called"));
  }

  @Test
  void oneWayOfWritingAnAccentIsTheOther() throws IOException {
    assumeTrue(Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode('é'));
    image("train/caf\u00e9/a.png", 3, 2, 0);
    image("test/cafe\u0301/a.png", 3, 2, 0);
    assertEquals(List.of("caf\u00e9"), read(null).heldOut().classes());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aChangeThatHidesItselfIsSeen() throws IOException {
    writeAll();
    Path changed = folder.resolve("train/cat/b.png");
    FileTime time = Files.getLastModifiedTime(changed);
    long size = Files.size(changed);
    read(null);
    image("train/cat/b.png", 3, 2, 0x010204);
    assertEquals(size, Files.size(changed), "choose colours that are packed alike");
    Files.setLastModifiedTime(changed, time);
    assertEquals(4, bytes(read(null).training())[36 + 12]);
  }
}
