package org.espalier.cli.option;

import java.util.Arrays;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Shape;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the extents of an example. */
public final class Extents implements ITypeConverter<Shape> {
  private static final String FORM = "[1-9]\\d{0,3}(x[1-9]\\d{0,3}){0,2}";

  @Override
  public Shape convert(String value) {
    if (value.matches(FORM)) {
      int[] extents = Arrays.stream(value.split("x")).mapToInt(Integer::parseInt).toArray();
      if (Footprint.product(Arrays.stream(extents).asLongStream().toArray()) <= Integer.MAX_VALUE) {
        return Shape.of(extents);
      }
    }
    throw new TypeConversionException(
        "expected one to three extents as in 3x32x32, together at most 2^31-1 values, found '"
            + value
            + "'");
  }
}
