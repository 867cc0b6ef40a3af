package org.espalier.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.espalier.Internal;

/**
 * SHA-256 of a sequence of values. Numbers are added as 8 bytes, little-endian; strings and arrays
 * behind their length in bytes, so that two different sequences never hash the same bytes.
 */
@Internal
public final class Sha256 {
  private final MessageDigest digest;
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** Starts with nothing added. */
  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Adds a number. */
  public Sha256 add(long value) {
    digest.update(number.clear().putLong(value).flip());
    return this;
  }

  /** Adds a string as UTF-8. */
  public Sha256 add(String value) {
    return add(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds bytes. */
  public Sha256 add(byte[] value) {
    add(value.length);
    digest.update(value);
    return this;
  }

  /** Returns the digest as 64 hexadecimal digits and starts anew. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
