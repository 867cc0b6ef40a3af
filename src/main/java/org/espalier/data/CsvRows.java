package org.espalier.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 * UTF-8 with or without a mark or in UTF-16 with one, lines ended in either way. Empty lines are
 * skipped, spaces around cells cut off.
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
   * @throws InputException if it can't be read
   */
  static CsvRows open(Path file, @Nullable Separator separator) {
    try {
      Reader text = text(file);
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

  private static Reader text(Path file) throws IOException {
    InputStream bytes = Files.newInputStream(file);
    byte[] mark = bytes.readNBytes(2);
    bytes.close();
    boolean wide =
        mark.length == 2
            && ((mark[0] == (byte) 0xff && mark[1] == (byte) 0xfe)
                || (mark[0] == (byte) 0xfe && mark[1] == (byte) 0xff));
    Charset charset = wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    Reader text =
        new BufferedReader(
            new InputStreamReader(
                Files.newInputStream(file),
                charset
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)),
            SAMPLE);
    text.mark(1);
    if (text.read() != '\uFEFF') {
      text.reset();
    }
    return text;
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
        ? InputException.expected(file, "text in UTF-8, or in UTF-16 with a mark", "other bytes")
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
