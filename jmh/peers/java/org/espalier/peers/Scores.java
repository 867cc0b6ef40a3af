package org.espalier.peers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.report.Table;
import org.espalier.report.Table.Column;
import org.jspecify.annotations.Nullable;

/** How scores are shown. */
final class Scores {
  private Scores() {}

  static Table limits(MeasuredRoofline roofline) {
    Table table =
        new Table(
            "Limits of " + roofline.cpu() + ", " + roofline.kernels(),
            Column.number("threads", 0),
            Column.text("what"),
            Column.number("speed", 1),
            Column.text("unit"));
    for (MeasuredRoofline.Limit limit : roofline.limits()) {
      table.row(limit.threads(), limit.what(), limit.speed(), limit.unit());
    }
    return table;
  }

  static Table table(List<Score> scores, @Nullable MeasuredRoofline roofline) {
    Table table =
        new Table(
            "",
            Column.text("row"),
            Column.text("job"),
            Column.number("threads", 0),
            Column.text("ours"),
            Column.text("of peak"),
            Column.text("theirs"),
            Column.text("who"),
            Column.text("ratio (spread)"),
            Column.number("of bests", 2),
            Column.text("must / reach"),
            Column.text("mark"),
            Column.number("load", 1),
            Column.number("others (CPUs)", 1),
            Column.doubts());
    for (Score score : scores) {
      if (score.timings().isEmpty()) {
        continue;
      }
      Benchmark benchmark = score.benchmark();
      double ours = score.median(Timing::oursNanos);
      double ratio = score.ratio();
      double[] spread = score.spread();
      table.row(
          benchmark.name(),
          benchmark.job(),
          benchmark.threads(),
          speed(benchmark, ours),
          roofline == null || benchmark.flops() == 0
              ? null
              : format(
                  "%.0f %%", 100 * benchmark.flops() / ours / roofline.peak(benchmark.threads())),
          speed(benchmark, score.median(Timing::theirsNanos)),
          benchmark.peer(),
          format("%.2f (%.2f–%.2f)", ratio, spread[0], spread[1])
              + (benchmark.mark().cost() ? " of the time" : " × as fast"),
          score.ratioOfBests(),
          benchmark.mark().text(),
          score.verdict(),
          score.median(Timing::load),
          score.others(),
          score.doubts());
    }
    return table;
  }

  private static String speed(Benchmark benchmark, double nanos) {
    if (benchmark.flops() > 0) {
      return format("%.1f GF/s", benchmark.flops() / nanos);
    }
    if (nanos < 1e6) {
      return format("%.1f µs", nanos / 1e3);
    }
    return nanos < 1e9 ? format("%.2f ms", nanos / 1e6) : format("%.2f s", nanos / 1e9);
  }

  private static String format(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }

  static Map<String, @Nullable Object> report(
      List<Score> scores, @Nullable MeasuredRoofline roofline, int runs) {
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    report.put("runs", runs);
    report.put("roofline", roofline);
    report.put("rows", scores.stream().map(Scores::object).toList());
    return report;
  }

  private static Map<String, @Nullable Object> object(Score score) {
    Benchmark benchmark = score.benchmark();
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("name", benchmark.name());
    row.put("job", benchmark.job());
    row.put("peer", benchmark.peer());
    row.put("threads", benchmark.threads());
    row.put("flops", benchmark.flops());
    row.put("mark", benchmark.mark().text());
    row.put("failure", score.failure());
    if (!score.timings().isEmpty()) {
      row.put("ratioIs", benchmark.mark().cost() ? "our time / theirs" : "their time / ours");
      row.put("ratio", score.ratio());
      row.put("spread", score.spread());
      row.put("ratioOfBests", score.ratioOfBests());
      row.put("verdict", score.verdict());
      row.put("doubts", score.doubts());
      row.put("timings", score.timings());
    }
    return row;
  }
}
