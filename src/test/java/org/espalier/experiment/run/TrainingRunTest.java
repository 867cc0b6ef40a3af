package org.espalier.experiment.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Split;
import org.espalier.data.binary.FashionMnist;
import org.espalier.experiment.recipe.Recipe;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.io.ModelFile;
import org.espalier.io.OutputFolder;
import org.espalier.parallel.ThreadPool;
import org.espalier.train.EpochReport;
import org.espalier.train.TrainingListener;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a run leaves in its folder, broken off and gone on with or not. */
class TrainingRunTest {
  private static final Split DATA = data();

  @TempDir Path dir;

  /** 120 examples to train on make 4 steps of an epoch, the last smaller. */
  private static Split data() {
    Split all = FashionMnist.embedded();
    Dataset training = all.training().holdOut(120, 1).heldOut();
    Dataset heldOut = all.heldOut().holdOut(60, 1).heldOut();
    return new Split(training, heldOut);
  }

  private static Recipe recipe(String name, String... settings) {
    Map<String, String> all =
        new HashMap<>(Map.of("network", "[16]", "epochs", "3", "batch", "32"));
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return RecipeReader.read(name, all);
  }

  private static Optional<TrainingRun.Result> train(
      Recipe recipe, Path folder, boolean resume, TrainingListener listener, long... breakAt) {
    try (ThreadPool workers = new ThreadPool(1);
        OutputFolder out = OutputFolder.open(folder, Assertions::fail)) {
      TrainingRun run = new TrainingRun(recipe, DATA, 1, workers);
      if (resume) {
        run.resume(out);
      }
      BooleanSupplier interrupted = () -> breakAt.length > 0 && run.step() == breakAt[0];
      return run.run(Optional.of(out), listener, interrupted);
    }
  }

  /** The lines of a log, without what depends on the clock on the wall. */
  private static List<JsonNode> log(Path folder) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(TrainingRun.LOG))) {
      ObjectNode node = (ObjectNode) JsonMapper.shared().readTree(line);
      for (String time : List.of("imagesPerSecond", "selectionShare", "waitShare")) {
        node.remove(time);
      }
      lines.add(node);
    }
    return lines;
  }

  private static void assertSameRun(Path want, Path got) throws IOException {
    for (String file : List.of(TrainingRun.MODEL, TrainingRun.CHECKPOINT)) {
      assertArrayEquals(
          Files.readAllBytes(want.resolve(file)), Files.readAllBytes(got.resolve(file)), file);
    }
    assertEquals(log(want), log(got));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Broken off inside an epoch, between two and before the last step: files and log are alike. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "targeted-weight",
        "targeted-weight method.by=block-4",
        "targeted-unit",
        "targeted-unit method.draw=entry",
        "ramping-weight method.ramp=2_epochs",
        "ramping-weight ema=0.9",
        "plain method.kind=dropconnect"
      })
  void aRunThatGoesOnGivesFilesAndLogOfOneWithoutABreak(String method) throws IOException {
    List<String> settings = new ArrayList<>();
    String[] words = method.split(" ");
    for (int i = 1; i < words.length; i++) {
      settings.addAll(List.of(words[i].replace('_', ' ').split("=")));
    }
    Recipe recipe = recipe(words[0], settings.toArray(String[]::new));
    Path whole = dir.resolve("whole");
    train(recipe, whole, false, TrainingListener.NONE);
    assertEquals(1 + 3 * 5, log(whole).size());
    assertTrue(log(whole).getLast().has("churn"), "the method has masks");
    Path parts = dir.resolve("parts");
    assertTrue(train(recipe, parts, false, TrainingListener.NONE, 2).isEmpty());
    assertTrue(train(recipe, parts, true, TrainingListener.NONE, 4).isEmpty());
    assertTrue(train(recipe, parts, true, TrainingListener.NONE, 7).isEmpty());
    assertTrue(train(recipe, parts, true, TrainingListener.NONE, 11).isEmpty());
    assertTrue(train(recipe, parts, true, TrainingListener.NONE).isPresent());
    assertSameRun(whole, parts);
    assertEquals(names(whole), names(parts));
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static TrainingListener killedAt(long when) {
    return new TrainingListener() {
      @Override
      public void step(long step, double loss, double accuracy, double speed, double share) {
        if (step == when) {
          throw new Killed();
        }
      }
    };
  }

  @Test
  void linesThatStoodInTheLogStayWhateverComesAfter() throws IOException {
    Recipe recipe = recipe("targeted-weight");
    Path whole = dir.resolve("whole");
    train(recipe, whole, false, TrainingListener.NONE);
    Path parts = dir.resolve("parts");
    // Ended without a save point at step 7: the log knows more than the checkpoint, of step 4.
    assertThrows(Killed.class, () -> train(recipe, parts, false, killedAt(7)));
    List<JsonNode> stood = log(parts);
    assertEquals(1 + 5 + 2, stood.size());
    Path log = parts.resolve(TrainingRun.LOG);
    String text = Files.readString(log);
    Files.writeString(log, text + "{\"step\":7,\"lo");
    assertThrows(Killed.class, () -> train(recipe, parts, true, killedAt(5)));
    assertEquals(stood, log(parts), "the half line is gone, all others stand");
    train(recipe, parts, true, TrainingListener.NONE);
    assertSameRun(whole, parts);
  }

  /** Before the first epoch has ended there is a checkpoint too. */
  @Test
  void aRunThatIsEndedInItsFirstEpochGoesOn() throws IOException {
    Recipe recipe = recipe("targeted-weight");
    Path whole = dir.resolve("whole");
    train(recipe, whole, false, TrainingListener.NONE);
    Path parts = dir.resolve("parts");
    assertThrows(Killed.class, () -> train(recipe, parts, false, killedAt(1)));
    train(recipe, parts, true, TrainingListener.NONE);
    assertSameRun(whole, parts);
  }

  @Test
  void aLogOfAnotherRunIsNotTouched() throws IOException {
    Recipe recipe = recipe("plain");
    Path folder = dir.resolve("run");
    train(recipe, folder, false, TrainingListener.NONE, 2);
    Path log = folder.resolve(TrainingRun.LOG);
    for (String other : List.of("{\"run\":{\"seed\":\"2\"}}\n", "my own notes\nof long ago\n")) {
      Files.writeString(log, other);
      InputException e =
          assertThrows(
              InputException.class, () -> train(recipe, folder, true, TrainingListener.NONE));
      assertEquals(log + ", line 1: expected the log of this run, found another", e.getMessage());
      assertEquals(other, Files.readString(log));
    }
  }

  /** Collects the reports. */
  private static final class Reports implements TrainingListener {
    private final List<EpochReport> all = new ArrayList<>();

    @Override
    public void epoch(EpochReport report) {
      all.add(report);
    }
  }

  @Test
  void withoutExamplesToJudgeByThereIsNoBestModel() throws IOException {
    Path folder = dir.resolve("run");
    var result = train(recipe("targeted-weight"), folder, false, TrainingListener.NONE);
    assertTrue(result.orElseThrow().best().isEmpty());
    assertEquals(
        List.of(TrainingRun.CHECKPOINT, TrainingRun.LOG, TrainingRun.MODEL), names(folder));
  }

  @Test
  void theBestModelIsChosenOnHeldOutTrainingExamplesBehindTheRamp() throws IOException {
    Path folder = dir.resolve("run");
    Reports reports = new Reports();
    Recipe recipe =
        recipe(
            "ramping-weight",
            "method.ramp",
            "3 epochs",
            "epochs",
            "6",
            "validation",
            "0.25",
            "learningRate",
            "0.2");
    var result = train(recipe, folder, false, reports).orElseThrow();
    EpochReport want = reports.all.get(2);
    for (EpochReport report : reports.all.subList(3, 6)) {
      if (report.prunedAccuracy().orElseThrow() > want.prunedAccuracy().orElseThrow()) {
        want = report;
      }
    }
    TrainingRun.Best best = result.best().orElseThrow();
    assertEquals(want.epoch(), best.epoch());
    assertEquals(want.prunedAccuracy().orElseThrow(), best.accuracy());
    double thirtieths = 30 * best.accuracy(); // a quarter of 120 examples are held out
    assertEquals(Math.rint(thirtieths), thirtieths, 1e-9);
    Map<String, String> provenance = ModelFile.read(folder.resolve(TrainingRun.BEST)).provenance();
    assertEquals(Integer.toString(want.epoch()), provenance.get("epoch"));
    assertFalse(provenance.containsKey("accuracy"), "that is one on test data");

    Path parts = dir.resolve("parts");
    train(recipe, parts, false, TrainingListener.NONE, 17);
    var resumed = train(recipe, parts, true, TrainingListener.NONE).orElseThrow();
    assertEquals(result.best(), resumed.best());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve(TrainingRun.BEST)),
        Files.readAllBytes(parts.resolve(TrainingRun.BEST)));
  }

  @Test
  void aRampThatNeverEndsGivesNoBestModel() throws IOException {
    Path folder = dir.resolve("run");
    Recipe recipe = recipe("ramping-weight", "method.ramp", "4 epochs", "validation", "0.25");
    assertTrue(train(recipe, folder, false, TrainingListener.NONE).orElseThrow().best().isEmpty());
    assertFalse(names(folder).contains(TrainingRun.BEST));
  }

  @Test
  void onlyARunsOwnFilesAreCleared() throws IOException {
    Path folder = Files.createDirectory(dir.resolve("run"));
    Path theirs = Files.writeString(folder.resolve(TrainingRun.MODEL), "theirs");
    try (OutputFolder out = OutputFolder.open(folder, Assertions::fail)) {
      assertEquals(
          folder + ": expected a folder without other files of that name, found model.safetensors",
          assertThrows(InputException.class, () -> TrainingRun.clear(out)).getMessage());
      assertEquals("theirs", Files.readString(theirs));
      Files.delete(theirs);
    }
    train(recipe("plain"), folder, false, TrainingListener.NONE);
    try (OutputFolder out = OutputFolder.open(folder, Assertions::fail)) {
      TrainingRun.clear(out);
    }
    assertEquals(List.of(), names(folder));
  }
}
