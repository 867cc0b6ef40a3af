package org.espalier.data.binary;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.espalier.data.Dataset;
import org.espalier.data.Images;
import org.espalier.data.Split;

/**
 * Makes the embedded part of Fashion-MNIST out of the full set: of each class the first images, in
 * the order of the files. Run with the folder of the full set and the folder to write to:
 *
 * <pre>{@code
 * mvn test-compile
 * java -cp target/classes:target/test-classes org.espalier.data.binary.EmbeddedPart \
 *     /usr/share/datasets/fashion-mnist src/main/resources/org/espalier/data/binary/fashion-mnist
 * }</pre>
 */
public final class EmbeddedPart {
  static final int TRAINING_PER_CLASS = 1000;
  static final int TEST_PER_CLASS = 200;

  private EmbeddedPart() {}

  public static void main(String[] args) throws IOException {
    Split full = IdxData.read(Path.of(args[0]));
    Path folder = Files.createDirectories(Path.of(args[1]));
    write(folder, "train", firstOfEachClass(full.training(), TRAINING_PER_CLASS));
    write(folder, "t10k", firstOfEachClass(full.heldOut(), TEST_PER_CLASS));
  }

  static Dataset firstOfEachClass(Dataset data, int perClass) {
    int[] taken = new int[data.classes().size()];
    int size = data.examples().shape().size();
    ByteBuffer images = ByteBuffer.allocate(perClass * taken.length * size);
    int[] labels = new int[perClass * taken.length];
    int n = 0;
    for (int i = 0; i < data.size(); i++) {
      if (taken[data.label(i)]++ < perClass) {
        images.put(((Images) data.examples()).bytes(), i * size, size);
        labels[n++] = data.label(i);
      }
    }
    return new Dataset(
        data.name(), new Images(data.examples().shape(), images.array()), labels, data.classes());
  }

  private static void write(Path folder, String part, Dataset data) throws IOException {
    ByteBuffer images = ByteBuffer.allocate(16 + ((Images) data.examples()).bytes().length);
    images.putInt(0x803).putInt(data.size());
    images.putInt(data.examples().shape().dim(1)).putInt(data.examples().shape().dim(2));
    images.put(((Images) data.examples()).bytes());
    ByteBuffer labels = ByteBuffer.allocate(8 + data.size()).putInt(0x801).putInt(data.size());
    for (int i = 0; i < data.size(); i++) {
      labels.put((byte) data.label(i));
    }
    Files.write(folder.resolve(part + "-images-idx3-ubyte.gz"), gzip(images.array()));
    Files.write(folder.resolve(part + "-labels-idx1-ubyte.gz"), gzip(labels.array()));
  }

  /** Compresses, with a header that holds neither time nor name nor system. */
  public static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 2, (byte) 0xff});
    Deflater best = new Deflater(Deflater.BEST_COMPRESSION, true);
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, best)) {
      deflate.write(content);
    } finally {
      best.end();
    }
    CRC32 crc = new CRC32();
    crc.update(content);
    ByteBuffer trailer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.write(trailer.putInt((int) crc.getValue()).putInt(content.length).array());
    return out.toByteArray();
  }
}
