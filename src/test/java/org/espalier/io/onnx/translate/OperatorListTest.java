package org.espalier.io.onnx.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OperatorListTest {
  @Test
  void theDocumentListsWhatCanBeImported() throws IOException {
    TreeSet<String> listed = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("src/docs/onnx.md"))) {
      Matcher row = Pattern.compile("\\| [a-z ,]+ \\| ([A-Z].*) \\|").matcher(line);
      if (row.matches()) {
        listed.addAll(List.of(row.group(1).split(" ", -1)));
      }
    }
    assertEquals(new TreeSet<>(OnnxImport.operators()), listed);
  }
}
