package org.espalier.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.espalier.machine.HotSpot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is chosen depends on the JVM, so each case has one of its own. */
class KernelChoiceTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  /** Prints what is chosen. */
  static final class Print {
    private Print() {}

    public static void main(String[] args) {
      try {
        System.out.println(Kernels.choice());
        System.out.println(Kernels.vector().getClass().getSimpleName());
      } catch (ExceptionInInitializerError e) {
        System.out.println(e.getCause());
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -Xint                                | the JVM only interprets (-Xint)
          -XX:TieredStopAtLevel=1              | the JVM compiles with C1 only
          -XX:TieredStopAtLevel=3              | the JVM's optimizing compiler is off (-XX:TieredStopAtLevel=3)
          -Despalier.kernels=scalar            | espalier.kernels=scalar
          """)
  void theSpecificationRunsWhereVectorsWouldBeSlow(String flag, String reason) {
    assertEquals(List.of("scalar, 32 bits: " + reason, "ScalarVector"), java(MODULE, flag));
  }

  @Test
  void theSpecificationRunsWithoutTheModule() {
    List<String> output = java("-Xmx64m");
    assertTrue(
        output.getFirst().startsWith("scalar, 32 bits: the module jdk.incubator.vector is missing"),
        output::toString);
    assertEquals("ScalarVector", output.getLast());
  }

  @ParameterizedTest
  @CsvSource({"128", "256", "512"})
  void theWidthCanBeAskedFor(int bits) {
    List<String> output = java(MODULE, "-Despalier.simd.bits=" + bits);
    assertTrue(output.getFirst().startsWith("simd, " + bits + " bits: "), output::toString);
    assertTrue(output.getFirst().endsWith("espalier.simd.bits=" + bits), output::toString);
    assertEquals("SimdVector", output.getLast());
  }

  @Test
  void vectorsCanBeForced() {
    List<String> output = java(MODULE, "-Xint", "-Despalier.kernels=simd");
    assertTrue(output.getFirst().contains("bits: espalier.kernels=simd"), output::toString);
    assertEquals("SimdVector", output.getLast());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -Despalier.simd.bits=300  | espalier.simd.bits: expected 128, 256 or 512, found 300
          -Despalier.simd.bits=     | espalier.simd.bits: expected 128, 256 or 512, found
          -Despalier.kernels=SIMD   | espalier.kernels: expected simd or scalar, found SIMD
          """)
  void wrongPropertiesAreErrors(String flag, String message) {
    String error = InputException.class.getName() + ": " + message;
    assertEquals(error, java(MODULE, flag).getFirst().strip());
  }

  @Test
  void vectorsCannotBeForcedWithoutTheModule() {
    String error = java("-Despalier.kernels=simd").getFirst();
    assertTrue(error.contains("espalier.kernels=simd: expected the module"), error);
  }

  @Test
  void theJvmOfTheTestsHasC2() {
    assertNull(HotSpot.whyNoOptimizingCompiler());
  }

  private static List<String> java(String... flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Print.class.getName()));
    try {
      // The warning about incubating modules goes to the error stream, which is not looked at.
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), output);
      return output.lines().toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
