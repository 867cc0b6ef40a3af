package org.espalier.cli.option;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number of images or classes: at least 1, at most a million. */
public final class Count implements ITypeConverter<Integer> {
  private static final int MOST = 1_000_000;

  @Override
  public Integer convert(String value) {
    try {
      int n = Integer.parseInt(value);
      if (n >= 1 && n <= MOST) {
        return n;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new TypeConversionException(
        "expected a whole number from 1 to " + MOST + ", found '" + value + "'");
  }
}
