package org.espalier.experiment.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.infer.KernelTimes;
import org.espalier.infer.KernelTimes.Key;
import org.espalier.infer.WeightFormat;
import org.espalier.io.CacheDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTimesFileTest {
  private static final Key DENSE = new Key("8 of 4, fp32, 50 %", WeightFormat.DENSE, 1);
  private static final Key CSR = new Key("8 of 4, fp32, 50 %", WeightFormat.CSR, 64);

  @TempDir Path folder;
  private CacheDirectory cache;

  @BeforeEach
  void useTheFolder() {
    cache = CacheDirectory.of(folder.resolve("cache"));
  }

  private KernelTimesFile file(String... subject) {
    return new KernelTimesFile(Optional.of(cache), List.of(subject));
  }

  @Test
  void timesOfOneMachineAndBuildComeBackAndReplaceEarlierOnes() {
    file("here", "build 1").add(Map.of(DENSE, 120.0, CSR, 3e9));
    file("here", "build 1").add(Map.of(DENSE, 90.0));
    assertEquals(Map.of(DENSE, 90.0, CSR, 3e9), file("here", "build 1").read().nanos());
    assertEquals(KernelTimes.NONE, file("here", "build 2").read());
    assertEquals(KernelTimes.NONE, file("there", "build 1").read());
    assertNotEquals(file("here", "build 1").file(), file("here", "build 2").file());
  }

  @Test
  void aPersonCanReadWhatWasMeasuredWhere() throws IOException {
    KernelTimesFile file = file("CPU: one\nline", "JDK: 25");
    file.add(Map.of(DENSE, 120.4));
    assertEquals(
        List.of(
            "# kernel times of espalier, by layer, kernel, batch: ns",
            "# CPU: one line",
            "# JDK: 25",
            "8 of 4, fp32, 50 %\tdense\t1\t120"),
        Files.readAllLines(file.file().orElseThrow()));
  }

  @Test
  void linesThatMakeNoSenseArePassedOver() throws IOException {
    KernelTimesFile file = file("here");
    file.add(Map.of(DENSE, 120.0));
    Files.writeString(
        file.file().orElseThrow(),
        """
        a\tdense\t1\t0
        a\tdense\t1\t-5
        a\tdense\t1\tNaN
        a\tauto\t1\t5
        a\tquick\t1\t5
        a\tdense\t99999999999\t5
        a\tdense\t1\t9999999999999999
        a\tdense\t1
        b\tcsr\t64\t7
        \u0000\u0001\
        """);
    assertEquals(Map.of(new Key("b", WeightFormat.CSR, 64), 7.0), file.read().nanos());
  }

  @Test
  void theFileIsBoundedAndTheOldestTimesGoFirst() throws IOException {
    KernelTimesFile file = file("here");
    for (int part = 0; part < 3; part++) {
      Map<Key, Double> times = new LinkedHashMap<>();
      for (int i = 0; i < 3000; i++) {
        times.put(new Key("layer " + (3000 * part + i), WeightFormat.DENSE, 1), 5.0);
      }
      file.add(times);
    }
    Map<Key, Double> kept = file.read().nanos();
    assertEquals(4000, kept.size());
    assertTrue(kept.containsKey(new Key("layer 8999", WeightFormat.DENSE, 1)));
    assertFalse(kept.containsKey(new Key("layer 4999", WeightFormat.DENSE, 1)));
    assertTrue(Files.size(file.file().orElseThrow()) < 1 << 20);
  }

  @Test
  void withoutACacheNothingIsKept() {
    KernelTimesFile file = new KernelTimesFile(Optional.empty(), List.of("here"));
    file.add(Map.of(DENSE, 120.0));
    assertEquals(KernelTimes.NONE, file.read());
    assertEquals(Optional.empty(), file.file());
  }
}
