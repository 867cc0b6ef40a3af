package org.espalier.machine;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Gauges of this machine. On Linux they are read under {@code /proc}: there a compilation shows
 * while it goes on, where the JVM tells of it only when it is done. Elsewhere they are what the JVM
 * tells.
 */
final class MachineGauges implements Gauges {
  static final MachineGauges HERE = new MachineGauges(SystemFiles.PROC);

  /** The unit of times under {@code /proc}, on every architecture: a hundredth of a second. */
  private static final long TICK_NANOS = 10_000_000;

  /** {@code pid (name) state …}; user and system time are the fields 14 and 15. */
  private static final Pattern COMPILER =
      Pattern.compile("\\d+ \\(C[12] Compiler.*\\) (\\S)(?: \\S+){10} (\\d{1,18}) (\\d{1,18}) .*");

  private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

  /** Fields of a processor's times, after its name: all but those of idleness are work. */
  private static final int IDLE = 3;

  private static final int WAITING_FOR_DISKS = 4;

  /** Those behind repeat what earlier ones hold: time of guests. */
  private static final int FIELDS = 8;

  private final Path proc;
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** By thread, so that the work of threads that have ended still counts. */
  private final Map<String, Long> compilers = new HashMap<>();

  // Where the system only tells its load of late, it is summed up.
  private long summed;
  private long lastNanos = System.nanoTime();
  private long lastOwn;

  /** Reads from a directory like {@code /proc}; what is missing there, the JVM is asked for. */
  MachineGauges(Path proc) {
    this.proc = proc;
    lastOwn = system.getProcessCpuTime();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public synchronized Compilation compilation() {
    boolean running = false;
    try (Stream<Path> threads = Files.list(proc.resolve("self/task"))) {
      for (Path thread : threads.toList()) {
        Matcher stat = COMPILER.matcher(SystemFiles.text(thread.resolve("stat")));
        if (stat.matches()) {
          running |= !stat.group(1).equals("S");
          compilers.put(
              thread.getFileName().toString(),
              (Long.parseLong(stat.group(2)) + Long.parseLong(stat.group(3))) * TICK_NANOS);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      return ofTheJvm();
    }
    return compilers.isEmpty()
        ? ofTheJvm()
        : new Compilation(compilers.values().stream().mapToLong(Long::longValue).sum(), running);
  }

  private static Compilation ofTheJvm() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return new Compilation(
        compiler == null || !compiler.isCompilationTimeMonitoringSupported()
            ? 0
            : compiler.getTotalCompilationTime() * 1_000_000,
        false);
  }

  @Override
  public synchronized OptionalLong others() {
    List<long[]> times = times();
    if (!times.isEmpty()) {
      long ticks = times.stream().mapToLong(MachineGauges::busy).sum();
      return OptionalLong.of(ticks * TICK_NANOS - system.getProcessCpuTime());
    }
    double load = system.getCpuLoad();
    long now = System.nanoTime();
    long own = system.getProcessCpuTime();
    if (load < 0) {
      return OptionalLong.empty();
    }
    double all = load * processors() * (now - lastNanos);
    summed += Math.max(0, (long) all - (own - lastOwn));
    lastNanos = now;
    lastOwn = own;
    return OptionalLong.of(summed);
  }

  private static long busy(long[] times) {
    long sum = 0;
    for (int i = 0; i < Math.min(FIELDS, times.length); i++) {
      sum += i == IDLE || i == WAITING_FOR_DISKS ? 0 : times[i];
    }
    return sum;
  }

  @Override
  public synchronized int processors() {
    int known = times().size();
    return known > 0 ? known : Runtime.getRuntime().availableProcessors();
  }

  /** Returns the times of each processor that this process may use; none where it doesn't show. */
  private List<long[]> times() {
    List<long[]> times = new ArrayList<>();
    List<int[]> allowed = allowed();
    for (String line : SystemFiles.text(proc.resolve("stat")).lines().toList()) {
      if (line.matches("cpu\\d{1,6}( \\d{1,18}){4,}")) {
        String[] fields = line.split(" ", -1);
        int processor = Integer.parseInt(fields[0].substring("cpu".length()));
        if (allowed.isEmpty()
            || allowed.stream().anyMatch(r -> processor >= r[0] && processor <= r[1])) {
          times.add(Stream.of(fields).skip(1).mapToLong(Long::parseLong).toArray());
        }
      }
    }
    return times;
  }

  private List<int[]> allowed() {
    return SystemFiles.text(proc.resolve("self/status"))
        .lines()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .flatMap(line -> RANGE.matcher(line).results())
        .map(
            range -> {
              int first = Integer.parseInt(range.group(1));
              return new int[] {
                first, range.group(2) == null ? first : Integer.parseInt(range.group(2))
              };
            })
        .toList();
  }
}
