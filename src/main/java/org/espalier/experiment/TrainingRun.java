package org.espalier.experiment;

import java.nio.file.Files;
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
import org.espalier.io.Checkpoint;
import org.espalier.io.ModelFile;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
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

  /** Name of the log in the folder. */
  public static final String LOG = "log.jsonl";

  /**
   * What a run gave.
   *
   * @param model the trained network
   * @param accuracy share of the test examples that are right
   * @param prunedAccuracy the same with all candidates of the method dropped, if it has any
   * @param epochs the reports, of this session's epochs only if the run was resumed
   * @param parameters number of the network's parameters
   */
  public record Result(
      Model model,
      double accuracy,
      OptionalDouble prunedAccuracy,
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
  private final Workers workers;
  private final Trainer trainer;

  /**
   * Makes a run ready.
   *
   * @param data training and test examples
   * @throws InputException if the recipe doesn't fit
   */
  public TrainingRun(Recipe recipe, Split data, long seed, Workers workers) {
    this.recipe = recipe;
    this.data = data;
    this.seed = seed;
    this.workers = workers;
    Split split = data;
    if (recipe.validation() > 0) {
      int count = (int) Math.round(recipe.validation() * data.training().size());
      split = data.training().holdOut(count, seed, Kernels.random());
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

  /**
   * Puts the run where the checkpoint in a folder stands.
   *
   * @throws InputException if there is none, or it is of another recipe, seed or data
   */
  public void resume(Path folder) {
    Path file = folder.resolve(CHECKPOINT);
    Checkpoint checkpoint = Checkpoint.read(file);
    identity()
        .forEach(
            (key, value) -> {
              String found = checkpoint.metadata().getOrDefault(key, "nothing");
              if (!found.equals(value)) {
                throw InputException.expected(
                    file + ": can't go on: " + key, shorten(value), shorten(found));
              }
            });
    checkpoint.restore(trainer.state());
    trainer.clock().set(step(file, checkpoint.metadata().getOrDefault("step", "nothing")));
  }

  private long step(Path file, String text) {
    if (!text.matches("\\d{1,18}") || Long.parseLong(text) > totalSteps()) {
      throw InputException.expected(file + ": step", "a number up to " + totalSteps(), text);
    }
    return Long.parseLong(text);
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
   * @param folder where checkpoint, log and model are kept, or empty to keep nothing; it is made
   * @param listener is told how it goes
   * @param interrupted asked after each step; true saves a checkpoint and ends
   * @return what it gave, or empty if it was interrupted
   */
  public Optional<Result> run(
      Optional<Path> folder, TrainingListener listener, BooleanSupplier interrupted) {
    List<EpochReport> epochs = new ArrayList<>();
    boolean complete;
    if (folder.isPresent()) {
      RunLog.makeFolder(folder.get());
      try (RunLog log = new RunLog(folder.get().resolve(LOG), trainer, identity())) {
        complete =
            trainer.run(
                new Forwarding(List.of(listener, log, new Saving(folder.get())), epochs),
                interrupted);
      }
    } else {
      complete = trainer.run(new Forwarding(List.of(listener), epochs), interrupted);
    }
    if (!complete) {
      return Optional.empty();
    }
    Result result = result(epochs);
    folder.ifPresent(f -> ModelFile.write(f.resolve(MODEL), result.model()));
    return Optional.of(result);
  }

  private Result result(List<EpochReport> epochs) {
    Graph trained = trainer.trained();
    var plain = Accuracy.of(trained, preprocessing, data.heldOut(), workers);
    OptionalDouble pruned =
        trainer.network().prunes()
            ? OptionalDouble.of(trainer.accuracy(Phase.EVALUATE_PRUNED, data.heldOut()))
            : OptionalDouble.empty();
    Map<String, String> provenance = new LinkedHashMap<>(identity());
    provenance.put("dataName", data.training().name());
    provenance.put("accuracy", Double.toString(plain));
    Model model = new Model(trained, preprocessing, data.training().classes(), provenance);
    return new Result(model, plain, pruned, epochs, graph.parameterCount());
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

  /** Writes the checkpoint. */
  private final class Saving implements TrainingListener {
    private final Path file;

    Saving(Path folder) {
      file = folder.resolve(CHECKPOINT);
    }

    @Override
    public void savePoint() {
      Map<String, String> metadata = identity();
      metadata.put("step", Long.toString(TrainingRun.this.step()));
      Checkpoint.write(file, trainer.state(), metadata);
    }
  }

  /** Returns whether a folder holds a checkpoint. */
  public static boolean isResumable(Path folder) {
    return Files.exists(folder.resolve(CHECKPOINT));
  }
}
