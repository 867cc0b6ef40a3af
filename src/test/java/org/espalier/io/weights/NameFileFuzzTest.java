package org.espalier.io.weights;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of names. */
class NameFileFuzzTest {
  private static final long MOST_MEMORY = 16 << 20;

  private static final Graph NETWORK = Zoo.mlp(Shape.of(2), 3, 4);

  @TempDir static Path folder;

  static Stream<Arguments> files() {
    return Seeds.of(
        "stem fc1\n# head\nhead.w logits.weight\n".getBytes(StandardCharsets.UTF_8),
        "a b c".getBytes(StandardCharsets.UTF_8),
        new byte[] {(byte) 0xff, ' ', 'a'});
  }

  @MethodSource("files")
  @FuzzTest
  void anyBytes(byte[] bytes) throws Exception {
    Path file = Files.write(folder.resolve("names"), bytes);
    ParserLaw.holds(MOST_MEMORY, () -> NameFile.read(file).check(NETWORK));
  }
}
