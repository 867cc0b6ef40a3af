package org.espalier.data.csv;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.data.Gunzip;
import org.espalier.io.RegularFile;

/**
 * A file of text, plain or compressed by gzip, which is told by its content. It is in UTF-16 if it
 * begins with a mark of that, else in UTF-8, or, if any of its bytes aren't, in Windows-1252, which
 * has ISO 8859-1 within it.
 */
final class TextFile {
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final Charset charset;

  /**
   * Looks at a file: its beginning, and all of it if it may be in UTF-8.
   *
   * @param notes receives a line if it isn't in Unicode
   * @throws InputException if it is no text
   * @throws IOException if it can't be read
   */
  TextFile(Path file, Consumer<String> notes) throws IOException {
    this.file = file;
    if (isMarkedUtf16()) {
      this.charset = StandardCharsets.UTF_16;
    } else if (isIn(StandardCharsets.UTF_8)) {
      this.charset = StandardCharsets.UTF_8;
    } else if (isIn(WINDOWS_1252)) {
      this.charset = WINDOWS_1252;
      notes.accept(file + ": not in UTF-8, so read as " + WINDOWS_1252 + " (Latin-1)");
    } else {
      throw noText(file, "other bytes");
    }
  }

  /** Returns the exception for a file whose bytes aren't text. */
  static InputException noText(Path file, String found) {
    return InputException.expected(
        file, "text in UTF-8, in UTF-16 with a mark or in " + WINDOWS_1252, found);
  }

  private boolean isMarkedUtf16() throws IOException {
    try (InputStream in = open()) {
      byte[] mark = in.readNBytes(2);
      return mark.length == 2
          && ((mark[0] == (byte) 0xff && mark[1] == (byte) 0xfe)
              || (mark[0] == (byte) 0xfe && mark[1] == (byte) 0xff));
    }
  }

  private boolean isIn(Charset some) throws IOException {
    try (InputStream in = open();
        Reader text = new InputStreamReader(in, some.newDecoder())) {
      text.transferTo(new NoZeros(file));
      if (in instanceof Gunzip gunzip) {
        gunzip.checkEnd();
      }
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** Refuses text with zero characters: it is none, or in UTF-16 without a mark. */
  private static final class NoZeros extends Writer {
    private final Path file;

    NoZeros(Path file) {
      this.file = file;
    }

    @Override
    public void write(char[] text, int from, int length) {
      for (int i = from; i < from + length; i++) {
        if (text[i] == 0) {
          throw noText(file, "zero bytes");
        }
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private InputStream open() throws IOException {
    InputStream in = new BufferedInputStream(RegularFile.open(file), BUFFER);
    try {
      in.mark(2);
      boolean packed = Gunzip.isGzip(in.readNBytes(2));
      in.reset();
      return packed ? new Gunzip(file.toString(), in, RegularFile.size(file)) : in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /**
   * Returns the text behind the mark, if there is one.
   *
   * @throws IOException if it can't be read; then or later if it has changed and isn't text any
   *     more
   */
  BufferedReader read() throws IOException {
    BufferedReader text =
        new BufferedReader(new InputStreamReader(open(), charset.newDecoder()), BUFFER);
    try {
      text.mark(1);
      if (text.read() != '\uFEFF') {
        text.reset();
      }
      return text;
    } catch (IOException e) {
      text.close();
      throw e;
    }
  }
}
