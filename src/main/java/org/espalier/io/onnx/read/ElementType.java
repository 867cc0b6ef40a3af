package org.espalier.io.onnx.read;

import java.util.Optional;

/**
 * Types of elements, in the order of their numbers in {@code TensorProto.DataType}. All are known
 * by name; those of which tensors give values are {@link #isReadable}.
 */
public enum ElementType {
  UNDEFINED(0, 0),
  FLOAT(32, ElementType.FLOATS),
  UINT8(8, ElementType.INT32S),
  INT8(8, ElementType.INT32S),
  UINT16(16, ElementType.INT32S),
  INT16(16, ElementType.INT32S),
  INT32(32, ElementType.INT32S),
  INT64(64, ElementType.INT64S),
  STRING(0, ElementType.STRINGS),
  BOOL(8, ElementType.INT32S),
  FLOAT16(16, ElementType.INT32S),
  DOUBLE(64, ElementType.DOUBLES),
  UINT32(32, ElementType.UINT64S),
  UINT64(64, ElementType.UINT64S),
  COMPLEX64(64, ElementType.FLOATS),
  COMPLEX128(128, ElementType.DOUBLES),
  BFLOAT16(16, ElementType.INT32S),
  FLOAT8E4M3FN(8, ElementType.INT32S),
  FLOAT8E4M3FNUZ(8, ElementType.INT32S),
  FLOAT8E5M2(8, ElementType.INT32S),
  FLOAT8E5M2FNUZ(8, ElementType.INT32S),
  UINT4(4, ElementType.INT32S),
  INT4(4, ElementType.INT32S),
  FLOAT4E2M1(4, ElementType.INT32S),
  FLOAT8E8M0(8, ElementType.INT32S),
  UINT2(2, ElementType.INT32S),
  INT2(2, ElementType.INT32S);

  /** The fields of {@code TensorProto} that hold elements one by one. */
  static final int FLOATS = 4;

  static final int INT32S = 5;
  static final int STRINGS = 6;
  static final int INT64S = 7;
  static final int DOUBLES = 10;
  static final int UINT64S = 11;

  private static final ElementType[] BY_CODE = values();

  private final int bits;
  private final int field;

  ElementType(int bits, int field) {
    this.bits = bits;
    this.field = field;
  }

  /** Returns how many types there are: their numbers are below that. */
  static int count() {
    return BY_CODE.length;
  }

  /** Returns the type of a number below {@link #count}. */
  static ElementType of(int code) {
    return BY_CODE[code];
  }

  /** Returns the type of a number as files have it, if there is one; 0 stands for none. */
  public static Optional<ElementType> ofCode(long code) {
    return code > 0 && code < BY_CODE.length ? Optional.of(BY_CODE[(int) code]) : Optional.empty();
  }

  /** Returns the bits of an element; 0 if it has no fixed size. */
  public int bits() {
    return bits;
  }

  /** Returns how many bytes so many elements take, those of 2 or 4 bits packed. */
  public long bytes(long elements) {
    return Math.ceilDiv(Math.multiplyExact(elements, (long) bits), (long) Byte.SIZE);
  }

  /** Returns the field that holds elements one by one. */
  int field() {
    return field;
  }

  /** Returns whether the elements are whole numbers, or 0 and 1 for {@link #BOOL}. */
  public boolean isWhole() {
    return switch (this) {
      case UINT8, INT8, UINT16, INT16, INT32, INT64, BOOL, UINT32, UINT64, UINT4, INT4 -> true;
      case UNDEFINED,
          FLOAT,
          STRING,
          FLOAT16,
          DOUBLE,
          COMPLEX64,
          COMPLEX128,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT4E2M1,
          FLOAT8E8M0,
          UINT2,
          INT2 ->
          false;
    };
  }

  /** Returns whether tensors give values of this type. */
  public boolean isReadable() {
    return isWhole() || this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
  }
}
