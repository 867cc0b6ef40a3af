package org.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Everything of others that goes into the jar has its licence there. */
class LicencesTest {
  private static final String LIST = "META-INF/licenses/THIRD-PARTY.txt";

  /** Made by the build, from what it resolves. */
  private static final String BOM = "META-INF/sbom/espalier.cdx.json";

  @Test
  void everyComponentOfTheBillOfMaterialsIsListed() throws IOException {
    Set<String> listed = new TreeSet<>();
    resource(LIST)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> listed.add(line.split("[;,]", 2)[0]));
    Set<String> contained = new TreeSet<>();
    for (JsonNode c : JsonMapper.shared().readTree(resource(BOM)).get("components")) {
      contained.add(c.get("group").asString() + ":" + c.get("name").asString());
    }
    assertEquals(contained, listed);
  }

  @Test
  void everyTextThatTheListNamesIsThere() throws IOException {
    for (String line : resource(LIST).lines().filter(l -> !l.startsWith("#")).toList()) {
      String[] fields = line.split("; ", -1);
      assertEquals(4, fields.length, line);
      String text = resource(fields[3]);
      String kind = fields[2].split("[-,]", 2)[0];
      assertTrue(text.contains(kind.equals("BSD") ? "Redistributions" : kind), line);
    }
  }

  /** The same sources make the same jar: nothing in it may say when or under which number. */
  @Test
  void theBillOfMaterialsIsReproducible() throws IOException {
    JsonNode bom = JsonMapper.shared().readTree(resource(BOM));
    assertFalse(bom.has("serialNumber"));
    assertFalse(bom.get("metadata").has("timestamp"));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = LicencesTest.class.getClassLoader().getResourceAsStream(name)) {
      assertNotNull(in, name + " is missing; Maven's phase process-test-classes makes the bill");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
