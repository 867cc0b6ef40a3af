package org.espalier.data.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** Builds PNG files chunk by chunk. */
final class PngChunks {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  PngChunks() throws IOException {
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
  }

  PngChunks add(String type, byte... content) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(12 + content.length).putInt(content.length);
    chunk.put(type.getBytes(StandardCharsets.US_ASCII)).put(content);
    CRC32 sum = new CRC32();
    sum.update(chunk.array(), 4, 4 + content.length);
    out.write(chunk.putInt((int) sum.getValue()).array());
    return this;
  }

  static byte[] deflate(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(packed)) {
      deflate.write(content);
    }
    return packed.toByteArray();
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
