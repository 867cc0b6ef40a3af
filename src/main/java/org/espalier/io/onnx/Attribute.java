package org.espalier.io.onnx;

/** An attribute of an ONNX node. */
sealed interface Attribute {
  /** Returns its name. */
  String name();

  /** A whole number. */
  record Whole(String name, long value) implements Attribute {}

  /** A real number. */
  record Real(String name, float value) implements Attribute {}

  /** Whole numbers. */
  @SuppressWarnings("ArrayRecordComponent") // written at once
  record Wholes(String name, long... values) implements Attribute {}

  /** Returns the message {@code AttributeProto}. */
  default Message message() {
    Message message = new Message().text(1, name());
    switch (this) {
      case Whole(_, long value) -> message.integer(3, value).integer(20, 2);
      case Real(_, float value) -> message.real(2, value).integer(20, 1);
      case Wholes(_, long[] values) -> {
        for (long value : values) {
          message.integer(8, value);
        }
        message.integer(20, 7);
      }
    }
    return message;
  }
}
