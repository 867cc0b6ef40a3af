package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterruptTest {
  /** A job that works in steps until it is told to stop, and then has something to keep. */
  static final class Job {
    private Job() {}

    public static void main(String[] args) throws InterruptedException {
      try (Interrupt interrupt = Interrupt.open()) {
        System.out.println("working");
        while (!interrupt.getAsBoolean()) {
          Thread.sleep(10);
        }
        Thread.sleep(300);
        System.out.println("kept");
      }
      System.exit(99); // the signal's code counts
    }
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143"})
  @EnabledOnOs(OS.LINUX)
  void aSignalLetsTheJobKeepItsWork(String signal, int code) throws Exception {
    Process process =
        new ProcessBuilder(
                "env",
                "--default-signal=INT,TERM", // background jobs have the first ignored
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Job.class.getName())
            .start();
    try (BufferedReader out = process.inputReader()) {
      assertEquals("working", out.readLine());
      String pid = Long.toString(process.pid());
      assertEquals(0, new ProcessBuilder("kill", "-" + signal, pid).start().waitFor());
      assertEquals("kept", out.readLine());
      assertTrue(process.waitFor(25, TimeUnit.SECONDS), "it waited longer than the job");
      assertEquals(code, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void withoutASignalNothingIsRequested() {
    try (Interrupt interrupt = Interrupt.open()) {
      assertFalse(interrupt.getAsBoolean());
    }
  }
}
