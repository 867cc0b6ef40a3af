package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.io.onnx.read.OnnxValue;

/**
 * How an ONNX file is translated.
 *
 * @param shapes by the name of an input its extents, that of the batch included, in place of those
 *     in the file
 * @param fixedBatch whether the number of examples is fixed even if it could be free
 * @param exactQuantization whether activations are rounded as the file asks, or kept as they are
 */
@Internal
public record ImportOptions(
    Map<String, List<Long>> shapes, boolean fixedBatch, boolean exactQuantization) {
  /** Copies the map. */
  public ImportOptions {
    shapes = Map.copyOf(shapes);
  }

  /** Returns the options for files as they are. */
  public static ImportOptions defaults() {
    return new ImportOptions(Map.of(), false, false);
  }

  /** Returns the extents of an input. */
  List<OnnxValue.Extent> extents(String where, OnnxValue input) {
    List<Long> given = shapes.get(input.name());
    if (given == null) {
      Optional<List<OnnxValue.Extent>> said = input.shape();
      return said.orElseThrow(
          () ->
              InputException.expected(
                  where + ", input " + input.name(), "a shape (--shape gives one)", "none"));
    }
    List<OnnxValue.Extent> extents = new ArrayList<>();
    given.forEach(size -> extents.add(new OnnxValue.Extent.Fixed(size)));
    return extents;
  }

  /** Returns extents as people write them. */
  static String text(List<OnnxValue.Extent> extents) {
    List<String> parts = new ArrayList<>();
    for (OnnxValue.Extent extent : extents) {
      parts.add(
          switch (extent) {
            case OnnxValue.Extent.Fixed(long size) -> Long.toString(size);
            case OnnxValue.Extent.Symbol(String name) -> name;
            case OnnxValue.Extent.Unknown _ -> "?";
          });
    }
    return parts.toString();
  }
}
