package org.espalier.io.onnx;

import java.util.List;

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

  /** Real numbers. */
  record Reals(String name, List<Float> values) implements Attribute {}

  /** A text. */
  record Text(String name, String value) implements Attribute {}

  /** Returns the message {@code AttributeProto}. */
  default Message message() {
    Message message = new Message().text(1, name());
    switch (this) {
      case Whole(_, long value) -> message.integer(3, value).integer(20, 2);
      case Real(_, float value) -> message.real(2, value).integer(20, 1);
      case Reals(_, List<Float> values) -> {
        values.forEach(value -> message.real(7, value));
        message.integer(20, 6);
      }
      case Text(_, String value) -> message.text(4, value).integer(20, 3);
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
