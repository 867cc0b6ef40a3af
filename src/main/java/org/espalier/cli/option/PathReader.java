package org.espalier.cli.option;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.espalier.InputException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a file or folder. */
public final class PathReader implements ITypeConverter<Path> {
  @Override
  public Path convert(String value) {
    if (value.isEmpty()) {
      throw new TypeConversionException("expected the name of a file or folder, found ''");
    }
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(String.valueOf(InputException.of(e).getMessage()));
    }
  }
}
