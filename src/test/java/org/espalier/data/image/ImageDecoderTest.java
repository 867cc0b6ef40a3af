package org.espalier.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageDecoderTest {
  @TempDir Path folder;

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.resolve("image"), content);
  }

  /** Returns the message about a file without the file's name in front. */
  private String refusal(byte[] content) throws IOException {
    Path file = file(content);
    String message =
        assertThrows(InputException.class, () -> ImageDecoder.decode(file, ImageDecoder.open(file)))
            .getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    return message.substring(file.toString().length() + 2);
  }

  private Picture decode(byte[] content) throws IOException {
    Path file = file(content);
    return ImageDecoder.decode(file, ImageDecoder.open(file));
  }

  private static byte[] jpeg(Raster raster, boolean progressive) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream to = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(to);
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(1);
      if (progressive) {
        how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.write(null, new IIOImage(raster, null, null), how);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** Returns a JPEG whose samples are the same everywhere. */
  private static byte[] flat(boolean progressive, int... samples) throws IOException {
    WritableRaster raster =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 24, 16, samples.length, null);
    for (int i = 0; i < 24 * 16; i++) {
      raster.setPixel(i % 24, i / 24, samples);
    }
    return jpeg(raster, progressive);
  }

  /** Puts a segment behind the first marker. */
  private static byte[] with(byte[] jpeg, int code, byte[] content) {
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + 4 + content.length);
    out.put(jpeg, 0, 2).put((byte) 0xff).put((byte) code).putShort((short) (2 + content.length));
    return out.put(content).put(jpeg, 2, jpeg.length - 2).array();
  }

  private static byte[] adobe(int transform) {
    byte[] content = new byte[12];
    System.arraycopy("Adobe".getBytes(StandardCharsets.US_ASCII), 0, content, 0, 5);
    content[6] = 100;
    content[11] = (byte) transform;
    return content;
  }

  private static byte[] exif(int orientation, boolean little) {
    ByteBuffer out = ByteBuffer.allocate(6 + 8 + 2 + 12 + 4);
    out.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
    if (little) {
      out.put(new byte[] {'I', 'I'}).order(ByteOrder.LITTLE_ENDIAN);
    } else {
      out.put(new byte[] {'M', 'M'});
    }
    out.putShort((short) 42).putInt(8).putShort((short) 1);
    out.putShort((short) 0x112).putShort((short) 3).putInt(1).putShort((short) orientation);
    return out.array();
  }

  private static void assertColour(int rgb, Picture picture) {
    assertEquals(24 * 16, picture.colour(0).length);
    for (int c = 0; c < 3; c++) {
      for (byte value : picture.colour(c)) {
        assertEquals(rgb >> (16 - 8 * c) & 0xff, value & 0xff, 3, "channel " + c);
      }
    }
  }

  @Test
  void inksBecomeColours() throws IOException {
    // As the inks are: magenta and yellow make red, and half of black halves it.
    assertColour(0xff0000, decode(flat(false, 0, 255, 255, 0)));
    assertColour(0x800000, decode(flat(false, 0, 255, 255, 127)));
    // As Adobe's programs write them: 0 is all ink.
    assertColour(0xff0000, decode(with(flat(false, 255, 0, 0, 255), 0xee, adobe(0))));
    assertColour(0x204060, decode(with(flat(false, 0x20, 0x40, 0x60, 255), 0xee, adobe(0))));
    // As luma and chroma of what is taken from white: of cyan for red.
    assertColour(0xff0000, decode(with(flat(false, 179, 171, 1, 255), 0xee, adobe(2))));
    assertColour(0x800000, decode(with(flat(false, 179, 171, 1, 128), 0xee, adobe(2))));
  }

  @Test
  void coloursAndGreyOfJpegAreRead() throws IOException {
    // Rasters are written as they are: luma and chroma; 76, 85, 255 is red.
    assertColour(0xfe0000, decode(flat(false, 76, 85, 255)));
    assertColour(0xfe0000, decode(flat(true, 76, 85, 255)));
    Picture grey = decode(flat(true, 77));
    assertEquals(1, grey.planes().length);
    assertColour(0x4d4d4d, grey);
  }

  @Test
  void profilesAndCommentsAreNotLookedAt() throws IOException {
    byte[] plain = flat(false, 76, 85, 255);
    byte[] noProfile = "ICC_PROFILE\0\1\1 this is no profile".getBytes(StandardCharsets.US_ASCII);
    byte[] noExif = "Exif\0\0MM\0*\377\377\377\377".getBytes(StandardCharsets.ISO_8859_1);
    Picture want = decode(plain);
    for (byte[] more :
        new byte[][] {
          with(plain, 0xe2, noProfile), with(plain, 0xe1, noExif), with(plain, 0xfe, noExif)
        }) {
      assertArrayEquals(want.colour(0), decode(more).colour(0));
    }
  }

  /** The picture 24x16 is dark in its first 8 rows and, darker, in 8 columns of them. */
  @ParameterizedTest
  @CsvSource({
    "1, 24, 16, 0, 0, 23, 0",
    "2, 24, 16, 23, 0, 0, 0",
    "3, 24, 16, 23, 15, 0, 15",
    "4, 24, 16, 0, 15, 23, 15",
    "5, 16, 24, 0, 0, 0, 23",
    "6, 16, 24, 15, 0, 15, 23",
    "7, 16, 24, 15, 23, 15, 0",
    "8, 16, 24, 0, 23, 0, 0"
  })
  void picturesAreTurnedAsTheyAreShown(
      int orientation, int width, int height, int x, int y, int otherX, int otherY)
      throws IOException {
    WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 24, 16, 1, null);
    for (int i = 0; i < 24 * 16; i++) {
      raster.setSample(i % 24, i / 24, 0, i / 24 >= 8 ? 250 : i % 24 < 8 ? 10 : 100);
    }
    byte[] plain = jpeg(raster, false);
    for (boolean little : new boolean[] {false, true}) {
      byte[] bytes = with(plain, 0xe1, exif(orientation, little));
      EncodedImage encoded = ImageDecoder.open(file(bytes));
      assertEquals(width, encoded.shownWidth());
      assertEquals(height, encoded.shownHeight());
      Picture turned = decode(bytes);
      assertEquals(width, turned.width());
      assertEquals(height, turned.height());
      assertEquals(10, turned.colour(0)[y * width + x] & 0xff, 3);
      assertEquals(100, turned.colour(0)[otherY * width + otherX] & 0xff, 3);
    }
    assertEquals(24, decode(with(plain, 0xe1, exif(9, true))).width());
  }

  @Test
  void otherFormatsAreCalledWhatTheyAre() throws IOException {
    String[][] files = {
      {"GIF89a\377\377\350\3", "a GIF"},
      {"BM....", "a BMP"},
      {"II*\0\10\0\0\0", "a TIFF"},
      {"MM\0*\0\0\0\10", "a TIFF"},
      {"RIFF\1\2\3\4WEBPVP8 ", "a WebP"},
      {"\0\0\0\30ftypheic", "an HEIC"},
      {"\0\0\0\30ftypavif", "an AVIF"},
      {"8BPS", "a Photoshop file"},
      {"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer (git lfs pull fetches"},
      {"<!DOCTYPE html>", "an HTML page"},
      {"PK\3\4", "a ZIP archive"},
      {"", "an empty file"},
      {"RIFF\1\2\3\4WAVE", "no known image format"},
    };
    for (String[] file : files) {
      String message = refusal(file[0].getBytes(StandardCharsets.ISO_8859_1));
      assertTrue(
          message.startsWith("expected an image (PNG, JPEG, IDX), found " + file[1]), message);
    }
  }

  /** Returns a PNG that claims a size, with so many packed bytes. */
  private static byte[] png(int width, int height, byte[] packed) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) 8).put((byte) 2);
    return new PngChunks().add("IHDR", header.array()).add("IDAT", packed).add("IEND").bytes();
  }

  @Test
  void claimsOfPngAreHeldAgainstLimits() throws IOException {
    assertEquals(
        "expected a whole image, found a PNG that was cut off",
        refusal(png(100_000, 100_000, new byte[100])));
    assertEquals(
        "expected an image of at most 2^26 pixels, found 8193x8192",
        refusal(png(8193, 8192, new byte[200_000])));
    // As packed as deflate can: 196,000 bytes for 8192x8192 pixels of three.
    String message = refusal(png(8192, 8192, new byte[196_000]));
    assertTrue(
        message.startsWith(
            "expected at most 128 pixels for each byte of a file of more than 2^24 pixels, found"
                + " 8192x8192 in 196"),
        message);
    assertEquals(
        "expected an image of at least one pixel, found 0x5", refusal(png(0, 5, new byte[9])));
    assertEquals(
        "expected an image of at least one pixel, found 4294967295x5",
        refusal(png(-1, 5, new byte[9])));
  }

  @Test
  void damageToPngIsFound() throws IOException {
    byte[] whole = png(1, 1, PngChunks.deflate(new byte[] {0, 1, 2, 3}));
    assertEquals(3, decode(whole).colour(2)[0]);
    assertEquals(
        "expected a whole image, found a PNG that was cut off",
        refusal(Arrays.copyOf(whole, whole.length - 1)));
    byte[] changed = whole.clone();
    changed[50] ^= 1;
    assertEquals("the PNG is damaged: wrong checksum of IDAT", refusal(changed));
    byte[] long31 = whole.clone();
    long31[33] = (byte) 0x80; // a chunk of more than 2^31 bytes
    assertEquals("expected a whole image, found a PNG that was cut off", refusal(long31));
    // Texts that unpack to any size are not looked at.
    byte[] bomb = PngChunks.deflate(new byte[1 << 20]);
    byte[] text =
        ByteBuffer.allocate(3 + bomb.length).put(new byte[] {'a', 0, 0}).put(bomb).array();
    ByteBuffer header = ByteBuffer.allocate(13).putInt(1).putInt(1).put((byte) 8).put((byte) 2);
    EncodedImage image =
        Png.parse(
            "x",
            new PngChunks()
                .add("IHDR", header.array())
                .add("zTXt", text)
                .add("IDAT", PngChunks.deflate(new byte[] {0, 1, 2, 3}))
                .add("IEND")
                .bytes());
    assertTrue(image.bytes().length < 100, "the text was kept");
  }

  /** Repeats the last scan of a JPEG. */
  private static byte[] scans(byte[] jpeg, int times) {
    int start = jpeg.length - 2;
    while (!(jpeg[start] == (byte) 0xff && jpeg[start + 1] == (byte) 0xda)) {
      start--;
    }
    int scan = jpeg.length - 2 - start;
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + times * scan).put(jpeg, 0, start);
    for (int i = 0; i <= times; i++) {
      out.put(jpeg, start, scan);
    }
    return out.put((byte) 0xff).put((byte) 0xd9).array();
  }

  @Test
  void claimsOfJpegAreHeldAgainstLimits() throws IOException {
    byte[] whole = flat(true, 77);
    int usual = ImageDecoder.open(file(whole)).scans();
    assertTrue(usual > 1, "it is not progressive");
    assertEquals(64, ImageDecoder.open(file(scans(whole, 64 - usual))).scans());
    assertEquals(
        "expected at most 64 scans of 24x16 pixels, found 100", refusal(scans(whole, 100 - usual)));
    assertEquals(
        "expected a whole image, found a JPEG that was cut off", refusal(sized(whole, 9000, 7000)));
    assertEquals(
        "expected a whole image, found a JPEG that was cut off",
        refusal(Arrays.copyOf(whole, whole.length - 2)));
    byte[] padded = with(whole, 0xfe, new byte[60_000]);
    for (int i = 0; i < 8; i++) {
      padded = with(padded, 0xfe, new byte[60_000]);
    }
    assertEquals(
        "expected an image of at most 2^26 pixels, found 9000x8000",
        refusal(sized(padded, 9000, 8000)));
    assertEquals(
        "expected at most 16 scans of 8000x8000 pixels, found 40",
        refusal(sized(scans(padded, 40 - usual), 8000, 8000)));
    assertEquals(
        "expected an image of at least one pixel, found 0x16", refusal(sized(whole, 0, 16)));
  }

  private static byte[] sized(byte[] jpeg, int width, int height) {
    byte[] changed = jpeg.clone();
    int at = frame(jpeg);
    ByteBuffer.wrap(changed).putShort(at + 5, (short) height).putShort(at + 7, (short) width);
    return changed;
  }

  private static int frame(byte[] jpeg) {
    int at = 0;
    while (!(jpeg[at] == (byte) 0xff
        && (jpeg[at + 1] == (byte) 0xc0 || jpeg[at + 1] == (byte) 0xc2))) {
      at++;
    }
    return at;
  }

  @Test
  void kindsOfJpegThatAreNotReadAreNamed() throws IOException {
    byte[] other = flat(false, 77);
    int at = frame(other);
    other[at + 1] = (byte) 0xc3;
    assertEquals(
        "expected a baseline or progressive JPEG of 8 bits, found a lossless one", refusal(other));
    other[at + 1] = (byte) 0xc9;
    assertEquals(
        "expected a baseline or progressive JPEG of 8 bits, found an arithmetically coded one",
        refusal(other));
    other[at + 1] = (byte) 0xc1;
    other[at + 4] = 12;
    assertEquals(
        "expected a baseline or progressive JPEG of 8 bits, found one of 12 bits", refusal(other));
  }

  @Test
  void everyReasonIsSaid() throws IOException {
    byte[] whole = png(1, 1, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}); // nothing that unpacks
    assertEquals("can't be read: the image is damaged", refusal(whole));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void onlyFilesAreOpened() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    for (Path path : new Path[] {pipe, Path.of("/dev/zero")}) {
      assertEquals(
          path + ": expected a file, found a pipe, socket or device",
          assertThrows(InputException.class, () -> ImageDecoder.open(path)).getMessage());
    }
    assertEquals(
        folder + ": expected a file, found a folder",
        assertThrows(InputException.class, () -> ImageDecoder.open(folder)).getMessage());
    Path loop = Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
    String message = assertThrows(InputException.class, () -> ImageDecoder.open(loop)).getMessage();
    assertTrue(message.startsWith(loop + ": can't be read: ") && message.length() > 30, message);
  }

  @Test
  void aThinImageIsResizedWithoutTheRowsThatDontCount() throws IOException {
    BufferedImage thin = new BufferedImage(1, 60_000, BufferedImage.TYPE_BYTE_GRAY);
    thin.getRaster().setSample(0, 30_000, 0, 200);
    Path file = folder.resolve("thin.png");
    assertTrue(ImageIO.write(thin, "png", file.toFile()));
    byte[] pixels = ImageFile.read(file, Shape.of(3, 1000, 1000)).bytes();
    assertEquals(3_000_000, pixels.length);
    assertEquals(100, pixels[500 * 1000] & 0xff, 1); // half of row 29,999, half of 30,000
  }
}
