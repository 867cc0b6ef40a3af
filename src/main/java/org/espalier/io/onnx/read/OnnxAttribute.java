package org.espalier.io.onnx.read;

import it.unimi.dsi.fastutil.floats.FloatArrayList;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;

/**
 * An attribute of a node. Its value is read from the file when it is asked for; but tensors are
 * there already.
 *
 * @param name its name
 * @param kind what it holds
 * @param reference the attribute of the function around that it stands for, or empty
 * @param tensor its value if it is a tensor
 * @param value where its message lies
 */
record OnnxAttribute(
    String name, AttributeKind kind, String reference, @Nullable OnnxTensor tensor, Span value) {
  /** Numbers or texts that a list may have. */
  private static final int MOST_VALUES = 1 << 20;

  /**
   * A message.
   *
   * @param source the file
   * @param from its first byte
   * @param to the byte behind it
   */
  record Span(Source source, int from, int to) {}

  /** Reads {@code AttributeProto}. */
  static OnnxAttribute parse(WireReader in) {
    Span value = new Span(in.source(), in.at(), in.end());
    in.source().count(1);
    String name = "";
    String reference = "";
    AttributeKind stated = AttributeKind.UNDEFINED;
    AttributeKind held = AttributeKind.UNDEFINED;
    OnnxTensor tensor = null;
    for (int number = in.next(); number != 0; number = in.next()) {
      AttributeKind here = AttributeKind.inField(number);
      if (here != AttributeKind.UNDEFINED && held != AttributeKind.UNDEFINED && here != held) {
        throw InputException.expected(place(in, name), "one value", held + " and " + here);
      }
      held = here == AttributeKind.UNDEFINED ? held : here;
      switch (number) {
        case 1 -> name = in.text();
        case 5 -> tensor = TensorParser.parse(in.message(place(in, name)));
        case 20 -> stated = kind(in);
        case 21 -> reference = in.text();
        case 22 -> tensor = TensorParser.parseSparse(in.message(place(in, name)));
        default -> in.skip();
      }
    }
    if (stated != AttributeKind.UNDEFINED && held != AttributeKind.UNDEFINED && stated != held) {
      throw InputException.expected(place(in, name), "a value of type " + stated, held);
    }
    AttributeKind kind = held == AttributeKind.UNDEFINED ? stated : held;
    return new OnnxAttribute(name, kind, reference, tensor, value);
  }

  private static AttributeKind kind(WireReader in) {
    int code = in.int32();
    if (code < 0 || code >= AttributeKind.count()) {
      throw InputException.expected(
          in.where(), "a type from 0 to " + (AttributeKind.count() - 1), code);
    }
    return AttributeKind.of(code);
  }

  private static Place place(WireReader in, String name) {
    return new Place(in.where(), "attribute " + name);
  }

  /** Returns the same value under another name. */
  OnnxAttribute named(String other) {
    return new OnnxAttribute(other, kind, "", tensor, value);
  }

  private WireReader reader(Place where, AttributeKind expected) {
    require(where, expected);
    if ((expected == AttributeKind.STRING || expected == AttributeKind.STRINGS)
        && value.to - value.from > Source.MOST_TEXT) {
      throw InputException.expected(
          where, "at most " + Source.MOST_TEXT + " bytes of texts", value.to - value.from);
    }
    return new WireReader(value.source, value.from, value.to, where);
  }

  private void require(Place where, AttributeKind expected) {
    if (kind != expected) {
      throw InputException.expected(
          where, expected.name(), kind == AttributeKind.UNDEFINED ? "no value" : kind);
    }
  }

  /** Returns a whole number; of several the last holds, and 0 need not be written. */
  long integer(Place where) {
    WireReader in = reader(where, AttributeKind.INT);
    long last = 0;
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number == AttributeKind.INT.field()) {
        last = in.integer();
      } else {
        in.skip();
      }
    }
    return last;
  }

  /** Returns a number. */
  float real(Place where) {
    WireReader in = reader(where, AttributeKind.FLOAT);
    float last = 0;
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number == AttributeKind.FLOAT.field()) {
        last = in.real();
      } else {
        in.skip();
      }
    }
    return last;
  }

  /** Returns a text. */
  String text(Place where) {
    WireReader in = reader(where, AttributeKind.STRING);
    String last = "";
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number == AttributeKind.STRING.field()) {
        last = in.string();
      } else {
        in.skip();
      }
    }
    return last;
  }

  /** Returns texts. */
  List<String> texts(Place where) {
    WireReader in = reader(where, AttributeKind.STRINGS);
    List<String> texts = new ArrayList<>();
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number != AttributeKind.STRINGS.field()) {
        in.skip();
      } else if (texts.size() == MOST_VALUES) {
        throw InputException.expected(where, "at most " + MOST_VALUES + " texts", "more");
      } else {
        texts.add(in.string());
      }
    }
    return texts;
  }

  /** Returns whole numbers. */
  long[] integers(Place where) {
    WireReader in = reader(where, AttributeKind.INTS);
    LongArrayList all = new LongArrayList();
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number == AttributeKind.INTS.field()) {
        in.integers(all, MOST_VALUES);
      } else {
        in.skip();
      }
    }
    return all.toLongArray();
  }

  /** Returns numbers. */
  float[] reals(Place where) {
    WireReader in = reader(where, AttributeKind.FLOATS);
    FloatArrayList all = new FloatArrayList();
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number == AttributeKind.FLOATS.field()) {
        in.reals(all, MOST_VALUES);
      } else {
        in.skip();
      }
    }
    return all.toFloatArray();
  }

  /** Returns a tensor, whether all of its elements are listed or not. */
  OnnxTensor tensor(Place where) {
    if (tensor == null) {
      require(where, AttributeKind.TENSOR);
      throw InputException.expected(where, "a tensor", "none");
    }
    return tensor;
  }
}
