package org.espalier.data.image;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.espalier.io.CacheDirectory;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of one image each, and the cache of those that were decoded. */
class ImageFuzzTest {
  /**
   * An image may claim many pixels in a file of a few bytes: twice the 256 MiB that one may take.
   */
  private static final long MOST_MEMORY = 512 << 20;

  private static final Shape GREY = Shape.of(1, 4, 4);
  private static final Shape COLOURS = Shape.of(3, 4, 4);

  @TempDir static Path folder;

  static Stream<Arguments> files() {
    return Seeds.of(
        png(4, 4, 8, 2, 0, new byte[52]),
        png(4, 4, 8, 6, 0, new byte[68]),
        png(4, 4, 16, 0, 0, new byte[36]),
        png(8192, 8192, 8, 2, 0, new byte[100]),
        png(Integer.MAX_VALUE, Integer.MAX_VALUE, 8, 2, 0, new byte[1]),
        png(65535, 1000, 1, 3, 0, new byte[1]),
        encoded("jpg"),
        encoded("bmp"),
        encoded("gif"),
        encoded("tif"),
        gif(65535, 1000),
        progressive(100),
        "II*\0\u0008\0\0\0");
  }

  @MethodSource("files")
  @FuzzTest
  void anyBytes(byte[] file) throws Exception {
    read(file);
  }

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  /** PNG whose checksums are right and whose rows fit, but for what the bytes decide. */
  @MethodSource("choices")
  @FuzzTest
  void pngs(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    int colours = choose.oneOf(2, 0, 3, 4, 6, 1);
    int depth = choose.oneIn(3) ? choose.oneOf(1, 2, 4, 16, 0, 32) : 8;
    int width = (int) choose.mostly(4, 6);
    int height = (int) choose.mostly(4, 6);
    int rows = choose.oneIn(4) ? choose.below(300) : 4 * (1 + 4 * 3);
    read(png(width, height, depth, colours, choose.below(2), choose.bytes(rows)));
  }

  /** JPEG and others, as an encoder writes them, with a few bytes changed. */
  @MethodSource("choices")
  @FuzzTest
  void changedFiles(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    byte[] file = choose.oneOf(JPEG, BMP, PROGRESSIVE, GIF).clone();
    for (int n = choose.below(6); n > 0; n--) {
      file[choose.below(file.length)] = (byte) choose.next();
    }
    read(file);
  }

  private static final byte[] JPEG = encoded("jpg");
  private static final byte[] BMP = encoded("bmp");
  private static final byte[] GIF = encoded("gif");
  private static final byte[] PROGRESSIVE = progressive(4);

  /**
   * A cache whose key and digest are right, but for what the bytes decide, counts or is nothing.
   */
  @MethodSource("choices")
  @FuzzTest
  void caches(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    Path image = folder.resolve("train/a/x.png");
    if (!Files.exists(image)) {
      Files.createDirectories(image.getParent());
      Files.write(image, png(2, 2, 8, 2, 0, new byte[14]));
    }
    Path part = folder.resolve("train");
    ImageCache cache =
        ImageCache.of(
            CacheDirectory.of(folder.resolve("cache")),
            part,
            new ImagePart("train", List.of("a"), List.of(image), List.of(0)),
            null);
    cache.write(
        new ImageCache.Content(
            Shape.of(3, 2, 2), new byte[12], new int[] {0}, List.of("a message")),
        warning -> fail(warning));
    Path file = cacheFile();
    byte[] content = Files.readAllBytes(file);
    for (int n = choose.below(5); n > 0; n--) {
      int at = choose.below(content.length);
      if (choose.oneIn(2)) {
        int behind = content.length - 17 - 4 * choose.below(6);
        ByteBuffer.wrap(content).putInt(Math.max(0, behind), (int) choose.edge());
      } else {
        content[at] = (byte) choose.next();
      }
    }
    Files.write(file, content);
    ParserLaw.holds(
        MOST_MEMORY,
        () -> {
          ImageCache.Content read = cache.read();
          assertTrue(
              read == null || read.pixels().length == read.shape().size() * read.labels().length);
        });
  }

  private static Path cacheFile() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(p -> p.toString().endsWith(".pixels")).findFirst().orElseThrow();
    }
  }

  @Test
  void manyImages() {
    Seeds.tryRandom(300, this::pngs);
    Seeds.tryRandom(300, this::changedFiles);
    Seeds.tryRandom(100, this::caches);
  }

  @Test
  void plainImagesAreTaken() throws Exception {
    assertTrue(read(png(4, 4, 8, 2, 0, new byte[52])));
    assertTrue(read(JPEG));
  }

  private static boolean read(byte[] content) throws Exception {
    Path file = Files.write(folder.resolve("image"), content);
    ParserLaw.holds(MOST_MEMORY, () -> ImageFile.read(file, GREY));
    return ParserLaw.holds(MOST_MEMORY, () -> ImageFile.read(file, COLOURS));
  }

  private static byte[] png(
      int width, int height, int depth, int colours, int interlaced, byte[] rows) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) depth).put((byte) colours).put((byte) 0).put((byte) 0);
    chunk(file, "IHDR", header.put((byte) interlaced).array());
    if (colours == 3) {
      chunk(file, "PLTE", new byte[] {0, 0, 0, 1, 2, 3});
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    chunk(file, "IDAT", packed.toByteArray());
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] content) {
    ByteBuffer named = ByteBuffer.allocate(4 + content.length);
    named.put(type.getBytes(StandardCharsets.US_ASCII)).put(content);
    CRC32 crc = new CRC32();
    crc.update(named.array());
    file.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    file.writeBytes(named.array());
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  private static byte[] encoded(String format) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try {
      BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
      image.setRGB(1, 2, 0x8040c0);
      assertTrue(ImageIO.write(image, format, file), format);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.toByteArray();
  }

  /** A GIF whose one frame is never drawn. */
  private static byte[] gif(int width, int height) {
    ByteBuffer file = ByteBuffer.allocate(35).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    file.put("GIF89a".getBytes(StandardCharsets.US_ASCII));
    file.putShort((short) width).putShort((short) height).put(new byte[] {(byte) 0x80, 0, 0});
    file.put(new byte[6]).put((byte) 0x2c).putInt(0);
    file.putShort((short) width).putShort((short) height).put((byte) 0);
    return file.put(new byte[] {2, 2, 0x44, 1, 0, 0x3b}).array();
  }

  /** A progressive JPEG of 1024x1024 with so many empty scans. */
  private static byte[] progressive(int scans) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(0xffd8ffdb);
      out.writeShort(67);
      out.write(new byte[65]);
      out.writeShort(0xffc2);
      out.writeShort(11);
      out.write(new byte[] {8, 4, 0, 4, 0, 1, 1, 0x11, 0});
      out.writeShort(0xffc4);
      out.writeShort(20);
      out.write(new byte[] {0, 1});
      out.write(new byte[16]);
      for (int i = 0; i < scans; i++) {
        out.writeShort(0xffda);
        out.writeShort(8);
        out.write(new byte[] {1, 1, 0, 0, 0, 0});
        out.write(0);
      }
      out.writeShort(0xffd9);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
