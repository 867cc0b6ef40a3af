package org.espalier.cli.option;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.espalier.infer.WeightFormat;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a format. */
public final class WeightFormatName implements ITypeConverter<WeightFormat> {
  @Override
  public WeightFormat convert(String value) {
    return WeightFormat.named(value)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of " + all() + ", found '" + value + "'"));
  }

  /** Returns all names, between commas. */
  public static String all() {
    return Arrays.stream(WeightFormat.values())
        .map(WeightFormat::toString)
        .collect(Collectors.joining(", "));
  }
}
