package org.espalier.infer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.model.Step;
import org.espalier.tensor.BufferPlan;
import org.espalier.tensor.Planes;
import org.espalier.tensor.Tensor;

/** Runs {@link Features}: holds the maps, which share storage where they can. */
final class FeatureSession implements Workers.Pieces {
  /**
   * Feature maps of a batch.
   *
   * @param planes their layout
   * @param tensor where they are
   */
  record Maps(Planes planes, Tensor tensor) {}

  private final Workers workers;
  private final Maps first;
  private final List<MapStage> stages = new ArrayList<>();
  private final Maps last;

  // The vectors that are being turned into maps, or maps into vectors.
  private boolean taking;
  private int images;
  private float[] vectors = {};
  private int offset;
  private int ld;

  FeatureSession(Features features, int maxBatch, Workers workers) {
    this.workers = workers;
    List<Step> steps = features.steps();
    Map<String, Integer> lastReaders = new HashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      for (String input : steps.get(i).inputs()) {
        lastReaders.put(input, i);
      }
    }
    BufferPlan plan = new BufferPlan();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      int until = lastReaders.getOrDefault(step.name(), steps.size());
      plan.add(Planes.of(step.output()).lengthOf(maxBatch), i, until);
    }
    float[][] storage = plan.allocate();
    Map<String, Maps> maps = new HashMap<>();
    Maps made = null;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      Planes planes = Planes.of(step.output());
      made = new Maps(planes, planes.over(maxBatch, storage[i]));
      maps.put(step.name(), made);
      if (step.operator() != null) {
        List<Maps> read =
            step.inputs().stream().map(input -> Objects.requireNonNull(maps.get(input))).toList();
        stages.add(new MapStage(step, features.graph(), read, made, maxBatch, workers));
      }
    }
    first = Objects.requireNonNull(maps.get(steps.getFirst().name()));
    last = Objects.requireNonNull(made);
  }

  /**
   * Computes the features of images.
   *
   * @param n how many
   * @param x the images, each in row-major order, {@code ldx} apart
   * @param y receives their features
   */
  void run(int n, float[] x, int xo, int ldx, Tensor y) {
    turn(true, n, x, xo, ldx);
    for (int i = 0; i < stages.size(); i++) {
      stages.get(i).run(n);
    }
    turn(false, n, y.data(), y.offset(), y.ld());
  }

  private void turn(boolean toMaps, int n, float[] x, int xo, int ldx) {
    taking = toMaps;
    images = n;
    vectors = x;
    offset = xo;
    ld = ldx;
    workers.run(Planes.groups(n), this);
  }

  @Override
  public void compute(int group) {
    Planes planes = taking ? first.planes() : last.planes();
    Tensor maps = taking ? first.tensor() : last.tensor();
    int lanes = Planes.lanes(images, group);
    int channels = planes.channels();
    int at = offset + group * Planes.LANES * ld;
    int row = maps.row(group * channels);
    if (taking) {
      Kernels.planes()
          .planesFromRows(
              lanes, channels, planes.pixels(), vectors, at, ld, maps.data(), row, maps.ld());
    } else {
      Kernels.planes()
          .rowsFromPlanes(
              lanes, channels, planes.pixels(), maps.data(), row, maps.ld(), vectors, at, ld);
    }
  }
}
