package org.espalier.infer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.kernel.Kernels;
import org.espalier.parallel.Ranges;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BufferPlan;
import org.espalier.tensor.PaddedNchw;
import org.espalier.tensor.Tensor;

/**
 * Runs {@link ConvPlan} for an image, or for up to sixteen side by side: holds the maps, of which
 * those of one layout share storage where they can. Serves one caller at a time.
 */
final class ConvPipeline implements ThreadPool.Pieces {
  /** Pieces of a stage that several threads find, so that a late one can leave some to others. */
  private static final int PIECES_PER_THREAD = 2;

  private final int lanes;
  private final RunListener listener;
  private final int first;
  private final List<FeatureMaps> sources = new ArrayList<>();

  /** The maps that become vectors. */
  private final List<FeatureMaps> outputs = new ArrayList<>();

  private final List<ConvExecutor> stages = new ArrayList<>();

  // What the threads are at.
  private ConvExecutor stage;
  private int pieces;

  /**
   * Makes a pipeline.
   *
   * @param listener hears of each stage, if there is one thread only
   * @param first the place of the first stage among all
   */
  ConvPipeline(ConvPlan features, int lanes, RunListener listener, int first) {
    this.lanes = lanes;
    this.listener = listener;
    this.first = first;
    Map<String, FeatureMaps> maps = allocate(features, lanes);
    for (ConvStep layer : features.layers()) {
      if (!(layer instanceof ConvStep.Source)) {
        List<FeatureMaps> inputs =
            layer.inputs().stream().map(name -> Objects.requireNonNull(maps.get(name))).toList();
        FeatureMaps y = Objects.requireNonNull(maps.get(layer.name()));
        stages.add(ConvExecutor.of(layer, inputs, y));
      }
    }
    for (ConvStep source : features.layers().subList(0, features.sources())) {
      sources.add(Objects.requireNonNull(maps.get(source.name())));
    }
    for (String output : features.outputs()) {
      outputs.add(Objects.requireNonNull(maps.get(output)));
    }
    stage = stages.getFirst();
  }

  /** Zeros above and below the maps stay, because only maps of one layout share storage. */
  private static Map<String, FeatureMaps> allocate(ConvPlan features, int lanes) {
    List<ConvStep> layers = features.layers();
    Map<String, Integer> lastReaders = new HashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      for (String input : layers.get(i).inputs()) {
        lastReaders.put(input, i);
      }
    }
    features.outputs().forEach(output -> lastReaders.put(output, layers.size()));
    Map<PaddedNchw, List<Integer>> byLayout = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      byLayout
          .computeIfAbsent(layers.get(i).output().withLanes(lanes), _ -> new ArrayList<>())
          .add(i);
    }
    Map<String, FeatureMaps> maps = new HashMap<>();
    byLayout.forEach(
        (layout, members) -> {
          BufferPlan plan = new BufferPlan();
          for (int i : members) {
            plan.add(layout.length(), i, lastReaders.getOrDefault(layers.get(i).name(), i));
          }
          float[][] storage = plan.allocate();
          for (int j = 0; j < members.size(); j++) {
            maps.put(layers.get(members.get(j)).name(), new FeatureMaps(layout, storage[j]));
          }
        });
    return maps;
  }

  /**
   * Computes the features of images.
   *
   * @param n how many, at most the lanes
   * @param x for each source the images, each in row-major order
   * @param xo for each source where the first one begins
   * @param ldx for each source how far they are apart
   * @param image the first of the images
   * @param y for each output of the features what receives it, from row {@code image} on
   * @param workers the threads that share the work of each stage
   */
  void run(int n, float[][] x, int[] xo, int[] ldx, int image, Tensor[] y, ThreadPool workers) {
    for (int i = 0; i < x.length; i++) {
      take(sources.get(i), n, x[i], xo[i] + image * ldx[i], ldx[i]);
      listener.ends(first + i);
    }
    for (int i = 0; i < stages.size(); i++) {
      stage = stages.get(i);
      if (workers.threads() == 1) {
        stage.compute(0, stage.parts());
      } else {
        pieces = Math.min(stage.parts(), PIECES_PER_THREAD * workers.threads());
        workers.run(pieces, this);
      }
      listener.ends(first + x.length + i);
    }
    for (int i = 0; i < y.length; i++) {
      give(outputs.get(i), n, y[i].data(), y[i].row(image), y[i].ld());
    }
    listener.ends(first + x.length + stages.size());
  }

  @Override
  public void compute(int piece) {
    int parts = stage.parts();
    stage.compute(Ranges.begin(parts, piece, pieces), Ranges.begin(parts, piece + 1, pieces));
  }

  private void take(FeatureMaps first, int n, float[] x, int xo, int ldx) {
    PaddedNchw planes = first.planes();
    int from = xo;
    for (int c = 0; c < planes.channels(); c++) {
      for (int r = 0; r < planes.height(); r++) {
        int to = first.first(c) + planes.at(r, 0);
        if (lanes == 1) {
          System.arraycopy(x, from, first.data(), to, planes.width());
        } else {
          Kernels.layout().planesFromRows(n, 1, planes.width(), x, from, ldx, first.data(), to, 0);
        }
        from += planes.width();
      }
      first.clearBorder(c);
    }
  }

  private void give(FeatureMaps last, int n, float[] y, int yo, int ldy) {
    PaddedNchw planes = last.planes();
    int to = yo;
    for (int c = 0; c < planes.channels(); c++) {
      for (int r = 0; r < planes.height(); r++) {
        int from = last.first(c) + planes.at(r, 0);
        if (lanes == 1) {
          System.arraycopy(last.data(), from, y, to, planes.width());
        } else {
          Kernels.layout().rowsFromPlanes(n, 1, planes.width(), last.data(), from, 0, y, to, ldy);
        }
        to += planes.width();
      }
    }
  }
}
