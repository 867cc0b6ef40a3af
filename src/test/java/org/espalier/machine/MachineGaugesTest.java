package org.espalier.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineGaugesTest {
  private static final long SECOND = 1_000_000_000;

  @TempDir Path proc;

  private static long own() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  @BeforeEach
  void write() throws IOException {
    thread(7, "C2 CompilerThre", 'S', 30, 4);
    thread(8, "C1 CompilerThre", 'S', 10, 1);
    thread(9, "Common-Cleaner", 'R', 1000, 1000);
    Files.writeString(
        proc.resolve("self/status"), "Name:\tjava\nCpus_allowed:\td\nCpus_allowed_list:\t0,2-3\n");
    processors(1000, 9_999_999);
  }

  private void thread(int id, String name, char state, int user, int system) throws IOException {
    Path folder = Files.createDirectories(proc.resolve("self/task/" + id));
    String stat = "%d (%s) %c 1 1 1 0 -1 4194368 1873 0 0 0 %d %d 0 0 20 0 19 0 148727 909 2 0\n";
    Files.writeString(
        folder.resolve("stat"), String.format(Locale.ROOT, stat, id, name, state, user, system));
  }

  /** Processors 0 and 2 are idle but for what is told, 3 is missing and 1 not ours. */
  private void processors(int busy, int foreign) throws IOException {
    Files.writeString(
        proc.resolve("stat"),
        String.format(
            Locale.ROOT,
            """
        cpu 1 2 3 4 5 6 7 8 9 10
        cpu0 %d 10 20 123456 777 1 2 3 50 60
        cpu1 %d 0 0 0 0 0 0 0 0 0
        cpu2 5 0 0 999 0 0 0 0 0 0
        intr 1 2 3
        """,
            busy,
            foreign));
  }

  @Test
  void compilersAtWorkShowAndThoseThatEndedStillCount() throws IOException {
    var gauges = new MachineGauges(proc);
    assertEquals(new Gauges.Compilation(450_000_000, false), gauges.compilation());
    thread(7, "C2 CompilerThre", 'R', 31, 4);
    assertEquals(new Gauges.Compilation(460_000_000, true), gauges.compilation());
    Files.delete(proc.resolve("self/task/7/stat"));
    thread(10, "C2 CompilerThre", 'S', 2, 0);
    assertEquals(new Gauges.Compilation(480_000_000, false), gauges.compilation());
  }

  @Test
  void othersAreWhatAllOurProcessorsDidWithoutThisProcess() throws IOException {
    var gauges = new MachineGauges(proc);
    assertEquals(2, gauges.processors());
    long before = own();
    // busy, nice, system, irq, softirq, steal: not idle, waiting for disks, nor guests once more
    long all = (1000 + 10 + 20 + 1 + 2 + 3 + 5) * 10_000_000L;
    long first = gauges.others().orElseThrow();
    assertTrue(first <= all - before && first >= all - own(), first + " of " + all);
    processors(1000 + 100, 20_000_000);
    long second = gauges.others().orElseThrow();
    long used = own() - before;
    assertTrue(second - first <= SECOND && second - first >= SECOND - used, second + " " + first);
  }

  @Test
  void withoutThatTheJvmIsAsked() throws IOException {
    var gauges = new MachineGauges(proc.resolve("missing"));
    long compiled = ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
    Gauges.Compilation compilation = gauges.compilation();
    assertTrue(compilation.nanos() >= compiled * 1_000_000);
    assertFalse(compilation.running());
    assertEquals(Runtime.getRuntime().availableProcessors(), gauges.processors());
    OptionalLong others = gauges.others();
    assertTrue(others.isEmpty() || others.getAsLong() >= 0);
  }
}
