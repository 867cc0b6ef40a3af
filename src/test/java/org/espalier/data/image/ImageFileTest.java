package org.espalier.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.espalier.InputException;
import org.espalier.data.Images;
import org.espalier.data.binary.EmbeddedPart;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {
  private static final Shape SHAPE = Shape.of(1, 2, 3);

  @TempDir Path folder;

  private Path write(BufferedImage image, String format) throws IOException {
    Path file = folder.resolve("a." + format);
    assertTrue(ImageIO.write(image, format, file.toFile()));
    return file;
  }

  private static String refusal(Path file, Shape shape) {
    return assertThrows(InputException.class, () -> ImageFile.read(file, shape)).getMessage();
  }

  @Test
  void storedGreyIsTakenAsItIs() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    byte[] pixels = {0, 1, 60, 127, (byte) 200, (byte) 255};
    image.getRaster().setDataElements(0, 0, 3, 2, pixels);
    Images read = ImageFile.read(write(image, "png"), SHAPE);
    assertEquals(SHAPE, read.shape());
    assertArrayEquals(pixels, read.bytes());
  }

  @Test
  void sixteenBitsAreCut() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setSample(1, 0, 0, 0xabcd);
    assertArrayEquals(
        new byte[] {0, (byte) 0xab, 0, 0, 0, 0},
        ImageFile.read(write(image, "png"), SHAPE).bytes());
  }

  @Test
  void coloursAreWeighted() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0xff0000);
    image.setRGB(1, 0, 0x00ff00);
    image.setRGB(2, 0, 0x0000ff);
    image.setRGB(0, 1, 0xffffff);
    image.setRGB(1, 1, 0x808080);
    // 0.299, 0.587 and 0.114 of 255, rounded
    assertArrayEquals(
        new byte[] {76, (byte) 150, 29, (byte) 255, (byte) 128, 0},
        ImageFile.read(write(image, "png"), SHAPE).bytes());
  }

  @Test
  void coloursStayForANetworkThatTakesThem() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x010203);
    image.setRGB(2, 1, 0xfdfeff);
    byte[] want = new byte[18];
    want[0] = 1;
    want[6] = 2;
    want[12] = 3;
    want[5] = (byte) 0xfd;
    want[11] = (byte) 0xfe;
    want[17] = (byte) 0xff;
    assertArrayEquals(want, ImageFile.read(write(image, "png"), Shape.of(3, 2, 3)).bytes());
    BufferedImage grey = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(1, 0, 0, 60);
    byte[] three = new byte[18];
    three[1] = three[7] = three[13] = 60;
    assertArrayEquals(three, ImageFile.read(write(grey, "png"), Shape.of(3, 2, 3)).bytes());
  }

  @Test
  void coloursAreResized() throws IOException {
    BufferedImage image = new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 32; i++) {
      image.setRGB(i % 8, i / 8, i % 8 < 2 || i % 8 > 5 ? 0xff0000 : 0x204060);
    }
    byte[] small = ImageFile.read(write(image, "png"), Shape.of(3, 2, 2)).bytes();
    // Of the middle 4x4 only; the triangle reaches one pixel over its border.
    for (int i = 0; i < 4; i++) {
      assertEquals(0x20 + 0.125 * (0xff - 0x20), small[i] & 0xff, 1, "red " + i);
      assertEquals(0x40 * 0.875, small[4 + i] & 0xff, 1, "green " + i);
      assertEquals(0x60 * 0.875, small[8 + i] & 0xff, 1, "blue " + i);
    }
    byte[] large = ImageFile.read(write(image, "png"), Shape.of(3, 9, 9)).bytes();
    assertEquals(0x60, large[2 * 81 + 40]);
  }

  @Test
  void readsJpegAndBlackAndWhite() throws IOException {
    BufferedImage grey = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 6; i++) {
      grey.getRaster().setSample(i % 3, i / 3, 0, 100);
    }
    for (byte b : ImageFile.read(write(grey, "jpg"), SHAPE).bytes()) {
      assertEquals(100, b, 2);
    }
    BufferedImage bits = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_BINARY);
    bits.setRGB(2, 1, 0xffffff);
    assertArrayEquals(
        new byte[] {0, 0, 0, 0, 0, (byte) 255}, ImageFile.read(write(bits, "png"), SHAPE).bytes());
  }

  @Test
  void readsManyFromIdx() throws IOException {
    byte[] idx = ByteBuffer.allocate(16 + 12).putInt(0x803).putInt(2).putInt(2).putInt(3).array();
    idx[27] = 9;
    Path file = Files.write(folder.resolve("a"), idx);
    assertEquals(2, ImageFile.read(file, SHAPE).count());
    assertEquals(9, ImageFile.read(file, SHAPE).bytes()[11]);
    Files.write(file, EmbeddedPart.gzip(idx));
    assertEquals(2, ImageFile.read(file, SHAPE).count());
    assertEquals(file + ": expected images of 2x3, found 3x2", refusal(file, Shape.of(1, 3, 2)));
  }

  @Test
  void refusesOtherSizes() throws IOException {
    Path file = write(new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY), "png");
    assertEquals(file + ": expected images of 3x2, found 28x28", refusal(file, SHAPE));
  }

  @Test
  void whatIsTransparentLiesOnWhite() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xff010203); // opaque
    image.setRGB(1, 0, 0x00ff0000); // invisible, of whatever colour
    image.setRGB(2, 0, 0x80ff0040); // half: 0 becomes 127 as 255·127/255, 0x40 about 159
    byte[] bytes = ImageFile.read(write(image, "png"), Shape.of(3, 2, 3)).bytes();
    assertArrayEquals(new byte[] {1, -1, -1, -1, -1, -1}, Arrays.copyOf(bytes, 6));
    assertEquals(127, bytes[8] & 0xff);
    assertEquals(Math.round((0x40 * 128 + 255 * 127) / 255.0), bytes[14] & 0xff);
    assertEquals(-1, bytes[17]);
    byte[] grey = ImageFile.read(write(image, "png"), SHAPE).bytes();
    assertEquals(-1, grey[1]);
    assertEquals(-1, grey[5]);
  }

  /** Writes a PNG of one row from its chunks. */
  private Path png(int width, int depth, int type, byte[] palette, byte[] tRNS, int... row)
      throws IOException {
    byte[] bytes = new byte[1 + row.length];
    for (int i = 0; i < row.length; i++) {
      bytes[1 + i] = (byte) row[i];
    }
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(1);
    header.put((byte) depth).put((byte) type);
    PngChunks png = new PngChunks().add("IHDR", header.array());
    if (palette.length > 0) {
      png.add("PLTE", palette);
    }
    if (tRNS.length > 0) {
      png.add("tRNS", tRNS);
    }
    return Files.write(
        folder.resolve("a.png"), png.add("IDAT", PngChunks.deflate(bytes)).add("IEND").bytes());
  }

  private static final byte[] NONE = {};

  private byte[] coloursOf(Path file, int width) {
    return ImageFile.read(file, Shape.of(3, 1, width)).bytes();
  }

  @Test
  void transparencyIsReadInEachFormThatPngHas() throws IOException {
    // a palette: red opaque, blue half, green invisible
    byte[] palette = {-1, 0, 0, 0, 0, -1, 0, -1, 0};
    assertArrayEquals(
        new byte[] {-1, 127, -1, 0, 127, -1, 0, -1, -1},
        coloursOf(png(3, 8, 3, palette, new byte[] {-1, (byte) 128, 0}, 0, 1, 2), 3));
    // grey with alpha
    assertArrayEquals(
        new byte[] {10, -1, 127, 10, -1, 127, 10, -1, 127},
        coloursOf(png(3, 8, 4, NONE, NONE, 10, 255, 10, 0, 0, 128), 3));
    // grey of 16 bits with alpha
    assertArrayEquals(
        new byte[] {10, -1, 10, -1, 10, -1},
        coloursOf(png(2, 16, 4, NONE, NONE, 10, 200, 255, 255, 10, 0, 0, 0), 2));
    // colours of 16 bits with alpha
    assertArrayEquals(
        new byte[] {-1, -1, 0, -1, -1, -1},
        coloursOf(
            png(2, 16, 6, NONE, NONE, 255, 255, 0, 0, 255, 255, 255, 255, 1, 2, 3, 4, 5, 6, 0, 0),
            2));
    // one colour that is transparent
    assertArrayEquals(
        new byte[] {1, -1, 2, -1, 3, -1},
        coloursOf(png(2, 8, 2, NONE, new byte[] {0, 4, 0, 5, 0, 6}, 1, 2, 3, 4, 5, 6), 2));
    // one grey that is transparent
    assertArrayEquals(
        new byte[] {1, -1, 1, -1, 1, -1},
        coloursOf(png(2, 8, 0, NONE, new byte[] {0, 4}, 1, 4), 2));
    // two bits a pixel: 0, 1, 2, 3 are 0, 85, 170, 255
    assertArrayEquals(
        new byte[] {0, 85, (byte) 170, -1},
        Arrays.copyOf(coloursOf(png(4, 2, 0, NONE, NONE, 0x1b), 4), 4));
  }

  @Test
  void refusesWhatIsNoImage() throws IOException {
    Path file = Files.writeString(folder.resolve("a.png"), "no image");
    assertEquals(
        file + ": expected an image (PNG, JPEG, IDX), found no known image format",
        refusal(file, SHAPE));
    Files.write(file, new byte[0]);
    assertEquals(
        file + ": expected an image (PNG, JPEG, IDX), found an empty file", refusal(file, SHAPE));
    Path none = folder.resolve("none.png");
    assertEquals(none + ": can't be read: no such file or folder", refusal(none, SHAPE));
    assertEquals(
        file
            + ": expected a network that takes grey images [1, height, width] or colours [3, height,"
            + " width], found one that takes [2, 2, 3]",
        refusal(file, Shape.of(2, 2, 3)));
  }

  @Test
  void damagedImagesAreRefusedOrRead() throws IOException {
    SplittableRandom random = new SplittableRandom(2);
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    for (String format : new String[] {"png", "jpg"}) {
      byte[] bytes = Files.readAllBytes(write(image, format));
      for (int i = 0; i < 500; i++) {
        byte[] changed = bytes.clone();
        for (int n = random.nextInt(1, 4); n > 0; n--) {
          changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        if (i % 3 == 0) {
          changed = Arrays.copyOf(changed, random.nextInt(changed.length));
        }
        Path file = Files.write(folder.resolve("changed"), changed);
        try {
          assertEquals(1, ImageFile.read(file, SHAPE).count());
        } catch (InputException e) {
          assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        }
      }
    }
  }
}
