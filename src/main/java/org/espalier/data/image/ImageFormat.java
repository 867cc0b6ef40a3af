package org.espalier.data.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Formats of images, told by the first bytes of a file; only the first two are read. */
enum ImageFormat {
  PNG("a PNG", "\u0089PNG\r\n\u001a\n"),
  JPEG("a JPEG", "\u00ff\u00d8\u00ff"),
  GIF("a GIF", "GIF87a", "GIF89a"),
  BMP("a BMP", "BM"),
  TIFF("a TIFF", "II*\0", "MM\0*", "II+\0", "MM\0+"),
  WEBP("a WebP", "RIFF????WEBP"),
  AVIF("an AVIF", "????ftypavif", "????ftypavis"),
  HEIC(
      "an HEIC",
      "????ftypheic",
      "????ftypheix",
      "????ftyphevc",
      "????ftypheim",
      "????ftypmif1",
      "????ftypmsf1"),
  JPEG_2000("a JPEG 2000", "\0\0\0\fjP  ", "\u00ffO\u00ffQ"),
  JPEG_XL("a JPEG XL", "\u00ff\n", "\0\0\0\fJXL "),
  PHOTOSHOP("a Photoshop file", "8BPS"),
  ICON("a Windows icon", "\0\0\1\0", "\0\0\2\0"),
  NETPBM("a Netpbm file", "P1\n", "P2\n", "P3\n", "P4\n", "P5\n", "P6\n", "P7\n");

  /** So many bytes tell. */
  static final int START = 64;

  /** What isn't an image but often has the name of one. */
  private static final Map<String, List<String>> OTHERS =
      Map.of(
          "a Git LFS pointer (git lfs pull fetches the file)",
          List.of("version https://git"),
          "an HTML page",
          List.of("<!DOCTYPE html", "<!doctype html", "<html"),
          "an SVG or other XML",
          List.of("<svg", "<?xml"),
          "a PDF",
          List.of("%PDF"),
          "a ZIP archive",
          List.of("PK\3\4"),
          "a file compressed by gzip",
          List.of("\u001f\u008b"),
          "a NumPy array",
          List.of("\u0093NUMPY"));

  private final String text;

  /** Between bars, so that a constant of this enumeration can't change. */
  private final String starts;

  /**
   * Names a format.
   *
   * @param text its name with an article
   * @param starts what files begin with, a character for each byte, ? for any
   */
  ImageFormat(String text, String... starts) {
    this.text = text;
    this.starts = String.join("|", starts);
  }

  /** Returns the format of a file that starts with these bytes. */
  static Optional<ImageFormat> of(byte[] start) {
    String found = new String(start, StandardCharsets.ISO_8859_1);
    return Arrays.stream(values())
        .filter(f -> begins(found, List.of(f.starts.split("[|]"))))
        .findFirst();
  }

  /** Returns in plain words what a file is that starts with these bytes. */
  static String describe(byte[] start) {
    if (start.length == 0) {
      return "an empty file";
    }
    String found = new String(start, StandardCharsets.ISO_8859_1);
    return of(start)
        .map(ImageFormat::toString)
        .or(
            () ->
                OTHERS.entrySet().stream()
                    .filter(o -> begins(found, o.getValue()))
                    .map(Map.Entry::getKey)
                    .findFirst())
        .orElse("no known image format");
  }

  private static boolean begins(String found, List<String> starts) {
    for (String start : starts) {
      boolean same = found.length() >= start.length();
      for (int i = 0; same && i < start.length(); i++) {
        same = start.charAt(i) == '?' || start.charAt(i) == found.charAt(i);
      }
      if (same) {
        return true;
      }
    }
    return false;
  }

  /** Returns the name with an article. */
  @Override
  public String toString() {
    return text;
  }
}
