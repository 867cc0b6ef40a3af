package org.espalier.data.binary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.InputException;
import org.espalier.data.Images;
import org.espalier.data.Split;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxDataTest {
  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  @TempDir Path folder;

  /** Returns an IDX file: magic, extents, bytes 0, 1, 2, … */
  private static byte[] idx(int magic, int content, int... dims) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * dims.length + content).putInt(magic);
    for (int d : dims) {
      file.putInt(d);
    }
    for (int i = 0; i < content; i++) {
      file.put((byte) i);
    }
    return file.array();
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private void writeAll() throws IOException {
    write(TRAIN_IMAGES, idx(0x803, 5 * 6, 5, 2, 3));
    write(TRAIN_LABELS + ".gz", EmbeddedPart.gzip(idx(0x801, 5, 5)));
    write(TEST_IMAGES + ".gz", EmbeddedPart.gzip(idx(0x803, 2 * 6, 2, 2, 3)));
    write(TEST_LABELS, idx(0x801, 2, 2));
  }

  private static String refusal(Path path) {
    return assertThrows(InputException.class, () -> IdxData.read(path)).getMessage();
  }

  @Test
  void readsPlainAndCompressedFiles() throws IOException {
    writeAll();
    Split data = IdxData.read(folder);
    assertEquals(5, data.training().size());
    assertEquals(2, data.heldOut().size());
    assertEquals(Shape.of(1, 2, 3), data.training().examples().shape());
    assertArrayEquals(
        Arrays.copyOfRange(idx(0x803, 12, 2, 2, 3), 16, 28),
        ((Images) data.heldOut().examples()).bytes());
    assertEquals(4, data.training().label(4));
    assertEquals("9", data.training().classes().get(9));
    assertEquals(folder.resolve(TRAIN_IMAGES).toString(), data.training().name());
  }

  @Test
  void compressionIsToldByContentAndNotByName() throws IOException {
    writeAll();
    String plain = IdxData.read(folder).digest();
    write(TRAIN_IMAGES, EmbeddedPart.gzip(idx(0x803, 5 * 6, 5, 2, 3)));
    write(TEST_IMAGES + ".gz", idx(0x803, 2 * 6, 2, 2, 3));
    assertEquals(plain, IdxData.read(folder).digest());
  }

  @Test
  void aFileStandsForItsFolderOrItself() throws IOException {
    writeAll();
    assertEquals(IdxData.read(folder).digest(), IdxData.read(folder.resolve(TEST_LABELS)).digest());
    assertEquals(2, IdxData.readPart(folder, null).size());
    assertEquals(5, IdxData.readPart(folder.resolve(TRAIN_IMAGES), null).size());
  }

  @Test
  void readsNamesWithADotBeforeIdx() throws IOException {
    write("train-images.idx3-ubyte", idx(0x803, 6, 1, 2, 3));
    write("train-labels.idx1-ubyte", idx(0x801, 1, 1));
    write("t10k-images.idx3-ubyte", idx(0x803, 6, 1, 2, 3));
    write("t10k-labels.idx1-ubyte", idx(0x801, 1, 1));
    assertEquals(1, IdxData.read(folder).training().size());
  }

  @Test
  void namesClassesByAFile() throws IOException {
    writeAll();
    Files.writeString(folder.resolve("classes.txt"), "a\nb\r\nc\nd\ne\n\n");
    assertEquals(List.of("a", "b", "c", "d", "e"), IdxData.read(folder).training().classes());
    Files.writeString(folder.resolve("classes.txt"), "a\nb\nc\n");
    assertEquals(
        folder.resolve(TRAIN_LABELS + ".gz")
            + ": expected labels from 0 to 2 ("
            + folder.resolve("classes.txt")
            + " has 3 names), found label 3 at index 3",
        refusal(folder));
    Files.writeString(folder.resolve("classes.txt"), "a\n\nc\n");
    assertEquals(
        folder.resolve("classes.txt")
            + ": expected 1 to 256 class names, one a line, found 3 lines, or an empty one",
        refusal(folder));
    Files.writeString(folder.resolve("classes.txt"), "a\nb\na\n");
    assertEquals(
        folder.resolve("classes.txt")
            + ": expected a different name on each line, found a name twice",
        refusal(folder));
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    Path none = folder.resolve("none");
    assertEquals(
        none + ": expected a folder or file with data, found nothing there", refusal(none));
    assertEquals(
        folder
            + ": expected a file train-images-idx3-ubyte or train-images-idx3-ubyte.gz, found none",
        refusal(folder));
    writeAll();
    Files.delete(folder.resolve(TEST_LABELS));
    assertEquals(
        folder
            + ": expected a file t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz, found none",
        refusal(folder));
    Path other = write("other", new byte[3]);
    assertEquals(
        other
            + ": expected a folder with IDX files or one of train-images-idx3-ubyte[.gz],"
            + " train-labels-idx1-ubyte[.gz], t10k-images-idx3-ubyte[.gz],"
            + " t10k-labels-idx1-ubyte[.gz], found other",
        refusal(other));
  }

  private String refusalWith(String name, byte[] content) throws IOException {
    writeAll();
    Path file = write(name, content);
    String message = refusal(folder);
    assertEquals(file.toString(), message.substring(0, file.toString().length()));
    return message.substring(file.toString().length());
  }

  @Test
  void refusesWrongFiles() throws IOException {
    assertEquals(
        ": expected IDX magic 00000803, found an empty file",
        refusalWith(TRAIN_IMAGES, new byte[0]));
    assertEquals(
        ": expected IDX magic 00000803, found 00000801",
        refusalWith(TRAIN_IMAGES, idx(0x801, 5, 5)));
    assertEquals(
        ": expected IDX magic 00000801, found 00000803",
        refusalWith(TEST_LABELS, idx(0x803, 12, 2, 2, 3)));
    assertEquals(
        ": expected IDX magic 00000803, found 89504e47",
        refusalWith(TRAIN_IMAGES, new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10}));
    assertEquals(
        ": expected a header of 16 bytes, found 12",
        refusalWith(TRAIN_IMAGES, idx(0x803, 0, 5, 2)));
    assertEquals(
        ": expected 30 bytes (pixels of 5 2x3), found 29",
        refusalWith(TRAIN_IMAGES, idx(0x803, 29, 5, 2, 3)));
    assertEquals(
        ": expected 30 bytes (pixels of 5 2x3), found more",
        refusalWith(TRAIN_IMAGES, idx(0x803, 31, 5, 2, 3)));
    assertEquals(
        ": expected extents from 1 to 2^31-1, found 0",
        refusalWith(TRAIN_IMAGES, idx(0x803, 0, 0, 2, 3)));
    assertEquals(
        ": expected extents from 1 to 2^31-1, found 4294967295",
        refusalWith(TRAIN_IMAGES, idx(0x803, 0, -1, 2, 3)));
    assertEquals(
        ": expected at most 2147483639 pixels, found 2147483647 images of 2147483647x2147483647",
        refusalWith(
            TRAIN_IMAGES, idx(0x803, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE)));
    // Claims two gigabytes that aren't there: answered without allocating them.
    assertEquals(
        ": expected 2147483632 bytes (pixels of 134217727 4x4), found 3",
        refusalWith(TRAIN_IMAGES, idx(0x803, 3, 134_217_727, 4, 4)));
  }

  @Test
  void refusesDamagedCompression() throws IOException {
    byte[] gzip = EmbeddedPart.gzip(idx(0x801, 5, 5));
    assertEquals(
        ": expected 8 bytes (the header), found a compressed stream that ends before them",
        refusalWith(TRAIN_LABELS + ".gz", Arrays.copyOf(gzip, 12)));
    byte[] wrongSum = gzip.clone();
    wrongSum[gzip.length - 8] ^= 1;
    assertEquals(
        ": can't be read: Corrupt GZIP trailer", refusalWith(TRAIN_LABELS + ".gz", wrongSum));
  }

  @Test
  void refusesWhatDoesntFitTogether() throws IOException {
    assertEquals(
        ": expected 5 labels as there are images in " + folder.resolve(TRAIN_IMAGES) + ", found 4",
        refusalWith(TRAIN_LABELS + ".gz", idx(0x801, 4, 4)));
    assertEquals(
        ": expected labels from 0 to 9 (for more, name the classes in "
            + folder.resolve("classes.txt")
            + "), found label 10 at index 10",
        labelsOutOfRange());
    assertEquals(
        ": expected images of [1, 2, 3] as in "
            + folder.resolve(TRAIN_IMAGES)
            + ", found [1, 3, 2]",
        refusalWith(TEST_IMAGES + ".gz", idx(0x803, 12, 2, 3, 2)));
  }

  private String labelsOutOfRange() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.write(other.resolve(TRAIN_IMAGES), idx(0x803, 11, 11, 1, 1));
    Path labels = Files.write(other.resolve(TRAIN_LABELS), idx(0x801, 11, 11));
    Files.write(other.resolve(TEST_IMAGES), idx(0x803, 1, 1, 1, 1));
    Files.write(other.resolve(TEST_LABELS), idx(0x801, 1, 1));
    String message = refusal(other);
    assertEquals(labels.toString(), message.substring(0, labels.toString().length()));
    return message.substring(labels.toString().length()).replace("/other/", "/");
  }

  @Test
  void anyChangedFileIsRefusedOrRead() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    byte[][] files = {
      idx(0x803, 30, 5, 2, 3), EmbeddedPart.gzip(idx(0x803, 30, 5, 2, 3)),
    };
    for (int i = 0; i < 4000; i++) {
      byte[] changed = files[i % 2].clone();
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      }
      if (random.nextInt(4) == 0) {
        changed = Arrays.copyOf(changed, random.nextInt(changed.length));
      }
      Path file = write("f", changed);
      try {
        assertEquals(0, Idx.images(file, null).bytes().length % 1);
      } catch (InputException e) {
        assertEquals(file.toString(), e.getMessage().substring(0, file.toString().length()));
      }
    }
  }

  @Test
  void claimsOfPackedFilesAreHeldAgainstLimitsBeforeTheyAreUnpacked() throws IOException {
    // 300,000 bytes of nothing that could be 309 million at most, behind the header of more.
    byte[] packed = EmbeddedPart.gzip(idx(0x803, 0, 400_000, 28, 28));
    assertEquals(
        ": expected 313600000 bytes (pixels of 400000 28x28), found a compressed stream that ends"
            + " before them",
        refusalWith(TRAIN_IMAGES, Arrays.copyOf(packed, 300_000)));
    // A third of that might be there, but isn't data.
    assertEquals(
        ": expected at most 256 bytes (pixels of 140000 28x28) for each compressed one, found"
            + " 109760000 in 300000",
        refusalWith(
            TRAIN_IMAGES,
            Arrays.copyOf(EmbeddedPart.gzip(idx(0x803, 0, 140_000, 28, 28)), 300_000)));
  }

  @Test
  void theShapeIsLookedAtBeforeAnythingIsUnpacked() throws IOException {
    // Damaged behind the header: reading on would be an error of its own.
    byte[] packed = EmbeddedPart.gzip(idx(0x803, 30_000, 5000, 2, 3));
    Path file = write("f", Arrays.copyOf(packed, packed.length / 2));
    assertEquals(
        file + ": expected images of 28x28, found 3x2",
        assertThrows(InputException.class, () -> Idx.images(file, Shape.of(1, 28, 28)))
            .getMessage());
    assertEquals(
        file + ": expected images of [3, 28, 28], found grey ones of [1, 2, 3]",
        assertThrows(InputException.class, () -> Idx.images(file, Shape.of(3, 28, 28)))
            .getMessage());
  }

  @Test
  void nothingMayFollowPackedData() throws IOException {
    byte[] packed = EmbeddedPart.gzip(idx(0x801, 5, 5));
    byte[] longer = Arrays.copyOf(packed, packed.length + 1);
    assertEquals(
        ": expected nothing behind the compressed data, found more bytes",
        refusalWith(TRAIN_LABELS + ".gz", longer));
    assertEquals(
        ": expected nothing behind the compressed data, found more bytes",
        refusalWith(TRAIN_LABELS + ".gz", Arrays.copyOf(packed, packed.length + 200_000)));
  }
}
