package org.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HtmlReportTest {
  private static String html;

  /** Leaves the file behind for whoever wants to look at it. */
  @BeforeAll
  static void render() throws IOException {
    html = SampleReport.make().render();
    Files.writeString(Path.of("target", "sample-report.html"), html);
  }

  @Test
  void takesNoTextForMarkup() {
    assertEquals("&lt;a b=&quot;c&quot;&gt;&amp;amp;&#39;", HtmlReport.escape("<a b=\"c\">&amp;'"));
    assertFalse(html.contains("<script>alert"));
    assertTrue(
        html.contains(
            "<h1>LeNet-300-100 &lt;script&gt;alert(1)&lt;/script&gt; &amp; friends</h1>"));
    assertTrue(html.contains("<td>Imaginary 9000 &lt;8-Core&gt;</td>"));
  }

  @Test
  void textInDataCannotEndItsScript() {
    String nasty = "</script><!--<script>\u2028 é";
    Series series = Series.of(nasty, new double[] {0, 1}, new double[] {2, Double.NaN});
    String text =
        new HtmlReport(
                "t",
                "",
                List.of(),
                List.of(Section.of("s", new Chart("c", "x", "y", List.of(series)))),
                SampleReport.MANIFEST)
            .render();
    JsonNode data = scripts(text).get(0);
    assertEquals(nasty, data.at("/lines/0/name").stringValue());
    assertEquals(2.0, data.at("/lines/0/y/0").doubleValue());
    assertTrue(data.at("/lines/0/y/1").isNull(), "JSON has no NaN");
    assertEquals(count(html, "</script>") - count(html, "<script"), 0);
    assertEquals(count(text, "</script>") - count(text, "<script"), 0);
  }

  @Test
  void loadsNothing() {
    assertTrue(html.contains("Content-Security-Policy\" content=\"default-src 'none';"));
    Matcher loads =
        Pattern.compile("<(link|img|iframe|script [^>]*src)|\\ssrc=|@import|url\\(").matcher(html);
    assertFalse(loads.find(), () -> "loads " + loads.group());
  }

  @Test
  void holdsTheChartsScriptStyleAndLicence() {
    assertTrue(html.contains("var uPlot="));
    assertTrue(html.contains(".u-legend"));
    assertTrue(html.contains("Permission is hereby granted, free of charge"));
  }

  @Test
  void everyChartHasItsDataAndNumbers() {
    assertEquals(6, count(html, "<figure>"));
    List<JsonNode> data = scripts(html);
    JsonNode accuracy = data.get(0);
    assertEquals("weights pruned (%)", accuracy.at("/x/label").stringValue());
    assertEquals(100.0, accuracy.at("/y/max").doubleValue());
    assertTrue(accuracy.at("/x/min").isNull());
    assertEquals(12, accuracy.at("/at").size());
    assertEquals(5, accuracy.at("/lines").size());
    assertEquals(12, accuracy.at("/lines/4/spread").size());
    assertTrue(data.get(1).at("/y/log").booleanValue());
    JsonNode histogram = data.get(4);
    assertTrue(histogram.at("/steps").booleanValue());
    assertEquals(62, histogram.at("/at").size());
    assertEquals(62, histogram.at("/lines/1/y").size());
    JsonNode manifest = data.get(data.size() - 1);
    assertEquals("0123abc", manifest.at("/build/commit").stringValue());
    assertEquals(6, count(html, "<summary>Numbers</summary>"));
  }

  @Test
  void linesOverDifferentPointsShareOneAxis() {
    Chart chart =
        new Chart(
            "c",
            "x",
            "y",
            List.of(
                Series.of("a", new double[] {0, 2}, new double[] {10, 12}),
                new Series("b", new double[] {1, 2}, new double[] {21, 22}, new double[] {0, 3})));
    assertEquals(
        """
        c
        x   a       b
        ─  ──  ──────
        0  10       –
        1   –      21
        2  12  22 ± 3
        """,
        chart.table().toText());
    JsonNode data = JsonMapper.shared().readTree(Json.script(ChartData.of(chart)));
    assertEquals("[0.0,1.0,2.0]", data.get("at").toString());
    assertEquals("[10.0,null,12.0]", data.at("/lines/0/y").toString());
    assertEquals("[null,21.0,22.0]", data.at("/lines/1/y").toString());
    assertEquals("[null,0.0,3.0]", data.at("/lines/1/spread").toString());
  }

  private static List<JsonNode> scripts(String html) {
    return Pattern.compile("<script type=\"application/json\"[^>]*>(.*?)</script>", Pattern.DOTALL)
        .matcher(html)
        .results()
        .map(m -> JsonMapper.shared().readTree(m.group(1)))
        .toList();
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }
}
