package org.espalier.data.binary;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.espalier.InputException;
import org.espalier.data.ClassNames;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** IDX, plain and compressed, and the binary form of CIFAR, with the files of class names. */
class BinaryDataFuzzTest {
  private static final long MOST_MEMORY = 16 << 20;
  private static final int PIXELS = 3 * 32 * 32;

  @TempDir static Path folder;

  private interface Reader {
    void read(ByteArrayInputStream in) throws IOException;
  }

  static Stream<Arguments> files() {
    return Seeds.of(
        idx(0x803, new byte[12], 3, 2, 2),
        idx(0x803, new byte[0], Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
        idx(0x803, new byte[0], 65536, 65536, 1),
        idx(0x803, new byte[0], 1, 46341, 46341),
        idx(0x803, new byte[0], Integer.MAX_VALUE - 8, 1, 1),
        idx(0x801, new byte[0], Integer.MAX_VALUE),
        idx(0x801, new byte[] {1, 2, 3}, 3),
        gzip(idx(0x803, new byte[12], 3, 2, 2)),
        gzip(idx(0x803, new byte[8 << 20], 3, 2, 2)),
        gzip(new byte[8 << 20]));
  }

  @MethodSource("files")
  @FuzzTest
  void anyBytesAsIdx(byte[] file) throws Exception {
    idx(file);
  }

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  /** Extents that fit what follows them, but for what the bytes decide. */
  @MethodSource("choices")
  @FuzzTest
  void idxFiles(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    boolean images = choose.oneIn(2);
    int magic = (int) choose.mostly(images ? 0x803 : 0x801, 16);
    int[] dims = new int[images ? 3 : 1];
    long size = 1;
    for (int i = 0; i < dims.length; i++) {
      dims[i] = (int) choose.mostly(1 + choose.below(6), 6);
      size *= dims[i];
    }
    byte[] content = choose.bytes(Math.clamp(choose.mostly(size, 8), 0, 2000));
    byte[] file = idx(magic, content, dims);
    byte[] packed = choose.oneIn(3) ? gzip(file) : file;
    if (choose.oneIn(6)) {
      packed[choose.below(packed.length)] ^= (byte) choose.next();
    }
    idx(packed);
  }

  /** Folders of CIFAR whose files have whole records, but for what the bytes decide. */
  @MethodSource("choices")
  @FuzzTest
  void cifarFolders(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    CifarData format = choose.oneOf(CifarData.FORMATS);
    boolean ten = format == CifarData.FORMATS.getFirst();
    Path dir = Files.createDirectories(folder.resolve(ten ? "ten" : "hundred"));
    String[] names =
        ten
            ? new String[] {
              "data_batch_1.bin",
              "data_batch_2.bin",
              "data_batch_3.bin",
              "data_batch_4.bin",
              "data_batch_5.bin",
              "test_batch.bin"
            }
            : new String[] {"train.bin", "test.bin"};
    for (String name : names) {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      for (int n = 1 + choose.below(3); n > 0; n--) {
        file.writeBytes(choose.bytes(ten ? 1 : 2));
        file.writeBytes(choose.bytes(Math.clamp(choose.mostly(PIXELS, 32), 0, 4000)));
      }
      Files.write(dir.resolve(name), file.toByteArray());
    }
    Path classes = dir.resolve(ten ? "batches.meta.txt" : "fine_label_names.txt");
    Files.deleteIfExists(classes);
    if (choose.oneIn(2)) {
      byte[] few = choose.rest();
      Files.write(classes, choose.oneIn(2) ? few : "a\nb\nc\n".getBytes(StandardCharsets.UTF_8));
    }
    ParserLaw.holds(MOST_MEMORY, () -> format.read(dir));
  }

  @MethodSource("files")
  @FuzzTest
  void classNames(byte[] file) throws Exception {
    Path names = Files.write(folder.resolve("classes.txt"), file);
    ParserLaw.holds(
        MOST_MEMORY,
        () -> {
          for (String name : ClassNames.read(names)) {
            assertTrue(!name.isEmpty());
          }
        });
  }

  @Test
  void manyFiles() {
    Seeds.tryRandom(500, this::idxFiles);
    Seeds.tryRandom(100, this::cifarFolders);
  }

  private static void idx(byte[] file) throws Exception {
    law(file, in -> Idx.images("f", in, file.length));
    law(file, in -> Idx.labels("f", in, file.length));
  }

  /** What a stream throws is told with the file's name by whoever opened it. */
  private static void law(byte[] file, Reader reader) throws Exception {
    ParserLaw.holds(
        MOST_MEMORY,
        () -> {
          try {
            reader.read(new ByteArrayInputStream(file));
          } catch (IOException e) {
            throw InputException.reading(Path.of("f"), e);
          }
        });
  }

  private static byte[] idx(int magic, byte[] content, int... dims) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * dims.length + content.length).putInt(magic);
    for (int d : dims) {
      file.putInt(d);
    }
    return file.put(content).array();
  }

  private static byte[] gzip(byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
