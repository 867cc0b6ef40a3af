package org.espalier.cli.option;

import java.util.Arrays;
import java.util.List;
import org.espalier.prune.Criterion;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads by what weights are ranked. */
public final class CriterionName implements ITypeConverter<Criterion> {
  @Override
  public Criterion convert(String value) {
    return Arrays.stream(Criterion.values())
        .filter(criterion -> criterion.toString().equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of " + List.of(Criterion.values()) + ", found '" + value + "'"));
  }
}
