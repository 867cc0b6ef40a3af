package org.espalier.cli.output;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.espalier.train.EpochReport;
import org.espalier.train.TrainingListener;
import org.jspecify.annotations.Nullable;

/**
 * Shows how a training goes, on the error stream: a bar with loss, accuracy, images per second, the
 * time left and the share of time in selection where there is a terminal, else a line an epoch.
 */
public final class TrainingProgress implements TrainingListener, AutoCloseable {
  private static final int UPDATE_MILLIS = 200;

  private final String name;
  private final PrintWriter err;
  private final @Nullable ProgressBar bar;
  private long shown;

  public TrainingProgress(String name, long done, long totalSteps, PrintWriter err) {
    this.name = name;
    this.err = err;
    this.bar = isTerminal() ? bar(name, done, totalSteps) : null;
  }

  private static boolean isTerminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  private static ProgressBar bar(String name, long done, long totalSteps) {
    return new ProgressBarBuilder()
        .setTaskName(name)
        .setInitialMax(totalSteps)
        .startsFrom(done, Duration.ZERO)
        .setStyle(
            System.err.charset().newEncoder().canEncode('█')
                ? ProgressBarStyle.UNICODE_BLOCK
                : ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(UPDATE_MILLIS)
        .showSpeed()
        .build();
  }

  @Override
  public void step(
      long step, double loss, double accuracy, double imagesPerSecond, double selectionShare) {
    if (bar == null) {
      return;
    }
    bar.stepTo(step);
    long now = System.nanoTime();
    if (now - shown > UPDATE_MILLIS * 1_000_000L) {
      shown = now;
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              " loss %.3f, accuracy %.1f %%, %.0f images/s, selection %.0f %%",
              loss,
              100 * accuracy,
              imagesPerSecond,
              100 * selectionShare));
    }
  }

  @Override
  public void epoch(EpochReport report) {
    if (bar == null) {
      StringBuilder line = new StringBuilder();
      line.append(
          String.format(
              Locale.ROOT,
              "%s: epoch %d, loss %.4f, accuracy %.2f %%",
              name,
              report.epoch(),
              report.loss(),
              100 * report.accuracy()));
      report
          .prunedAccuracy()
          .ifPresent(
              p -> line.append(String.format(Locale.ROOT, ", pruned-forward %.2f %%", 100 * p)));
      line.append(
          String.format(
              Locale.ROOT,
              ", %.0f images/s, selection %.0f %%",
              report.imagesPerSecond(),
              100 * report.selectionShare()));
      report
          .missShare()
          .ifPresent(
              s -> line.append(String.format(Locale.ROOT, " (brackets missed %.1f %%)", 100 * s)));
      line.append(
          String.format(Locale.ROOT, ", waiting for data %.0f %%", 100 * report.waitShare()));
      err.println(line);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
