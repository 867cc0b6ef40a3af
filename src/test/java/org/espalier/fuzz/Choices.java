package org.espalier.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Decisions steered by bytes. A fuzz target builds a file that is right in all but what these
 * decide, so that a fuzzer, which changes the bytes, reaches what lies behind checksums, lengths
 * and digests. Behind the last byte all bytes are 0, and 0 decides for the plain thing.
 */
public final class Choices {
  /** Numbers at which sizes overflow, tables end and signs change. */
  private static final long[] EDGES = {
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    9,
    15,
    16,
    17,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    129,
    255,
    256,
    257,
    1000,
    4095,
    4096,
    16_384,
    20_000,
    32_767,
    32_768,
    40_000,
    46_340,
    46_341,
    65_535,
    65_536,
    65_537,
    1 << 20,
    1 << 24,
    1 << 26,
    1 << 30,
    (1 << 30) + 1,
    Integer.MAX_VALUE - 15,
    Integer.MAX_VALUE - 8,
    Integer.MAX_VALUE - 1,
    Integer.MAX_VALUE,
    1L << 31,
    (1L << 32) - 1,
    1L << 32,
    (1L << 32) + 1,
    1L << 33,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -2,
    -128,
    Integer.MIN_VALUE
  };

  private final byte[] bytes;
  private int at;

  /** Makes decisions of bytes. */
  public Choices(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Returns whether all bytes are used up. */
  public boolean isEmpty() {
    return at >= bytes.length;
  }

  /** Returns the next byte, 0 to 255. */
  public int next() {
    return isEmpty() ? 0 : bytes[at++] & 0xff;
  }

  /** Returns a number from 0 to {@code bound} − 1. */
  public int below(int bound) {
    int value = next();
    if (bound > 256) {
      value = value << 8 | next();
    }
    return value % bound;
  }

  /** Decides for what happens once in {@code n} times. */
  public boolean oneIn(int n) {
    return next() % n == n - 1;
  }

  /** Returns one of some things, the first by default. */
  @SafeVarargs
  public final <T> T oneOf(T... things) {
    return things[below(things.length)];
  }

  /** Returns one of some things, the first by default. */
  public <T> T oneOf(List<T> things) {
    return things.get(below(things.size()));
  }

  /** Returns a number at some edge, one near it, or any. */
  public long edge() {
    int kind = next();
    if (kind < 160) {
      return EDGES[next() % EDGES.length];
    }
    if (kind < 208) {
      return EDGES[next() % EDGES.length] + next() - 128;
    }
    return kind < 240 ? next() : any();
  }

  /** Returns any number. */
  public long any() {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = value << 8 | next();
    }
    return value;
  }

  /** Returns the number that is right, but once in {@code n} times some edge. */
  public long mostly(long right, int n) {
    return oneIn(n) ? edge() : right;
  }

  /** Returns so many of the next bytes. */
  public byte[] bytes(int count) {
    byte[] taken = new byte[count];
    int there = Math.clamp(bytes.length - at, 0, count);
    System.arraycopy(bytes, Math.min(at, bytes.length), taken, 0, there);
    at += there;
    return taken;
  }

  /** Returns up to {@code most} of the next bytes as text, whatever they are. */
  public String text(int most) {
    return new String(bytes(below(most + 1)), StandardCharsets.UTF_8);
  }

  /** Returns all bytes that are left. */
  public byte[] rest() {
    byte[] taken = Arrays.copyOfRange(bytes, Math.min(at, bytes.length), bytes.length);
    at = bytes.length;
    return taken;
  }
}
