package org.espalier.experiment.bench;

import it.unimi.dsi.fastutil.longs.LongArrayList;
import it.unimi.dsi.fastutil.longs.LongList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.op.Stage;
import org.espalier.op.StageListener;

/** Takes the times of the stages of training steps. */
final class StageTimes implements StageListener {
  /** What one stage at one place took, step by step. */
  private static final class Cell {
    final LongArrayList nanos = new LongArrayList();
    long inStep;
    long multiplyAdds;
    boolean seen;
  }

  private final Map<String, Map<Stage, Cell>> places = new LinkedHashMap<>();
  private final LongArrayList steps = new LongArrayList();
  private long begun;
  private long last;
  private boolean skips;

  /** Leaves the next step out: it may still wait for what others have cached by now. */
  void skipOne() {
    skips = true;
  }

  /** Forgets all steps so far. */
  void forget() {
    places.clear();
    steps.clear();
  }

  @Override
  public void begin() {
    begun = System.nanoTime();
    last = begun;
  }

  @Override
  public void ended(String where, Stage stage, long multiplyAdds) {
    long now = System.nanoTime();
    Cell cell =
        places
            .computeIfAbsent(where, key -> new EnumMap<>(Stage.class))
            .computeIfAbsent(stage, key -> new Cell());
    cell.seen = true;
    cell.inStep += now - last;
    cell.multiplyAdds += skips ? 0 : multiplyAdds;
    last = now;
  }

  @Override
  public void end() {
    for (Map<Stage, Cell> cells : places.values()) {
      for (Cell cell : cells.values()) {
        if (cell.seen) {
          if (!skips) {
            cell.nanos.add(cell.inStep);
          }
          cell.inStep = 0;
          cell.seen = false;
        }
      }
    }
    if (!skips) {
      steps.add(last - begun);
    }
    skips = false;
  }

  /** Returns how many steps were counted. */
  int steps() {
    return steps.size();
  }

  /** Returns the median of a whole step in milliseconds. */
  double stepMillis() {
    return stepMillis(0);
  }

  /** Returns the same without the first so many steps. */
  double stepMillis(int from) {
    return median(steps.subList(from, steps.size()));
  }

  /**
   * Returns the medians of all stages that ever took place, in the order in which they first did.
   */
  List<TrainingSpeed.Part> parts() {
    List<TrainingSpeed.Part> parts = new ArrayList<>();
    places.forEach(
        (where, cells) ->
            cells.forEach(
                (stage, cell) -> {
                  if (!cell.nanos.isEmpty()) {
                    double work = (double) cell.multiplyAdds / cell.nanos.size();
                    parts.add(new TrainingSpeed.Part(where, stage, median(cell.nanos), work));
                  }
                }));
    return parts;
  }

  private static double median(LongList nanos) {
    long[] sorted = nanos.toLongArray();
    Arrays.sort(sorted);
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2] / 1e6;
  }
}
