package org.espalier.experiment.run;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.train.EpochReport;
import org.espalier.train.Trainer;
import org.espalier.train.TrainingListener;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The log of a run: one JSON object a line, for the run, each step and each epoch. A line that
 * stands there is never taken away, but for one that was cut off by the end of a process: a run
 * that goes on from a checkpoint adds no line a second time.
 */
final class RunLog implements TrainingListener, AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Bytes that wait for the disk at most. */
  private static final int LONGEST_WAIT = 1 << 16;

  private static final int LONGEST_LINE = 1 << 20;

  private final Path file;
  private final Trainer trainer;
  private final FileChannel channel;
  private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

  /** Bytes of whole lines that are in the file. */
  private long end;

  private long lastStep;
  private long lastEpoch;

  /**
   * Opens the log, or begins one.
   *
   * @throws InputException if it can't be written, or what is there is not the log of this run
   */
  RunLog(Path file, Trainer trainer, Map<String, String> identity) {
    this.file = file;
    this.trainer = trainer;
    Map<String, Object> run = new LinkedHashMap<>(identity);
    run.put("totalSteps", trainer.clock().totalSteps());
    String first = JSON.writeValueAsString(Map.of("run", run));
    try {
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
    try {
      read(JSON.readTree(first), trainer.clock().step());
      channel.truncate(end).position(end);
      if (end == 0) {
        line(first);
        flush();
      }
    } catch (IOException | RuntimeException e) {
      closeChannel();
      throw e instanceof RuntimeException r ? r : InputException.writing(file, (IOException) e);
    }
  }

  /** Finds the end of the last whole line, and what it tells of. */
  private void read(JsonNode first, long checkpoint) throws IOException {
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), LONGEST_WAIT);
    int number = 0;
    for (byte[] line = next(in); line != null; line = next(in)) {
      number++;
      @Nullable JsonNode node = parsed(line);
      boolean right = number == 1 ? first.equals(node) : node != null && node.has("step");
      if (!right && (number == 1 || lastStep < checkpoint)) {
        throw InputException.expected(
            file + ", line " + number, number == 1 ? "the log of this run" : "a step", "another");
      }
      if (node == null || !right) {
        return; // lines behind the checkpoint, which a failing machine may have spoilt
      }
      lastStep = node.path("step").asLong(lastStep);
      lastEpoch = node.path("epoch").asLong(lastEpoch);
      end += line.length + 1;
    }
  }

  /** Returns the next line, or null if there is none that is whole. */
  private static byte @Nullable [] next(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && bytes.size() < LONGEST_LINE; b = in.read()) {
      if (b == '\n') {
        return bytes.toByteArray();
      }
      bytes.write(b);
    }
    return null;
  }

  private static @Nullable JsonNode parsed(byte[] line) {
    try {
      return JSON.readTree(line);
    } catch (JacksonException e) {
      return null;
    }
  }

  private void line(String text) {
    waiting.writeBytes((text + "\n").getBytes(StandardCharsets.UTF_8));
    if (waiting.size() > LONGEST_WAIT) {
      flush();
    }
  }

  private void flush() {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(waiting.toByteArray());
      waiting.reset();
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException e) {
        channel.truncate(end); // no half line
        throw e;
      }
      end += bytes.limit();
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }

  @Override
  public void step(
      long step, double loss, double accuracy, double imagesPerSecond, double selectionShare) {
    if (step <= lastStep) {
      return;
    }
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
    if (report.epoch() <= lastEpoch) {
      return;
    }
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

  /** Comes before the checkpoint of the same step is written, which then finds all its lines. */
  @Override
  public void savePoint() {
    flush();
    try {
      channel.force(false);
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }

  @Override
  public void close() {
    try {
      flush();
    } finally {
      closeChannel();
    }
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }
}
