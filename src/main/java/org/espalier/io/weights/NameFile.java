package org.espalier.io.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.NearestName;
import org.espalier.io.RegularFile;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Parameter;

/**
 * A table of names in a text file: on each line theirs, blanks, and ours, of a layer or of one
 * parameter; {@code #} begins a comment. What isn't in it has the same name there and here.
 *
 * @param file for messages
 * @param theirs by ours
 * @param lines the number of the line, by ours
 */
public record NameFile(String file, Map<String, String> theirs, Map<String, Integer> lines)
    implements NameTable {
  /** The longest file that is read, in bytes. */
  private static final int LONGEST = 1 << 20;

  /** Copies the maps. */
  public NameFile {
    theirs = Map.copyOf(theirs);
    lines = Map.copyOf(lines);
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it can't be read, or a line isn't two names or repeats one
   */
  public static NameFile read(Path file) {
    Map<String, String> theirs = new LinkedHashMap<>();
    Map<String, Integer> lines = new HashMap<>();
    Set<String> taken = new HashSet<>();
    List<String> text = text(file).lines().toList();
    for (int i = 0; i < text.size(); i++) {
      String line = text.get(i);
      int comment = line.indexOf('#');
      String content = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (content.isEmpty()) {
        continue;
      }
      String where = file + ", line " + (i + 1);
      String[] names = content.split("\\s+", 3);
      if (names.length != 2) {
        throw InputException.expected(where, "two names, theirs and ours", "'" + content + "'");
      }
      if (!taken.add(names[0]) || theirs.put(names[1], names[0]) != null) {
        throw InputException.expected(
            where, "each name once", "'" + content + "', one of which has been named before");
      }
      lines.put(names[1], i + 1);
    }
    return new NameFile(file.toString(), theirs, lines);
  }

  private static String text(Path file) {
    try (InputStream in = RegularFile.open(file)) {
      byte[] bytes = in.readNBytes(LONGEST + 1);
      if (bytes.length > LONGEST) {
        throw InputException.expected(file, "at most " + LONGEST + " bytes of names", "more");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": expected names in UTF-8, found other bytes", e);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  @Override
  public Optional<String> theirs(String parameter) {
    String named = theirs.get(parameter);
    if (named == null) {
      int dot = parameter.lastIndexOf('.');
      String layer = theirs.get(parameter.substring(0, dot));
      named = layer == null ? parameter : layer + parameter.substring(dot);
    }
    return Optional.of(named);
  }

  @Override
  public void check(Graph network) {
    Set<String> known =
        Stream.concat(
                network.parameters().stream().map(Parameter::name),
                network.nodes().stream()
                    .filter(node -> !node.operator().parameters().isEmpty())
                    .map(Node::name))
            .collect(Collectors.toSet());
    lines.forEach(
        (ours, line) -> {
          if (!known.contains(ours)) {
            throw InputException.expected(
                file + ", line " + line,
                "the name of a layer or parameter" + nearest(ours, known),
                ours);
          }
        });
  }

  private static String nearest(String unknown, Collection<String> known) {
    return NearestName.of(unknown, known.stream().sorted().toList())
        .map(name -> " (" + name + "?)")
        .orElse("");
  }
}
