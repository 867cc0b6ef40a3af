package org.espalier.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.espalier.kernel.Kernels;

/**
 * What a run ran on.
 *
 * @param java version and vendor of the JDK
 * @param jvm name of the virtual machine and its garbage collectors
 * @param flags the flags that the JVM was started with
 * @param system operating system and architecture
 * @param cpu model of the processor
 * @param cpus how many of them the program may use, and how many there are
 * @param heapMib limit of the heap, MiB
 * @param kernels which kernels run, at which width and why
 */
public record Machine(
    String java,
    String jvm,
    List<String> flags,
    String system,
    String cpu,
    String cpus,
    long heapMib,
    String kernels) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /** Copies the list. */
  public Machine {
    flags = List.copyOf(flags);
  }

  /** Returns this machine. */
  public static Machine here() {
    List<String> cpuinfo = cpuinfo();
    long all = cpuinfo.stream().filter(line -> line.startsWith("processor")).count();
    int usable = Runtime.getRuntime().availableProcessors();
    List<String> collectors =
        ManagementFactory.getGarbageCollectorMXBeans().stream().map(gc -> gc.getName()).toList();
    return new Machine(
        Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
        System.getProperty("java.vm.name") + ", " + String.join(", ", collectors),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", "
            + System.getProperty("os.arch"),
        cpu(cpuinfo),
        all == usable || all == 0 ? Integer.toString(usable) : usable + " of " + all,
        Runtime.getRuntime().maxMemory() >> 20,
        Kernels.choice().toString());
  }

  private static List<String> cpuinfo() {
    try {
      return Files.readAllLines(CPUINFO);
    } catch (IOException e) {
      return List.of(); // not Linux
    }
  }

  /** Returns the model; where the system doesn't tell, as on many ARM machines, its numbers. */
  static String cpu(List<String> cpuinfo) {
    for (String key : new String[] {"model name", "Hardware", "CPU part"}) {
      for (String line : cpuinfo) {
        int colon = line.indexOf(':');
        if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
          String value = line.substring(colon + 1).strip();
          return key.equals("CPU part") ? "CPU part " + value : value;
        }
      }
    }
    return "unknown " + System.getProperty("os.arch");
  }
}
