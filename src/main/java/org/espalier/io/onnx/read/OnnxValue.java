package org.espalier.io.onnx.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.espalier.InputException;

/**
 * What a file says of a value: an input, an output or one in between.
 *
 * @param name its name
 * @param type the type of its elements; {@link ElementType#UNDEFINED} if that isn't said or it is
 *     no tensor
 * @param shape its extents, if they are said
 */
public record OnnxValue(String name, ElementType type, Optional<List<Extent>> shape) {
  /** Copies the list. */
  public OnnxValue {
    shape = shape.map(List::copyOf);
  }

  /** An extent. */
  public sealed interface Extent {
    /** A number, not negative. */
    record Fixed(long size) implements Extent {}

    /** The same wherever the name stands. */
    record Symbol(String name) implements Extent {}

    /** Any. Files write it as nothing, as an empty name or as a negative number. */
    record Unknown() implements Extent {}
  }

  /** Reads {@code ValueInfoProto}. */
  static OnnxValue parse(WireReader in) {
    in.source().count(1);
    OnnxValue value = new OnnxValue("", ElementType.UNDEFINED, Optional.empty());
    String name = "";
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> name = in.text();
        case 2 -> value = type(in.message(new Place(in.where(), "type")));
        default -> in.skip();
      }
    }
    if (name.isEmpty()) {
      throw InputException.expected(in.where(), "a name", "none");
    }
    return new OnnxValue(name, value.type, value.shape);
  }

  /** Reads {@code TypeProto}. */
  private static OnnxValue type(WireReader in) {
    OnnxValue value = new OnnxValue("", ElementType.UNDEFINED, Optional.empty());
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number == 1) {
        value = tensor(in.message(in.where()));
      } else {
        in.skip();
      }
    }
    return value;
  }

  private static OnnxValue tensor(WireReader in) {
    ElementType type = ElementType.UNDEFINED;
    Optional<List<Extent>> shape = Optional.empty();
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> type = TensorParser.type(in);
        case 2 -> shape = Optional.of(extents(in.message(in.where())));
        default -> in.skip();
      }
    }
    return new OnnxValue("", type, shape);
  }

  private static List<Extent> extents(WireReader in) {
    List<Extent> extents = new ArrayList<>();
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number != 1) {
        in.skip();
      } else if (extents.size() < TensorParser.MOST_DIMS) {
        in.source().count(1);
        extents.add(extent(in.message(in.where())));
      } else {
        throw InputException.expected(
            in.where(), "at most " + TensorParser.MOST_DIMS + " dimensions", "more");
      }
    }
    return extents;
  }

  private static Extent extent(WireReader in) {
    Extent extent = new Extent.Unknown();
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> {
          long size = in.integer();
          extent = size < 0 ? new Extent.Unknown() : new Extent.Fixed(size);
        }
        case 2 -> {
          String name = in.text();
          extent = name.isEmpty() ? new Extent.Unknown() : new Extent.Symbol(name);
        }
        default -> in.skip();
      }
    }
    return extent;
  }
}
