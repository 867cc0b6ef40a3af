package org.espalier.data.csv;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.espalier.model.TableFormat;

/** Tells what the text of a cell is: a number, a missing value, or a text. */
final class Cells {
  /** What stands for a missing value in tables as people have them, letters' case not counted. */
  private static final Set<String> MISSING =
      Set.of("", "?", "na", "n/a", "#n/a", "#na", "nan", "-nan", "null", "none", "nil");

  private static final int LONGEST_NUMBER = 100;
  private static final int LONGEST_MISSING = 4;

  /** Digits of an exponent, so that it is an int. */
  private static final int LONGEST_EXPONENT = 9;

  /** Largest number, so that differences of such numbers are floats too. */
  static final double LARGEST = 1e38;

  /** Groups of three digits, or a decimal comma, or both. */
  private static final Pattern WRITTEN_OTHERWISE =
      Pattern.compile("[+-]?(\\d{1,3}([.,' _]\\d{3})+([.,]\\d+)?|\\d{1,15},\\d{1,15})");

  private final char decimal;
  private final String thousands;
  private final Set<String> missing;

  /** Makes one for tables that are written so. */
  Cells(TableFormat format) {
    this.decimal = format.decimal().charAt(0);
    this.thousands = format.thousands();
    this.missing = new HashSet<>(format.missing());
  }

  /** Returns whether a cell stands for a missing value. */
  boolean isMissing(String cell) {
    return (cell.length() <= LONGEST_MISSING && MISSING.contains(cell.toLowerCase(Locale.ROOT)))
        || (!missing.isEmpty() && missing.contains(cell));
  }

  /**
   * Returns the number in a cell, or NaN if there is none: decimal numbers up to {@link #LARGEST},
   * not what Java reads beside them (hexadecimal, 1f, Infinity).
   */
  double number(String cell) {
    String plain = plain(cell);
    if (!isDecimal(plain)) {
      return Double.NaN;
    }
    double value = Double.parseDouble(plain);
    return Math.abs(value) <= LARGEST ? value : Double.NaN;
  }

  /** Returns the number's text without thousands and with a point; a text that is none as it is. */
  private String plain(String cell) {
    if ((thousands.isEmpty() && decimal == '.') || cell.length() > LONGEST_NUMBER) {
      return cell;
    }
    StringBuilder plain = new StringBuilder(cell.length());
    int fraction = cell.indexOf(decimal);
    String whole = fraction < 0 ? cell : cell.substring(0, fraction);
    if (!thousands.isEmpty() && whole.contains(thousands)) {
      String[] groups = whole.split(Pattern.quote(thousands), -1);
      if (!groups[0].matches("[+-]?\\d{1,3}")) {
        return "";
      }
      for (int i = 1; i < groups.length; i++) {
        if (!groups[i].matches("\\d{3}")) {
          return "";
        }
      }
      whole = String.join("", groups);
    }
    if (decimal != '.' && whole.indexOf('.') >= 0) {
      return "";
    }
    plain.append(whole);
    if (fraction >= 0) {
      plain.append('.').append(cell, fraction + 1, cell.length());
    }
    return plain.toString();
  }

  /** Returns whether a text is a decimal number: digits, a point among them, an exponent. */
  static boolean isDecimal(String text) {
    int length = text.length();
    if (length > LONGEST_NUMBER) {
      return false;
    }
    int at = skipSign(text, 0);
    int whole = skipDigits(text, at);
    int digits = whole - at;
    at = whole;
    if (at < length && text.charAt(at) == '.') {
      int fraction = skipDigits(text, at + 1);
      digits += fraction - at - 1;
      at = fraction;
    }
    if (digits == 0) {
      return false;
    }
    if (at < length && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      int exponent = skipSign(text, at + 1);
      at = skipDigits(text, exponent);
      if (at == exponent || at - exponent > LONGEST_EXPONENT) {
        return false;
      }
    }
    return at == length;
  }

  private static int skipSign(String text, int at) {
    return at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+') ? at + 1 : at;
  }

  private static int skipDigits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  /** Returns whether a text is a number to people, but not as numbers are written here. */
  static boolean isNumberWrittenOtherwise(String text) {
    return text.length() <= LONGEST_NUMBER && WRITTEN_OTHERWISE.matcher(text).matches();
  }

  /** Returns whether a text is a whole number without a sign: an index, or a header's number. */
  static boolean isIndex(String text) {
    return !text.isEmpty() && text.length() <= 9 && skipDigits(text, 0) == text.length();
  }

  /** Returns whether a number is written without a fraction and without an exponent. */
  static boolean isWhole(String number) {
    return skipDigits(number, skipSign(number, 0)) == number.length();
  }

  /** Returns the one text by which a number is called as a category, however it is written. */
  static String category(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1L << 53
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** Returns some names for a message, the first ones if there are many. */
  static String list(List<String> names) {
    int most = 8;
    return names.size() <= most
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, most)) + " and " + (names.size() - most) + " more";
  }
}
