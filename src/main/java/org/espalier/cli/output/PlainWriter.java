package org.espalier.cli.output;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Map;

/**
 * Replaces letters that a charset doesn't have by such as it has, where the encoder would put
 * question marks: {@code ×} by {@code x}, {@code γ} by {@code gamma}, an accented letter by the
 * plain one, and what is left by its number, {@code \u4e2d}.
 */
final class PlainWriter extends FilterWriter {
  private static final Map<Character, String> PLAIN =
      Map.ofEntries(
          Map.entry('×', "x"),
          Map.entry('·', "*"),
          Map.entry('±', "+/-"),
          Map.entry('−', "-"),
          Map.entry('–', "-"),
          Map.entry('─', "-"),
          Map.entry('…', "..."),
          Map.entry('≤', "<="),
          Map.entry('≥', ">="),
          Map.entry('→', "->"),
          Map.entry('’', "'"),
          Map.entry('µ', "u"),
          Map.entry('α', "alpha"),
          Map.entry('β', "beta"),
          Map.entry('γ', "gamma"),
          Map.entry('ß', "ss"));

  private final CharsetEncoder encoder;

  PlainWriter(Writer to, Charset charset) {
    super(to);
    encoder = charset.newEncoder();
  }

  @Override
  public void write(int c) throws IOException {
    write(String.valueOf((char) c), 0, 1);
  }

  @Override
  public void write(char[] text, int from, int count) throws IOException {
    write(new String(text, from, count), 0, count);
  }

  @Override
  public void write(String text, int from, int count) throws IOException {
    String part = text.substring(from, from + count);
    out.write(encoder.canEncode(part) ? part : plain(part));
  }

  private String plain(String text) {
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              String letter = Character.toString(point);
              plain.append(encoder.canEncode(letter) ? letter : replacement(letter));
            });
    return plain.toString();
  }

  private String replacement(String letter) {
    String known = PLAIN.get(letter.charAt(0));
    if (known != null) {
      return known;
    }
    String bare = Normalizer.normalize(letter, Normalizer.Form.NFD).replaceAll("\\p{M}", "");
    return !bare.isEmpty() && encoder.canEncode(bare)
        ? bare
        : String.format(Locale.ROOT, "\\u%04x", letter.codePointAt(0));
  }
}
