package org.espalier.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void itIsThisOne() {
    Machine machine = Machine.detect();
    assertEquals(Runtime.getRuntime().availableProcessors(), machine.processors());
    assertTrue(machine.systemProcessors() >= machine.processors());
    assertTrue(machine.memoryBytes() > 0);
    assertEquals(Runtime.getRuntime().maxMemory(), machine.heapBytes());
    assertFalse(machine.cpu().isBlank());
    assertTrue(machine.java().startsWith("25"), machine.java());
    assertTrue(machine.flags().containsKey("MaxVectorSize"), machine.flags().toString());
    assertTrue(
        machine.arguments().stream().anyMatch(f -> f.contains("jdk.incubator.vector")),
        () -> machine.arguments().toString());
  }

  @Test
  void theProcessorIsNamedAsTheSystemNamesIt() {
    assertEquals(
        "AMD EPYC", Machine.cpu(List.of("processor\t: 0", "model name\t: AMD EPYC", "x: y")));
    assertEquals("CPU part 0xd40", Machine.cpu(List.of("processor : 0", "CPU part\t: 0xd40")));
    assertEquals(System.getProperty("os.arch"), Machine.cpu(List.of()));
  }
}
