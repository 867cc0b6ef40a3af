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
      Contest contest = score.contest();
      double ours = score.median(Timing::oursNanos);
      double ratio = score.ratio();
      double[] spread = score.spread();
      table.row(
          contest.name(),
          contest.job(),
          contest.threads(),
          speed(contest, ours),
          roofline == null || contest.flops() == 0
              ? null
              : format("%.0f %%", 100 * contest.flops() / ours / roofline.peak(contest.threads())),
          speed(contest, score.median(Timing::theirsNanos)),
          contest.peer(),
          format("%.2f (%.2f–%.2f)", ratio, spread[0], spread[1])
              + (contest.mark().cost() ? " of the time" : " × as fast"),
          score.ratioOfBests(),
          contest.mark().text(),
          score.verdict(),
          score.median(Timing::load),
          score.others(),
          score.doubts());
    }
    return table;
  }

  private static String speed(Contest contest, double nanos) {
    if (contest.flops() > 0) {
      return format("%.1f GF/s", contest.flops() / nanos);
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
    Contest contest = score.contest();
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("name", contest.name());
    row.put("job", contest.job());
    row.put("peer", contest.peer());
    row.put("threads", contest.threads());
    row.put("flops", contest.flops());
    row.put("mark", contest.mark().text());
    row.put("failure", score.failure());
    if (!score.timings().isEmpty()) {
      row.put("ratioIs", contest.mark().cost() ? "our time / theirs" : "their time / ours");
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
