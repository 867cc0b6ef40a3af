package org.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.espalier.kernel.Kernels;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ManifestTest {
  @Test
  void isJson() {
    JsonNode json = JsonMapper.shared().readTree(SampleReport.MANIFEST.toJson());
    assertEquals("1.2.3", json.at("/build/version").stringValue());
    assertEquals("2026-01-02T03:04:05Z", json.at("/date").stringValue());
    assertEquals(7, json.at("/seed").intValue());
    assertEquals("sha256:00ff", json.at("/dataDigest").stringValue());
    assertEquals("fc2", json.at("/recipe/sparsify/layers/1").stringValue());
    assertEquals("Imaginary 9000 <8-Core>", json.at("/machine/cpu").stringValue());
  }

  @Test
  void isATableOfDottedKeys() {
    List<List<String>> rows = SampleReport.MANIFEST.toTable().formatted();
    assertTrue(rows.contains(List.of("recipe.sparsify.layers", "fc1 fc2")), rows::toString);
    assertTrue(rows.contains(List.of("recipe.sparsify.alpha", "0.5")), rows::toString);
    assertTrue(rows.contains(List.of("build.dirty", "true")), rows::toString);
    assertTrue(rows.contains(List.of("machine.cpus", "2 of 16")), rows::toString);
  }

  @Test
  void theMachineIsThisOne() {
    Machine machine = Machine.here();
    assertTrue(machine.java().startsWith("25"), machine.java());
    assertTrue(
        machine.flags().stream().anyMatch(f -> f.contains("jdk.incubator.vector")),
        () -> machine.flags().toString());
    assertEquals(Kernels.choice().toString(), machine.kernels());
    assertFalse(machine.cpu().isBlank());
    assertTrue(
        machine.cpus().startsWith(Integer.toString(Runtime.getRuntime().availableProcessors())));
  }

  @Test
  void theProcessorIsNamedAsTheSystemNamesIt() {
    assertEquals(
        "AMD EPYC", Machine.cpu(List.of("processor\t: 0", "model name\t: AMD EPYC", "x: y")));
    assertEquals("CPU part 0xd40", Machine.cpu(List.of("processor : 0", "CPU part\t: 0xd40")));
    assertEquals("unknown " + System.getProperty("os.arch"), Machine.cpu(List.of()));
  }

  @Test
  void theBuildIsKnownOrSaidToBeUnknown() {
    Build build = Build.current();
    assertTrue(build.version().matches("\\d+\\.\\d+\\.\\d+.*"), build.version());
    assertTrue(build.commit().matches("[0-9a-f]{7,40}|unknown"), build.commit());
    assertEquals("1.0 (commit unknown)", new Build("1.0", "unknown", false).toString());
  }
}
