package org.espalier.io.onnx.read;

/**
 * What an attribute holds, in the order of the numbers in {@code AttributeProto.AttributeType}.
 * Subgraphs and types are not looked into.
 */
public enum AttributeKind {
  UNDEFINED(0),
  FLOAT(2),
  INT(3),
  STRING(4),
  TENSOR(5),
  GRAPH(6),
  FLOATS(7),
  INTS(8),
  STRINGS(9),
  TENSORS(10),
  GRAPHS(11),
  SPARSE_TENSOR(22),
  SPARSE_TENSORS(23),
  TYPE_PROTO(14),
  TYPE_PROTOS(15);

  private static final AttributeKind[] BY_CODE = values();

  private final int field;

  AttributeKind(int field) {
    this.field = field;
  }

  /** Returns the field of {@code AttributeProto} that holds the value. */
  int field() {
    return field;
  }

  /** Returns how many kinds there are: their numbers are below that. */
  static int count() {
    return BY_CODE.length;
  }

  /** Returns the kind of a number below {@link #count}. */
  static AttributeKind of(int code) {
    return BY_CODE[code];
  }

  /** Returns the kind whose value is in a field, or {@link #UNDEFINED}. */
  static AttributeKind inField(int field) {
    for (AttributeKind kind : BY_CODE) {
      if (kind.field == field) {
        return kind;
      }
    }
    return UNDEFINED;
  }
}
