package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arguments of commands. Each command line lacks a file, so that none gets to work: whatever else
 * it says, it is wrong input.
 */
class ArgumentsFuzzTest {
  private static final long MOST_MEMORY = 64 << 20;
  private static final String MISSING = "no/such/file";

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("prune", MISSING, "--out", MISSING, "--percent"),
          List.of("train", MISSING, "--out", MISSING, "--set"),
          List.of("train", MISSING, "--out", MISSING, "--seed"),
          List.of("train", MISSING, "--out", MISSING, "--threads"),
          List.of("train", MISSING, "--out", MISSING, "--data"),
          List.of("eval", MISSING, "--threads"),
          List.of("eval", MISSING, "--image-size"),
          List.of("eval", MISSING, "--label"),
          List.of("predict", MISSING, "--threads"),
          List.of("bench", MISSING, "--batch"),
          List.of("bench", MISSING, "--rate"),
          List.of("bench", MISSING, "--streams"),
          List.of("sweep", MISSING, "--percent"),
          List.of("inspect", MISSING, "--no-such"),
          List.of("inspect"));

  private static final String[] VALUES = {
    "1",
    "0",
    "-1",
    "99.5",
    "100.0000000001",
    "1e3",
    "1e999999999",
    "0x10",
    "١٢",
    "NaN",
    "",
    " ",
    ",",
    "0,50",
    "0,,50",
    "2147483648",
    "99999999999999999999",
    "1/0",
    "epochs=3",
    "epochs=99999999999",
    "=",
    "a=b=c",
    "epochs",
    "method.kind=x",
    "-",
    "--",
    "--help-me",
    "@" + MISSING,
    "\u0000",
    "a\nb",
    "\u0085",
    "\u2028"
  };

  static Stream<Arguments> choices() {
    return Seeds.random(10);
  }

  @MethodSource("choices")
  @FuzzTest
  void commands(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    List<String> arguments = new ArrayList<>(choose.oneOf(COMMANDS));
    arguments.add(choose.oneIn(4) ? choose.text(20) : choose.oneOf(VALUES));
    if (choose.oneIn(4)) {
      arguments.add(choose.oneIn(2) ? choose.text(20) : choose.oneOf(VALUES));
    }
    ParserLaw.holds(MOST_MEMORY, () -> check(arguments));
  }

  @Test
  void manyCommands() {
    Seeds.tryRandom(150, this::commands);
  }

  /** More threads than the machine has get a line of their own, whatever comes of the rest. */
  private static boolean isHint(String line) {
    return line.startsWith("espalier: --threads ") && line.endsWith("make nothing faster");
  }

  private static void check(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    String said = arguments + ": " + err;
    assertEquals(2, code, said);
    assertEquals("", out.toString(), said);
    assertTrue(err.toString().startsWith("espalier: "), said);
    assertTrue(err.toString().endsWith(System.lineSeparator()), said);
    assertEquals(1, err.toString().lines().filter(line -> !isHint(line)).count(), said);
    err.toString()
        .lines()
        .forEach(line -> assertTrue(line.codePoints().noneMatch(Character::isISOControl), said));
    assertTrue(err.toString().length() < 4_000, said);
  }
}
