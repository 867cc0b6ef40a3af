package org.espalier.io;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.espalier.InputException;

/** Makes safetensors files that say what they like. */
final class Forgery {
  /** Stands where the digest belongs that {@link #withFittingDigest} puts in. */
  static final String NO_DIGEST = "0".repeat(64);

  private Forgery() {}

  /** Returns where the tensors begin. */
  static int headerEnd(byte[] file) {
    return 8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** Returns a file of a header and the tensors' bytes. */
  static byte[] file(String header, byte[] data) {
    byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + utf8.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(utf8.length)
        .put(utf8)
        .put(data)
        .array();
  }

  /** Returns the file with the digest of its content, if it can be read so far. */
  static byte[] withFittingDigest(byte[] file) throws IOException {
    try {
      Safetensors read =
          Safetensors.readUnchecked("f", file.length, new ByteArrayInputStream(file));
      String stated = read.metadata().getOrDefault(Safetensors.DIGEST, "none");
      String right = Safetensors.digest(read.metadata(), read.tensors());
      int end = headerEnd(file);
      String header = new String(file, 8, end - 8, StandardCharsets.UTF_8);
      return file(header.replace(stated, right), Arrays.copyOfRange(file, end, file.length));
    } catch (InputException e) {
      return file;
    }
  }
}
