package org.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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
    assertTrue(rows.contains(List.of("machine.systemProcessors", "16")), rows::toString);
  }

  @Test
  void theBuildIsKnownOrSaidToBeUnknown() {
    Build build = Build.current();
    assertTrue(build.version().matches("\\d+\\.\\d+\\.\\d+.*"), build.version());
    assertTrue(build.commit().matches("[0-9a-f]{7,40}|unknown"), build.commit());
    assertEquals("1.0 (commit unknown)", new Build("1.0", "unknown", false).toString());
  }
}
