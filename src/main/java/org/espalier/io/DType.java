package org.espalier.io;

import org.jspecify.annotations.Nullable;

/** The element types of the safetensors format, by its names. */
public enum DType {
  BOOL(1),
  U8(1),
  I8(1),
  F8_E5M2(1),
  F8_E4M3(1),
  I16(2),
  U16(2),
  F16(2),
  BF16(2),
  I32(4),
  U32(4),
  F32(4),
  I64(8),
  U64(8),
  F64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns whether the elements are floating-point numbers, whose highest bit is a sign. */
  public boolean isFloat() {
    return switch (this) {
      case F8_E5M2, F8_E4M3, F16, BF16, F32, F64 -> true;
      case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 -> false;
    };
  }

  /** Returns the size of an element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns the type of that name, or null. */
  static @Nullable DType named(String name) {
    for (DType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /** Returns the narrowest type for indices from 0 to {@code largest}. */
  static DType forIndices(long largest) {
    return largest <= 0xff ? U8 : largest <= 0xffff ? U16 : I32;
  }
}
