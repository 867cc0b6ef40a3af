package org.espalier.cli.option;

import java.math.BigDecimal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a percentage as the decimal that the user wrote: 29 % of 100 is 29, never 28.999. */
public final class Percent implements ITypeConverter<BigDecimal> {
  /** Longer is a mistake, and exponents would let a few characters stand for a huge number. */
  private static final String DECIMAL = "\\d{1,3}(\\.\\d{1,9})?";

  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  @Override
  public BigDecimal convert(String value) {
    if (value.matches(DECIMAL) && new BigDecimal(value).compareTo(HUNDRED) <= 0) {
      return new BigDecimal(value);
    }
    throw new TypeConversionException("expected a percentage from 0 to 100, found '" + value + "'");
  }
}
