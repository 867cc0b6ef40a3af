package org.espalier.cli.option;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.espalier.sparsify.Granularity;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads what is ranked and pruned by its name, as recipes write it. */
public final class GranularityName implements ITypeConverter<Granularity> {
  @Override
  public Granularity convert(String value) {
    return Arrays.stream(Granularity.values())
        .filter(granularity -> granularity.toString().equals(value.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of "
                        + Arrays.stream(Granularity.values())
                            .map(Granularity::toString)
                            .collect(Collectors.joining(", "))
                        + ", found '"
                        + value
                        + "'"));
  }
}
