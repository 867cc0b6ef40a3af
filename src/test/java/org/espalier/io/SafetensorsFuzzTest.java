package org.espalier.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The container of models and checkpoints. */
class SafetensorsFuzzTest {
  private static final long MOST_MEMORY = 16 << 20;

  private static final List<String> NAMES =
      List.of("a", "b", "fc1.weight", "fc1.bias", "__metadata__", "", "a.b.c", "\\u0000", "é");

  private static final String[] SHAPES = {
    "[2,3]",
    "[]",
    "[0]",
    "[-1]",
    "[1.5]",
    "[4294967296,4294967296]",
    "[2147483647,2147483647]",
    "[65536,65536]",
    "[0,9223372036854775807]",
    "6",
    "null",
    "[[2,3]]",
    "[99999999999999999999]"
  };

  @TempDir static Path folder;

  static Stream<Arguments> files() {
    return Seeds.of(
        Forgery.file("{}", new byte[0]),
        Forgery.file(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", new byte[2]),
        Forgery.file("{\"__metadata__\":{\"digest\":\"00\"}}", new byte[0]),
        Forgery.file("{\"a\":".repeat(1000), new byte[0]),
        new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{', '}'});
  }

  @MethodSource("files")
  @FuzzTest
  void anyBytes(byte[] file) throws Exception {
    ParserLaw.holds(MOST_MEMORY, () -> Safetensors.read("f", file));
  }

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  /** Headers that fit their data, but for what the bytes decide. */
  @MethodSource("choices")
  @FuzzTest
  void containers(byte[] bytes) throws Exception {
    byte[] file = container(new Choices(bytes));
    byte[] sealed = Forgery.withFittingDigest(file);
    ParserLaw.holds(MOST_MEMORY, () -> Safetensors.read("f", sealed));
  }

  /** A checkpoint of a run whose state has two tensors. */
  @MethodSource("choices")
  @FuzzTest
  void checkpoints(byte[] bytes) throws Exception {
    byte[] sealed = Forgery.withFittingDigest(container(new Choices(bytes)));
    Tensor a = Tensor.zeros(Shape.of(2, 3));
    Tensor b = Tensor.zeros(Shape.of(6));
    Path file = Files.write(folder.resolve("checkpoint"), sealed);
    ParserLaw.holds(
        MOST_MEMORY, () -> Checkpoint.read(file).restore(Map.of("a", a, "b", b), Map.of()));
  }

  @Test
  void manyContainers() {
    Seeds.tryRandom(500, this::containers);
    Seeds.tryRandom(500, this::checkpoints);
  }

  private static byte[] container(Choices choose) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    StringBuilder header = new StringBuilder("{\"__metadata__\":{");
    if (!choose.oneIn(4)) {
      header.append("\"digest\":\"").append(Forgery.NO_DIGEST).append('"');
      for (int n = choose.below(3); n > 0; n--) {
        header.append(",\"k").append(n).append("\":\"").append(n).append('"');
      }
    }
    header.append('}');
    for (int n = choose.below(5), i = 0; i < n; i++) {
      long begin = data.size();
      long size = choose.mostly(24, 4);
      long there = choose.mostly(Math.clamp(size, 0, 64), 6);
      data.writeBytes(choose.bytes(Math.clamp(there, 0, 1000)));
      header
          .append(",\"")
          .append(choose.oneIn(3) ? choose.oneOf(NAMES) : NAMES.get(i))
          .append("\":{\"dtype\":\"")
          .append(choose.oneIn(3) ? choose.oneOf(DType.values()).name() : "F32")
          .append("\",\"shape\":")
          .append(choose.oneIn(3) ? shape(choose) : i == 0 ? "[2,3]" : "[6]")
          .append(",\"data_offsets\":[")
          .append(choose.mostly(begin, 8))
          .append(',')
          .append(choose.mostly(begin + size, 8))
          .append("]}");
    }
    header.append('}');
    return Forgery.file(header.toString(), data.toByteArray());
  }

  private static String shape(Choices choose) {
    return choose.oneIn(2)
        ? choose.oneOf(SHAPES)
        : "[" + choose.edge() + (choose.oneIn(2) ? "," + choose.edge() : "") + "]";
  }
}
