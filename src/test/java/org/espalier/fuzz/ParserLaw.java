package org.espalier.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;
import org.espalier.InputException;

/**
 * What every parser keeps to, whatever it is given: it returns, or refuses with an {@link
 * InputException} whose message is one line of bounded length; no other exception, and no more
 * memory than its input may cost. While fuzzing, when nobody else uses the machine, an input may
 * also take so much CPU time only; what doesn't end at all is the fuzzer's to stop.
 */
public final class ParserLaw {
  /** Longest message: what {@link InputException} cuts to, and the mark that it is cut. */
  private static final int LONGEST_MESSAGE = 1_001;

  private static final long MOST_NANOS = 5_000_000_000L;

  /** Whether Jazzer looks for inputs: then what is called is instrumented, which allocates too. */
  public static final boolean FUZZING = System.getenv("JAZZER_FUZZ") != null;

  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ParserLaw() {}

  /** Reads something. */
  @FunctionalInterface
  public interface Parse {
    /** Reads it. */
    void run() throws Exception;
  }

  /**
   * Asserts that a parser keeps to the law.
   *
   * @param mostBytes what it may allocate
   * @return whether it took its input
   */
  public static boolean holds(long mostBytes, Parse parse) throws Exception {
    return holds(() -> mostBytes, parse);
  }

  /**
   * Asserts that a parser keeps to the law.
   *
   * @param mostBytes what it may allocate, asked for when it has run
   * @return whether it took its input
   */
  public static boolean holds(LongSupplier mostBytes, Parse parse) throws Exception {
    Run run = run(parse);
    if (run.bytes > mostBytes.getAsLong()) {
      run = run(parse); // the first may have loaded classes, which Jazzer instruments
    }
    long most = mostBytes.getAsLong();
    assertTrue(run.bytes <= most, run.bytes + " bytes allocated, more than " + most);
    assertTrue(!FUZZING || run.nanos <= MOST_NANOS, run.nanos + " ns of CPU time");
    return run.taken;
  }

  private record Run(boolean taken, long bytes, long nanos) {}

  private static Run run(Parse parse) throws Exception {
    long bytes = THREAD.getCurrentThreadAllocatedBytes();
    long nanos = THREAD.getCurrentThreadCpuTime();
    boolean taken = true;
    try {
      parse.run();
    } catch (InputException e) {
      taken = false;
      check(e.getMessage());
    }
    return new Run(
        taken,
        THREAD.getCurrentThreadAllocatedBytes() - bytes,
        THREAD.getCurrentThreadCpuTime() - nanos);
  }

  private static void check(String message) {
    assertNotNull(message);
    assertFalse(message.isBlank());
    assertTrue(message.length() <= LONGEST_MESSAGE, message.length() + " characters");
    message
        .codePoints()
        .forEach(c -> assertFalse(breaksLines(c), "character " + c + ": " + message));
  }

  private static boolean breaksLines(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }
}
