package org.espalier.machine;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
    List<String> cpuInfo = SystemFiles.lines(SystemFiles.CPU_INFO);
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
        Cache.ofThisMachine());
  }

  /** Returns the model; where the system doesn't tell, as on many ARM machines, its numbers. */
  static String cpu(List<String> cpuInfo) {
    for (String key : new String[] {"model name", "Hardware", "CPU part"}) {
      for (String line : cpuInfo) {
        int colon = line.indexOf(':');
        if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
          String value = line.substring(colon + 1).strip();
          return key.equals("CPU part") ? "CPU part " + value : value;
        }
      }
    }
    return property("os.arch");
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown " + name);
  }

  private static Map<String, String> relevantFlags() {
    Map<String, String> flags = new LinkedHashMap<>();
    for (String name : FLAGS) {
      String value = HotSpot.option(name);
      if (value != null) { // else it is another architecture's
        flags.put(name, value);
      }
    }
    return flags;
  }
}
