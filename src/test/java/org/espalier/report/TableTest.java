package org.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {
  private static Table layers() {
    return new Table(
            "Layers",
            Table.Column.text("layer"),
            Table.Column.number("weights", 0),
            Table.Column.number("zeros (%)", 1),
            Table.Column.number("latency (µs)"))
        .row("fc1", 235_200, 90.04, 17.25)
        .row("größer|\\", 7L, new Spread(5.55, 0.25), null)
        .row("𝛼\n", 0, Double.NaN, 0.00123456f);
  }

  @Test
  void textStandsLeftAndNumbersRight() {
    assertEquals(
        """
        Layers
        layer     weights  zeros (%)  latency (µs)
        ────────  ───────  ─────────  ────────────
        fc1       235,200       90.0         17.25
        größer|\\        7  5.6 ± 0.3             –
        𝛼?              0        NaN      0.001235
        """,
        layers().toText());
  }

  @Test
  void markdownKeepsItsBarsApart() {
    assertEquals(
        """
        **Layers**

        | layer      | weights | zeros (%) | latency (µs) |
        | ---------- | ------: | --------: | -----------: |
        | fc1        | 235,200 |      90.0 |        17.25 |
        | größer\\|\\\\ |       7 | 5.6 ± 0.3 |            – |
        | 𝛼?         |       0 |       NaN |     0.001235 |
        """,
        layers().toMarkdown());
  }

  @Test
  void jsonHasTheNumbersThemselves() {
    assertEquals(
        """
        [{"layer":"fc1","weights":235200,"zeros_percent":90.04,"latency_us":17.25},\
        {"layer":"größer|\\\\","weights":7,"zeros_percent":{"mean":5.55,"deviation":0.25},\
        "latency_us":null},\
        {"layer":"𝛼\\n","weights":0,"zeros_percent":null,"latency_us":0.00123456}]""",
        Json.compact(layers().objects()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "0 0",
        "-0.5 -0.5",
        "1 1",
        "12345.6 12,346",
        "9999.96 10,000",
        "0.1 0.1",
        "123.456 123.5",
        "-1.00049 -1",
        "1.5e-7 0.00000015",
        "1e-12 0",
      })
  void fourSignificantDigitsWithoutIdleZeros(double value, String expected) {
    Table table = new Table("", Table.Column.number("x")).row(value);
    assertEquals(expected, table.formatted().getFirst().getFirst());
  }

  @Test
  void doubtsAreNumberedAndExplainedBelow() {
    Table table =
        new Table("", Table.Column.number("ms", 1), Table.Column.doubts())
            .row(1.5, List.of("busy", "spread"))
            .row(2.5, List.of())
            .row(3.5, List.of("new\nline"))
            .row(4.5, List.of("busy", "spread"));
    assertEquals(
        """
         ms  doubts
        ───  ──────
        1.5  ?1
        2.5
        3.5  ?2
        4.5  ?1
        ?1 busy; spread
        ?2 new?line
        """,
        table.toText());
    assertTrue(table.toMarkdown().endsWith("|\n\n?1 busy; spread\n\n?2 new?line\n"));
    assertEquals(
        "{\"ms\":1.5,\"doubts\":[\"busy\",\"spread\"]}", Json.compact(table.objects().getFirst()));
  }

  @Test
  void aTableWithoutTitleBeginsWithItsHead() {
    assertEquals("x\n─\n", new Table("", Table.Column.text("x")).toText());
  }

  @Test
  void aRowHasACellForEachColumn() {
    assertThrows(IllegalArgumentException.class, () -> layers().row("fc3"));
  }
}
