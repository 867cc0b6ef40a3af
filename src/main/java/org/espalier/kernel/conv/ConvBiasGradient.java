package org.espalier.kernel.conv;

import java.util.Arrays;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Tensor;

/** Computes the gradient of the biases, a few channels in each piece. */
final class ConvBiasGradient {
  private static final float[] NOTHING = {};
  private static final int CHANNELS_PER_PIECE = 4;

  private final ThreadPool workers;
  private final ConvKernels kernels;
  private final Nchw16n planes;
  private final float[] sums;
  private final float[] last;
  private final float[] merged;
  private final ThreadPool.Pieces computing = this::compute;
  private int images;
  private boolean resume;
  private float[] dy = NOTHING;
  private int dyo;
  private int ldDy;
  private float[] db = NOTHING;
  private int dbo;

  ConvBiasGradient(Nchw16n planes, ThreadPool workers, ConvKernels kernels) {
    this.workers = workers;
    this.kernels = kernels;
    this.planes = planes;
    sums = new float[planes.channels() * Nchw16n.LANES + Tensor.ALIGNED_START];
    last = new float[sums.length];
    merged = new float[planes.channels()];
  }

  /** Computes the sums of all channels. */
  void run(int imageCount, Tensor dyt, boolean goOn, Tensor dbt) {
    images = imageCount;
    resume = goOn;
    dy = dyt.data();
    dyo = dyt.offset();
    ldDy = dyt.ld();
    db = dbt.data();
    dbo = dbt.offset();
    workers.run(Math.ceilDiv(planes.channels(), CHANNELS_PER_PIECE), computing);
    dy = NOTHING;
    db = NOTHING;
  }

  private void compute(int piece) {
    int first = piece * CHANNELS_PER_PIECE;
    int end = Math.min(first + CHANNELS_PER_PIECE, planes.channels());
    for (int c = first; c < end; c++) {
      channel(c);
    }
    int start = Tensor.ALIGNED_START + first * Nchw16n.LANES;
    kernels.merge(end - first, sums, start, merged, first);
    for (int c = first; c < end; c++) {
      db[dbo + c] = resume ? db[dbo + c] + merged[c] : merged[c];
    }
  }

  private void channel(int c) {
    int start = Tensor.ALIGNED_START + c * Nchw16n.LANES;
    Arrays.fill(sums, start, start + Nchw16n.LANES, 0f);
    for (int group = 0; group < Nchw16n.groups(images); group++) {
      int lanes = Nchw16n.lanes(images, group);
      int map = dyo + (group * planes.channels() + c) * ldDy;
      System.arraycopy(sums, start, last, start, Nchw16n.LANES);
      kernels.addPixels(planes.pixels(), dy, map, sums, start);
      // lanes without an image don't count
      System.arraycopy(last, start + lanes, sums, start + lanes, Nchw16n.LANES - lanes);
    }
  }
}
