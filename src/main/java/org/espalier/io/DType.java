package org.espalier.io;

/** The element types of safetensors that this project writes; the names are the format's. */
enum DType {
  F32(4),
  I32(4),
  U16(2),
  U8(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the size of an element. */
  int bytes() {
    return bytes;
  }

  /** Returns the narrowest type of whole numbers that holds 0 to {@code max}. */
  static DType holding(int max) {
    return max <= 0xff ? U8 : max <= 0xffff ? U16 : I32;
  }
}
