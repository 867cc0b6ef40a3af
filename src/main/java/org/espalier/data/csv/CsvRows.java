package org.espalier.data.csv;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.FormatSchema;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.csv.CsvFactory;
import tools.jackson.dataformat.csv.CsvReadFeature;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * The rows of a CSV file (RFC 4180: quotes doubled inside quotes), cut by any {@link Separator}, in
 * any text that a {@link TextFile} reads, lines ended in either way. Empty lines are skipped,
 * spaces around cells cut off.
 */
final class CsvRows implements AutoCloseable {
  /** Characters from which the separator is told. */
  private static final int SAMPLE = 1 << 16;

  private static final CsvFactory FACTORY =
      CsvFactory.builder()
          .enable(CsvReadFeature.SKIP_EMPTY_LINES)
          .enable(CsvReadFeature.TRIM_SPACES)
          .build();

  private final String file;
  private final JsonParser parser;
  private final Separator separator;
  private int line;

  private CsvRows(String file, Reader text, Separator separator) {
    this.file = file;
    this.separator = separator;
    this.parser =
        FACTORY.createParser(
            new Cut(separator), separator == Separator.BLANKS ? new BlankRuns(text) : text);
  }

  /** Tells the parser what cuts the cells. */
  private static final class Cut extends ObjectReadContext.Base {
    private final CsvSchema schema;

    Cut(Separator separator) {
      schema = CsvSchema.emptySchema().withColumnSeparator(separator.character());
    }

    @Override
    public FormatSchema getSchema() {
      return schema;
    }
  }

  /**
   * Opens a file.
   *
   * @param separator what cuts the cells, or null to tell it by the beginning of the file
   * @param notes receives a line if it isn't in Unicode
   * @throws InputException if it can't be read
   */
  static CsvRows open(Path file, @Nullable Separator separator, Consumer<String> notes) {
    try {
      Reader text = new TextFile(file, notes).read();
      try {
        return new CsvRows(file.toString(), text, separator == null ? detect(text) : separator);
      } catch (IOException | JacksonException e) {
        text.close();
        throw e;
      }
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    } catch (JacksonException e) {
      throw damaged(file.toString(), e);
    }
  }

  private static Separator detect(Reader text) throws IOException {
    text.mark(SAMPLE);
    char[] sample = new char[SAMPLE];
    int n = 0;
    for (int read = 0; read >= 0 && n < SAMPLE; n += Math.max(read, 0)) {
      read = text.read(sample, n, SAMPLE - n);
    }
    text.reset();
    return Separator.detect(new String(sample, 0, n), n < SAMPLE);
  }

  /**
   * Returns the first rows of a text, as far as they can be read.
   *
   * @param whole whether the text is complete; else its last row doesn't count
   */
  static List<List<String>> beginning(String text, Separator separator, int most, boolean whole) {
    List<List<String>> found = new ArrayList<>();
    try (CsvRows rows = new CsvRows("", new StringReader(text), separator)) {
      List<String> row = rows.next();
      for (; row != null && found.size() < most; row = rows.next()) {
        found.add(row);
      }
      if (row == null && !whole && found.size() > 1) {
        found.removeLast();
      }
    } catch (InputException e) {
      // A quote that isn't closed within the beginning: the rows before it tell enough.
      return found;
    }
    return found;
  }

  /** Returns whether a row with such a first cell may be a remark. */
  static boolean isComment(String cell) {
    return cell.startsWith("#") || cell.startsWith("%");
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

  private static InputException damaged(String file, JacksonException e) {
    if (e.getCause() instanceof IOException io) {
      return unreadable(file, io);
    }
    int at = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    return new InputException(
        file + (at > 0 ? ", line " + at : "") + ": no valid CSV: " + e.getOriginalMessage(), e);
  }

  private static InputException unreadable(String file, IOException e) {
    return e instanceof CharacterCodingException
        ? TextFile.noText(Path.of(file), "other bytes")
        : InputException.reading(Path.of(file), e);
  }

  /** Returns the line on which the last row began, counted from 1. */
  int line() {
    return line;
  }

  /** Returns what cuts the cells. */
  Separator separator() {
    return separator;
  }

  @Override
  public void close() {
    parser.close();
  }
}
