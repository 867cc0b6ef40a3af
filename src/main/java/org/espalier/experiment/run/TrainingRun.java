package org.espalier.experiment.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import org.espalier.InputException;
import org.espalier.data.Split;
import org.espalier.experiment.recipe.Recipe;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.io.Checkpoint;
import org.espalier.io.ModelFile;
import org.espalier.io.OutputFolder;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;
import org.espalier.train.EpochReport;
import org.espalier.train.Trainer;
import org.espalier.train.TrainingListener;

/**
 * One training from recipe, data and seed to a model. In its folder it keeps a checkpoint, from
 * which an interrupted run goes on bit for bit, a log of JSON lines and in the end the model.
 */
public final class TrainingRun {
  /** Name of the model's file in the folder. */
  public static final String MODEL = "model.safetensors";

  /** Name of the checkpoint's file in the folder. */
  public static final String CHECKPOINT = "checkpoint.safetensors";

  /**
   * Name of the file with the model of the best epoch in the folder. Which is best is judged on the
   * examples that the recipe holds out of the training data, never on the test data, and not while
   * the method is still ramping; a recipe that holds out none gives no such file.
   */
  public static final String BEST = "best.safetensors";

  /** Name of the log in the folder. */
  public static final String LOG = "log.jsonl";

  /** Names of all files that a run writes into its folder. */
  public static final List<String> FILES = List.of(CHECKPOINT, LOG, BEST, MODEL);

  /**
   * The best epoch.
   *
   * @param epoch counted from 1
   * @param accuracy share of the held-out examples that were right, with all candidates of the
   *     method dropped if it has any
   */
  public record Best(int epoch, double accuracy) {}

  /**
   * What a run gave.
   *
   * @param model the trained network
   * @param best the best epoch, if the recipe holds examples out to judge by and any epoch ended
   *     behind the method's ramp
   * @param accuracy share of the test examples that are right
   * @param prunedAccuracy the same with all candidates of the method dropped, if it has any
   * @param epochs the reports, of this session's epochs only if the run was resumed
   * @param parameters number of the network's parameters
   */
  public record Result(
      Model model,
      double accuracy,
      OptionalDouble prunedAccuracy,
      Optional<Best> best,
      List<EpochReport> epochs,
      long parameters) {
    /** Copies the list. */
    public Result {
      epochs = List.copyOf(epochs);
    }
  }

  private final Recipe recipe;
  private final Split data;
  private final long seed;
  private final Graph graph;
  private final Preprocessing preprocessing;
  private final ThreadPool workers;
  private final Trainer trainer;

  private Optional<Best> best = Optional.empty();
  private boolean resumed;

  /**
   * Makes a run ready.
   *
   * @param data training and test examples
   * @throws InputException if the recipe doesn't fit
   */
  public TrainingRun(Recipe recipe, Split data, long seed, ThreadPool workers) {
    this.recipe = recipe;
    this.data = data;
    this.seed = seed;
    this.workers = workers;
    Split split = data;
    if (recipe.validation() > 0) {
      int count = (int) Math.round(recipe.validation() * data.training().size());
      split = data.training().holdOut(count, seed);
    }
    preprocessing = split.training().standardization();
    int classes = data.training().classes().size();
    graph = recipe.graph(data.training().examples().shape(), classes, seed);
    Sparsifier sparsifier = recipe.sparsifier(graph);
    trainer =
        new Trainer(
            graph,
            sparsifier,
            recipe.options(seed),
            split.training(),
            split.heldOut(),
            preprocessing,
            workers);
  }

  /** Returns the steps of the whole training. */
  public long totalSteps() {
    return trainer.clock().totalSteps();
  }

  /** Returns how many steps have been done. */
  public long step() {
    return trainer.clock().step();
  }

  /** Returns the network. */
  public Graph graph() {
    return graph;
  }

  /** Returns the bytes that training takes: parameters, what the optimiser keeps, activations. */
  public long memoryBytes() {
    long kept = trainer.state().values().stream().mapToLong(Tensor::size).sum();
    return Float.BYTES * (kept + graph.parameterCount() + trainer.network().activationFloats());
  }

  /**
   * Puts the run where the checkpoint in a folder stands.
   *
   * @throws InputException if there is none, or it is of another recipe, seed or data
   */
  public void resume(OutputFolder folder) {
    Path file = folder.path().resolve(CHECKPOINT);
    Checkpoint checkpoint = Checkpoint.read(file);
    identity()
        .forEach(
            (key, value) -> {
              String found = checkpoint.metadata().getOrDefault(key, "nothing");
              if (!found.equals(value)) {
                throw InputException.expected(
                    file + ": can't continue: " + key, shorten(value), shorten(found));
              }
            });
    Map<String, String> metadata = checkpoint.metadata();
    long step = natural(file, "step", checkpoint.metadata("step"), totalSteps());
    if (metadata.containsKey("bestEpoch")) {
      int epoch =
          (int) natural(file, "bestEpoch", checkpoint.metadata("bestEpoch"), Integer.MAX_VALUE);
      best = Optional.of(new Best(epoch, accuracy(file, checkpoint.metadata("bestAccuracy"))));
    }
    Map<String, long[]> memory = trainer.memory();
    checkpoint.restore(trainer.state(), memory);
    trainer.clock().set(step);
    try {
      trainer.remember(memory);
    } catch (IllegalArgumentException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
    resumed = true;
  }

  private static long natural(Path file, String key, String text, long most) {
    if (!text.matches("\\d{1,18}") || Long.parseLong(text) > most) {
      throw InputException.expected(file + ": " + key, "a number up to " + most, text);
    }
    return Long.parseLong(text);
  }

  private static double accuracy(Path file, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new InputException(file + ": bestAccuracy: expected a number, found " + text, e);
    }
  }

  private static String shorten(String text) {
    return text.length() > 400 ? text.substring(0, 400) + "…" : text;
  }

  /** Returns what must be the same for a run to go on. */
  private Map<String, String> identity() {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("recipe", RecipeReader.toJson(recipe));
    identity.put("seed", Long.toString(seed));
    identity.put("data", data.digest());
    return identity;
  }

  /**
   * Trains to the end or until it is interrupted.
   *
   * @param folder where checkpoint, log and model are kept, or empty to keep nothing
   * @param listener is told how it goes
   * @param interrupted asked after each step; true saves a checkpoint and ends
   * @return what it gave, or empty if it was interrupted
   */
  public Optional<Result> run(
      Optional<OutputFolder> folder, TrainingListener listener, BooleanSupplier interrupted) {
    List<EpochReport> epochs = new ArrayList<>();
    boolean complete;
    if (folder.isPresent()) {
      Path path = folder.get().path();
      Saving saving = new Saving(path);
      if (!resumed) {
        saving.savePoint(); // from here on a run that is killed can go on
      }
      try (RunLog log = new RunLog(path.resolve(LOG), trainer, identity())) {
        complete = trainer.run(new Forwarding(List.of(listener, log, saving), epochs), interrupted);
      }
    } else {
      complete = trainer.run(new Forwarding(List.of(listener), epochs), interrupted);
    }
    if (!complete) {
      return Optional.empty();
    }
    Result result = result(epochs);
    folder.ifPresent(f -> ModelFile.write(f.path().resolve(MODEL), result.model()));
    return Optional.of(result);
  }

  private Result result(List<EpochReport> epochs) {
    Graph trained = trainer.trained();
    double plain = Accuracy.of(trained, preprocessing, data.heldOut(), workers);
    OptionalDouble pruned =
        trainer.network().prunes()
            ? OptionalDouble.of(trainer.accuracy(Phase.EVALUATE_PRUNED, data.heldOut()))
            : OptionalDouble.empty();
    Model model = model(trained, Map.of("accuracy", Double.toString(plain)));
    return new Result(model, plain, pruned, best, epochs, graph.parameterCount());
  }

  private Model model(Graph trained, Map<String, String> found) {
    Map<String, String> provenance = new LinkedHashMap<>(identity());
    provenance.put("dataName", data.training().name());
    provenance.putAll(found);
    return new Model(trained, preprocessing, data.training().classes(), provenance);
  }

  /** Tells several listeners in turn and collects the epochs. */
  private record Forwarding(List<TrainingListener> listeners, List<EpochReport> epochs)
      implements TrainingListener {
    @Override
    public void step(
        long step, double loss, double accuracy, double imagesPerSecond, double selectionShare) {
      for (int i = 0; i < listeners.size(); i++) {
        listeners.get(i).step(step, loss, accuracy, imagesPerSecond, selectionShare);
      }
    }

    @Override
    public void epoch(EpochReport report) {
      epochs.add(report);
      listeners.forEach(listener -> listener.epoch(report));
    }

    @Override
    public void savePoint() {
      listeners.forEach(TrainingListener::savePoint);
    }
  }

  /** Writes the checkpoint, and the model of each epoch that is better than all before. */
  private final class Saving implements TrainingListener {
    private final Path folder;

    Saving(Path folder) {
      this.folder = folder;
    }

    /** Judges by the pruned network where the method has one: that is what will be used. */
    @Override
    public void epoch(EpochReport report) {
      if (recipe.validation() == 0 || recipe.method().isRamping(trainer.clock())) {
        return;
      }
      double accuracy = report.prunedAccuracy().orElse(report.accuracy());
      if (best.isEmpty() || accuracy > best.get().accuracy()) {
        best = Optional.of(new Best(report.epoch(), accuracy));
        Map<String, String> found = new LinkedHashMap<>(); // files have their strings in order
        found.put("epoch", Integer.toString(report.epoch()));
        found.put("validationAccuracy", Double.toString(report.accuracy()));
        ModelFile.write(folder.resolve(BEST), model(trainer.trained(), found));
      }
    }

    @Override
    public void savePoint() {
      Map<String, String> metadata = identity();
      metadata.put("step", Long.toString(TrainingRun.this.step()));
      best.ifPresent(
          b -> {
            metadata.put("bestEpoch", Integer.toString(b.epoch()));
            metadata.put("bestAccuracy", Double.toString(b.accuracy()));
          });
      Checkpoint.write(folder.resolve(CHECKPOINT), trainer.state(), trainer.memory(), metadata);
    }
  }

  /**
   * Removes what an earlier run wrote into a folder, the checkpoint last: as long as it is there
   * the rest is known to be a run's.
   *
   * @throws InputException if a file of that name is not a run's
   */
  public static void clear(OutputFolder folder) {
    if (Files.notExists(folder.file(CHECKPOINT))) {
      for (String name : FILES) {
        if (Files.exists(folder.path().resolve(name), LinkOption.NOFOLLOW_LINKS)) {
          throw InputException.expected(
              folder.path(), "a folder without other files of that name", name);
        }
      }
      return;
    }
    for (String name : List.of(LOG, BEST, MODEL, CHECKPOINT)) {
      try {
        Files.deleteIfExists(folder.path().resolve(name));
      } catch (IOException e) {
        throw InputException.writing(folder.path().resolve(name), e);
      }
    }
  }
}
