package org.espalier.machine;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/** What the virtual machine does with bytecode, as its options tell. */
public final class HotSpot {
  /** The highest level of tiered compilation. */
  private static final int C2_LEVEL = 4;

  private HotSpot() {}

  /** Returns the value in force of an option of HotSpot, or null if this JVM has no such option. */
  public static @Nullable String option(String name) {
    HotSpotDiagnosticMXBean hotspot =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return hotspot == null ? null : hotspot.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * Returns why this JVM can't compile the Vector API to vector instructions, which only its
   * optimizing compiler C2 does, or null if it can.
   */
  public static @Nullable String whyNoOptimizingCompiler() {
    String info = System.getProperty("java.vm.info", "");
    if (info.contains("interpreted")) {
      return "the JVM only interprets (-Xint)";
    }
    if (info.contains("emulated-client")) {
      return "the JVM compiles with C1 only";
    }
    String level = option("TieredStopAtLevel");
    if (level == null) {
      return "the JVM " + System.getProperty("java.vm.name") + " has no C2";
    }
    if (Integer.parseInt(level) < C2_LEVEL) {
      return "the JVM's optimizing compiler is off (-XX:TieredStopAtLevel=" + level + ")";
    }
    if ("true".equals(option("UseJVMCICompiler"))) {
      return "the JVM's optimizing compiler is replaced (-XX:+UseJVMCICompiler)";
    }
    return null;
  }
}
