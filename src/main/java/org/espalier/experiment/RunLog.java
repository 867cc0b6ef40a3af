package org.espalier.experiment;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.train.EpochReport;
import org.espalier.train.Trainer;
import org.espalier.train.TrainingListener;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The log of a run: one JSON object a line, for the run, each step and each epoch. A run that goes
 * on keeps the lines up to its checkpoint, so that no step stands there twice.
 */
final class RunLog implements TrainingListener, AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path file;
  private final Trainer trainer;
  private final Writer writer;

  RunLog(Path file, Trainer trainer, Map<String, String> identity) {
    this.file = file;
    this.trainer = trainer;
    List<String> kept = trainer.clock().step() == 0 ? List.of() : upTo(trainer.clock().step());
    try {
      writer = Files.newBufferedWriter(file);
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
    kept.forEach(this::line);
    if (kept.isEmpty()) {
      Map<String, Object> run = new LinkedHashMap<>(identity);
      run.put("totalSteps", trainer.clock().totalSteps());
      line(JSON.writeValueAsString(Map.of("run", run)));
    }
  }

  static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw InputException.writing(folder, e);
    }
  }

  private List<String> upTo(long step) {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      List<String> kept = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        if (stepOf(line) <= step) {
          kept.add(line);
        }
      }
      return kept;
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /**
   * Returns the step of a line; a line that was cut off by the end of a process has none to keep.
   */
  private static long stepOf(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      return node.has("run") ? 0 : node.path("step").asLong(Long.MAX_VALUE);
    } catch (JacksonException e) {
      return Long.MAX_VALUE;
    }
  }

  private void line(String text) {
    try {
      writer.append(text).append('\n');
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }

  @Override
  public void step(
      long step, double loss, double accuracy, double imagesPerSecond, double selectionShare) {
    double churn = trainer.network().churn();
    line(
        "{\"step\":"
            + step
            + ",\"loss\":"
            + loss
            + ",\"accuracy\":"
            + accuracy
            + (churn < 0 ? "" : ",\"churn\":" + churn)
            + "}");
  }

  @Override
  public void epoch(EpochReport report) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("epoch", report.epoch());
    fields.put("step", report.step());
    fields.put("loss", report.loss());
    fields.put("trainAccuracy", report.trainAccuracy());
    fields.put("accuracy", report.accuracy());
    report.prunedAccuracy().ifPresent(value -> fields.put("prunedAccuracy", value));
    fields.put("learningRate", report.learningRate());
    report.churn().ifPresent(value -> fields.put("churn", value));
    report.missShare().ifPresent(value -> fields.put("bracketsMissed", value));
    fields.put("imagesPerSecond", report.imagesPerSecond());
    fields.put("selectionShare", report.selectionShare());
    fields.put("waitShare", report.waitShare());
    line(JSON.writeValueAsString(fields));
  }

  @Override
  public void savePoint() {
    try {
      writer.flush();
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }
}
