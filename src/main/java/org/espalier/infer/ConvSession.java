package org.espalier.infer;

import java.util.concurrent.atomic.AtomicInteger;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Tensor;

/**
 * Runs {@link ConvPlan} for batches: sixteen images side by side as long as there are so many, the
 * rest one by one if they are few. Where there are enough groups of images each thread takes some
 * by itself, with maps of its own that stay in its cache; else the threads share the channels.
 */
final class ConvSession implements ThreadPool.Pieces {
  /** Images that cost as much one by one as a group of sixteen. */
  private static final int SINGLES = 8;

  /**
   * The most floats, 16 MiB, that the largest maps of sixteen images may take twice, as what is
   * read and what is written: images of 224 × 224 are computed one by one. A guess, not a
   * measurement.
   */
  private static final long NEAR = 4L << 20;

  private static final float[][] NOTHING = {};

  private static final int[] NO_OFFSETS = {};

  private static final Tensor[] NOWHERE = {};

  private static final ThreadPool ALONE = new ThreadPool(1);

  private final ThreadPool workers;
  private final RunListener listener;
  private final int first;
  private final ConvPipeline[] groups;
  private final ConvPipeline[] singles;
  private final AtomicInteger next = new AtomicInteger();

  // What the threads are at.
  private int images;
  private int units;
  private int inGroups;
  private float[][] x = NOTHING;
  private int[] xo = NO_OFFSETS;
  private int[] ldx = NO_OFFSETS;
  private Tensor[] y = NOWHERE;

  /**
   * Makes a session.
   *
   * @param listener hears of each stage, if there is one thread only
   * @param first the place of the first stage among all
   */
  ConvSession(
      ConvPlan features, int maxBatch, ThreadPool workers, RunListener listener, int first) {
    this.workers = workers;
    this.listener = listener;
    this.first = first;
    boolean sideBySide = lanes(maxBatch) > 1 && 2 * Nchw16n.LANES * features.largest() <= NEAR;
    groups = pipelines(features, Nchw16n.LANES, sideBySide ? Nchw16n.groups(maxBatch) : 0);
    singles = pipelines(features, 1, sideBySide ? Math.min(maxBatch, Nchw16n.LANES) : maxBatch);
  }

  /** Returns how many images of a batch lie side by side. */
  static int lanes(int maxBatch) {
    return maxBatch <= SINGLES ? 1 : Nchw16n.LANES;
  }

  private ConvPipeline[] pipelines(ConvPlan features, int lanes, int most) {
    ConvPipeline[] pipelines = new ConvPipeline[Math.min(most, workers.threads())];
    for (int i = 0; i < pipelines.length; i++) {
      pipelines[i] = new ConvPipeline(features, lanes, listener, first);
    }
    return pipelines;
  }

  /**
   * Computes the features of images.
   *
   * @param n how many
   * @param images for each source the images, each in row-major order
   * @param offsets for each source where the first one begins
   * @param lds for each source how far they are apart
   * @param features for each output of the features what receives it
   */
  void run(int n, float[][] images, int[] offsets, int[] lds, Tensor[] features) {
    this.images = n;
    x = images;
    xo = offsets;
    ldx = lds;
    y = features;
    int rest = n % Nchw16n.LANES;
    if (groups.length == 0) {
      inGroups = 0;
      units = n;
    } else {
      inGroups = n / Nchw16n.LANES + (rest > SINGLES ? 1 : 0);
      units = inGroups + (rest > SINGLES ? 0 : rest);
    }
    if (units >= workers.threads()) {
      next.set(0);
      workers.run(workers.threads(), this);
    } else {
      for (int unit = 0; unit < units; unit++) {
        compute(unit, 0, workers);
      }
    }
    x = NOTHING;
    y = NOWHERE;
  }

  @Override
  public void compute(int thread) {
    for (int unit = next.getAndIncrement(); unit < units; unit = next.getAndIncrement()) {
      compute(unit, thread, ALONE);
    }
  }

  private void compute(int unit, int thread, ThreadPool threads) {
    if (unit < inGroups) {
      int first = unit * Nchw16n.LANES;
      int n = Math.min(Nchw16n.LANES, images - first);
      groups[thread].run(n, x, xo, ldx, first, y, threads);
    } else {
      int image = inGroups * Nchw16n.LANES + unit - inGroups;
      singles[thread].run(1, x, xo, ldx, image, y, threads);
    }
  }
}
