package org.espalier.kernel;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The machine and the JVM, as far as they decide what runs and how fast.
 *
 * @param cpu model of the CPU, or its architecture where the system doesn't tell
 * @param system the operating system and its version
 * @param processors how many the JVM may use: in a container, its limit
 * @param systemProcessors how many the system shows
 * @param memoryBytes memory that the JVM sees: in a container, its limit
 * @param heapBytes the greatest size of the heap
 * @param java version and vendor of the JDK, and the mode that the JVM runs in
 * @param collectors the garbage collectors
 * @param flags options of the JVM that matter to kernels, as they are in force
 * @param arguments what the JVM was started with
 * @param caches data caches of the first processor, innermost first; none where the system doesn't
 *     tell
 */
public record Machine(
    String cpu,
    String system,
    int processors,
    int systemProcessors,
    long memoryBytes,
    long heapBytes,
    String java,
    String collectors,
    Map<String, String> flags,
    List<String> arguments,
    List<Cache> caches) {
  /**
   * A data cache.
   *
   * @param level 1 for the innermost
   */
  public record Cache(int level, long bytes) {}

  private static final List<String> FLAGS =
      List.of(
          "UseAVX",
          "UseSVE",
          "UseFMA",
          "MaxVectorSize",
          "TieredStopAtLevel",
          "UseTransparentHugePages",
          "ObjectAlignmentInBytes");

  /** Looks at the machine and the JVM. */
  public static Machine detect() {
    var os = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    List<String> cpuInfo = lines(Path.of("/proc/cpuinfo"));
    int processors = Runtime.getRuntime().availableProcessors();
    int listed = (int) cpuInfo.stream().filter(line -> line.startsWith("processor")).count();
    return new Machine(
        cpu(cpuInfo),
        property("os.name") + " " + property("os.version") + ", " + property("os.arch"),
        processors,
        Math.max(processors, listed),
        os.getTotalMemorySize(),
        Runtime.getRuntime().maxMemory(),
        Runtime.version()
            + ", "
            + property("java.vendor")
            + ", "
            + property("java.vm.name")
            + ", "
            + property("java.vm.info"),
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .map(GarbageCollectorMXBean::getName)
            .collect(Collectors.joining(", ")),
        relevantFlags(),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        dataCaches());
  }

  /** Returns the bytes of the second cache of a core, or a usual size where none is told. */
  public static long secondCache() {
    return Caches.HERE.second();
  }

  /** Returns the bytes of the third cache, which cores share, or a usual size. */
  public static long thirdCache() {
    return Caches.HERE.third();
  }

  private static String cpu(List<String> cpuInfo) {
    return cpuInfo.stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(property("os.arch"));
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown " + name);
  }

  private static Map<String, String> relevantFlags() {
    Map<String, String> flags = new LinkedHashMap<>();
    for (String name : FLAGS) {
      String value = KernelChoice.option(name);
      if (value != null) { // else it is another architecture's
        flags.put(name, value);
      }
    }
    return flags;
  }

  private static List<Cache> dataCaches() {
    List<Cache> caches = new ArrayList<>();
    Path all = Path.of("/sys/devices/system/cpu/cpu0/cache");
    for (int i = 0; Files.isDirectory(all.resolve("index" + i)); i++) {
      Path cache = all.resolve("index" + i);
      String level = line(cache.resolve("level"));
      String size = line(cache.resolve("size"));
      if (level.matches("\\d") && size.matches("\\d{1,9}K") && !isForCode(cache)) {
        long kibibytes = Long.parseLong(size.substring(0, size.length() - 1));
        caches.add(new Cache(Integer.parseInt(level), kibibytes << 10));
      }
    }
    return caches;
  }

  private static boolean isForCode(Path cache) {
    return line(cache.resolve("type")).equals("Instruction");
  }

  private static String line(Path file) {
    return lines(file).stream().findFirst().orElse("");
  }

  /** Returns the lines of a file, or none if it can't be read: not every system has these. */
  static List<String> lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      return List.of();
    }
  }
}
