package org.espalier.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A report as one HTML file that needs nothing else: styles, scripts and data lie inside, and its
 * content policy forbids it the network. Charts follow the reader's light or dark theme, the window
 * and the printer; the numbers behind each can be unfolded.
 *
 * @param title the heading
 * @param lead a sentence or two that say what came out
 * @param figures the numbers that say most
 * @param sections the body
 * @param manifest how it was made
 */
public record HtmlReport(
    String title, String lead, List<Figure> figures, List<Section> sections, Manifest manifest) {
  /** Copies the lists. */
  public HtmlReport {
    figures = List.copyOf(figures);
    sections = List.copyOf(sections);
  }

  /** Returns the file's text. */
  public String render() {
    StringBuilder out = new StringBuilder(1 << 17);
    String uplot = "/META-INF/resources/webjars/uplot/" + Build.uplotVersion() + "/";
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"generator\" content=\"espalier\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
        .append(" style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n");
    element(out, "title", title);
    out.append("<!-- The charts are drawn by uPlot:\n")
        .append(escape(resource(uplot + "LICENSE")))
        .append("-->\n<style>\n")
        .append(resource(uplot + "dist/uPlot.min.css"))
        .append(resource("report.css"))
        .append("</style>\n</head>\n<body>\n<header>\n")
        .append(resource("espalier.svg"));
    element(out, "h1", title);
    out.append("<p class=\"lead\">").append(escape(lead)).append("</p>\n");
    if (!figures.isEmpty()) {
      out.append("<dl class=\"figures\">\n");
      figures.forEach(figure -> figure(out, figure));
      out.append("</dl>\n");
    }
    out.append("</header>\n<main>\n<noscript><p>The charts need JavaScript; their numbers are in")
        .append(" the tables below each.</p></noscript>\n");
    sections.forEach(section -> section(out, section));
    section(out, Section.of("How this was made", manifest.toTable()));
    out.append("</main>\n<footer>Made by espalier ")
        .append(escape(manifest.build().toString()))
        .append(", ")
        .append(escape(manifest.date().toString()))
        .append("</footer>\n<script type=\"application/json\" id=\"manifest\">")
        .append(Json.script(manifest))
        .append("</script>\n<script>\n")
        .append(resource(uplot + "dist/uPlot.iife.min.js"))
        .append("</script>\n<script>\n")
        .append(resource("report.js"))
        .append("</script>\n</body>\n</html>\n");
    return out.toString();
  }

  private static void figure(StringBuilder out, Figure figure) {
    out.append("<div>");
    element(out, "dt", figure.label());
    element(out, "dd", figure.value());
    out.append("<dd class=\"note\">").append(escape(figure.note())).append("</dd></div>\n");
  }

  private static void section(StringBuilder out, Section section) {
    out.append("<section>\n");
    element(out, "h2", section.title());
    boolean charts = false; // neighbours that stand side by side where there is room
    for (Block block : section.blocks()) {
      boolean chart = block instanceof Chart || block instanceof Histogram;
      if (chart != charts) {
        out.append(chart ? "<div class=\"charts\">\n" : "</div>\n");
        charts = chart;
      }
      switch (block) {
        case Paragraph paragraph -> element(out, "p", paragraph.text());
        case Table table -> {
          out.append("<div class=\"scroll\">");
          table(out, table);
          out.append("</div>\n");
        }
        case Chart c -> chart(out, c.title(), ChartData.of(c), c.table());
        case Histogram h -> chart(out, h.title(), ChartData.of(h), h.table());
      }
    }
    out.append(charts ? "</div>\n</section>\n" : "</section>\n");
  }

  private static void chart(StringBuilder out, String title, ChartData data, Table numbers) {
    out.append("<figure>\n");
    element(out, "figcaption", title);
    out.append("<div class=\"plot\"></div>\n<script type=\"application/json\">")
        .append(Json.script(data))
        .append("</script>\n<details><summary>Numbers</summary><div class=\"scroll\">");
    table(out, numbers);
    out.append("</div></details>\n</figure>\n");
  }

  private static void table(StringBuilder out, Table table) {
    out.append("<table>\n");
    if (!table.title().isEmpty()) {
      element(out, "caption", table.title());
    }
    List<Table.Column> columns = table.columns();
    out.append("<thead>");
    row(out, "th", columns, columns.stream().map(Table.Column::name).toList());
    out.append("</thead>\n<tbody>\n");
    table.formatted().forEach(cells -> row(out, "td", columns, cells));
    out.append("</tbody>\n</table>\n");
    table.notes().forEach(note -> element(out, "p", note));
  }

  private static void row(
      StringBuilder out, String cell, List<Table.Column> columns, List<String> texts) {
    out.append("<tr>");
    for (int c = 0; c < texts.size(); c++) {
      out.append('<').append(cell).append(columns.get(c).numeric() ? " class=\"n\">" : ">");
      out.append(escape(texts.get(c))).append("</").append(cell).append('>');
    }
    out.append("</tr>\n");
  }

  private static void element(StringBuilder out, String name, String text) {
    out.append('<').append(name).append('>').append(escape(text));
    out.append("</").append(name).append(">\n");
  }

  /** Returns text such that HTML takes nothing in it for markup, in elements and in attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the program's resource " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
