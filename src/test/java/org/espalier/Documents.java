package org.espalier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The README and the documents under {@code src/docs}, cut into what tests hold. */
public final class Documents {
  private static final Path README = Path.of("README.md");
  private static final Path FOLDER = Path.of("src/docs");
  private static final Pattern FENCED =
      Pattern.compile("(?m)^```(\\w*)\\n(.*?)^```$", Pattern.DOTALL);
  private static final Pattern INLINE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]\\[]*]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  /**
   * A block of code.
   *
   * @param language what the fence says, or ""
   */
  public record Block(Path document, String language, String text) {}

  private Documents() {}

  /** Returns the files, the README first. */
  public static List<Path> all() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return Stream.concat(
              Stream.of(README), files.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the text of a document under {@code src/docs}. */
  public static String text(String name) {
    return read(FOLDER.resolve(name));
  }

  /** Returns the text of a document. */
  public static String read(Path document) {
    try {
      return Files.readString(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the fenced blocks of all documents; lines that end with a backslash are joined. */
  public static List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    for (Path document : all()) {
      Matcher fence = FENCED.matcher(read(document));
      while (fence.find()) {
        String text = fence.group(2).replaceAll("\\\\\\n\\s*", "");
        blocks.add(new Block(document, fence.group(1), text));
      }
    }
    return blocks;
  }

  /** Returns what stands between backticks outside of blocks. */
  public static List<String> inline(Path document) {
    return INLINE.matcher(prose(document)).results().map(m -> m.group(1)).toList();
  }

  /** Returns the targets of all links. */
  public static List<String> links(Path document) {
    return LINK.matcher(prose(document)).results().map(m -> m.group(1)).toList();
  }

  /** Returns the anchors of the headings, as GitHub makes them. */
  public static List<String> anchors(Path document) {
    return HEADING
        .matcher(prose(document))
        .results()
        .map(m -> m.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N}\\- _]", "").replace(' ', '-'))
        .toList();
  }

  private static String prose(Path document) {
    return FENCED.matcher(read(document)).replaceAll("");
  }
}
