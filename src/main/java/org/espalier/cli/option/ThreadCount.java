package org.espalier.cli.option;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number of threads: at least 1, at most a thousand or so, more than machines have. */
public final class ThreadCount implements ITypeConverter<Integer> {
  public static final int MOST = 1024;

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
