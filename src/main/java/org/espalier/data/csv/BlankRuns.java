package org.espalier.data.csv;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/**
 * Turns runs of blanks and tabs into one tab and drops them at the ends of lines; what stands in
 * double quotes stays.
 */
final class BlankRuns extends FilterReader {
  private boolean quoted;
  private boolean begun;
  private int next = NONE;

  private static final int NONE = -2;

  BlankRuns(Reader in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    int c = next == NONE ? in.read() : next;
    next = NONE;
    if (!quoted && isBlank(c)) {
      do {
        c = in.read();
      } while (isBlank(c));
      if (begun && c >= 0 && !isEnd(c)) {
        next = c;
        return '\t';
      }
    }
    if (c == '"') {
      quoted = !quoted;
    }
    begun = quoted || !isEnd(c);
    return c;
  }

  @Override
  public int read(char[] buffer, int from, int length) throws IOException {
    int n = 0;
    while (n < length) {
      int c = read();
      if (c < 0) {
        return n == 0 ? -1 : n;
      }
      buffer[from + n++] = (char) c;
    }
    return n;
  }

  private static boolean isBlank(int c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isEnd(int c) {
    return c == '\n' || c == '\r';
  }
}
