package org.espalier.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.csv.CsvFactory;
import tools.jackson.dataformat.csv.CsvReadFeature;

/**
 * The rows of a CSV file (RFC 4180: commas, quotes doubled inside quotes), in UTF-8 with or without
 * a mark, lines ended in either way. Empty lines are skipped, spaces around cells cut off.
 */
final class CsvRows implements AutoCloseable {
  private static final CsvFactory FACTORY =
      CsvFactory.builder()
          .enable(CsvReadFeature.SKIP_EMPTY_LINES)
          .enable(CsvReadFeature.TRIM_SPACES)
          .build();

  private final Path file;
  private final JsonParser parser;
  private int line;

  private CsvRows(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /** Opens a file. */
  static CsvRows open(Path file) {
    try {
      InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
      return new CsvRows(file, FACTORY.createParser(ObjectReadContext.empty(), in));
    } catch (IOException e) {
      throw InputException.reading(file, e);
    } catch (JacksonException e) {
      throw damaged(file, e);
    }
  }

  /** Returns the cells of the next row, or null behind the last. */
  @Nullable List<String> next() {
    try {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        return null;
      }
      List<String> cells = new ArrayList<>();
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        if (cells.isEmpty()) {
          line = parser.currentTokenLocation().getLineNr();
        }
        cells.add(parser.getString());
      }
      return cells;
    } catch (JacksonException e) {
      throw damaged(file, e);
    }
  }

  private static InputException damaged(Path file, JacksonException e) {
    if (e.getCause() instanceof IOException io) {
      return InputException.reading(file, io);
    }
    int at = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    return new InputException(
        file + (at > 0 ? ", line " + at : "") + ": no valid CSV: " + e.getOriginalMessage(), e);
  }

  /** Returns the line on which the last row began, counted from 1. */
  int line() {
    return line;
  }

  @Override
  public void close() {
    parser.close();
  }
}
