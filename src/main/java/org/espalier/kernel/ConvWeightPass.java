package org.espalier.kernel;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.espalier.tensor.Planes;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Computes the gradient of the weights. Its sums go over all images and pixels, so the weights are
 * cut into blocks, and a thread goes with one block's running sums, which stay in the second-level
 * cache, through all maps.
 */
final class ConvWeightPass {
  private static final float[] NOTHING = {};

  /** Floats of running sums that stay in the second-level cache. */
  private static final int BLOCK_FLOATS = 40 * 1024;

  /** Pixels of a map that a tile goes through at a time. */
  private static final int CHUNK_PIXELS = 64;

  /** Blocks that each thread should find, if there are so many. */
  private static final int BLOCKS_PER_THREAD = 4;

  private final Workers workers;
  private final ConvKernels kernels;
  private final ConvGeometry geometry;
  private final Planes input;
  private final Planes output;
  private final int window;
  private final int tileOutputs;
  private final int tileInputs;
  private final int blockOutputs;
  private final int blockInputs;
  private final int chunkRows;
  private final ChannelList outputs;
  private final ChannelList inputs;
  private final float[] sums;
  private final float[] before;
  private final float[] merged;
  private final int[] outputRows;
  private final int[] inputRows;
  private final int[] blockGroup;
  private final int[] blockOutput;
  private final int[] blockInput;
  private final AtomicInteger next = new AtomicInteger();
  private final Workers.Pieces computing = this::compute;
  private int blocks;
  private int images;
  private boolean resume;
  private float[] dy = NOTHING;
  private int dyo;
  private int ldDy;
  private float[] x = NOTHING;
  private int xo;
  private int ldX;
  private float[] dw = NOTHING;
  private int dwo;
  private int ldDw;

  ConvWeightPass(ConvGeometry g, Workers workers, ConvKernels kernels) {
    this.workers = workers;
    this.kernels = kernels;
    geometry = g;
    input = g.input();
    output = g.output();
    window = g.kernelHeight() * g.kernelWidth();
    tileOutputs = kernels.gradientOutputs();
    tileInputs = kernels.gradientInputs();
    int groupOutputs = g.outputs() / g.groups();
    int groupInputs = input.channels() / g.groups();
    // Square blocks reuse most of what they read; halved until every thread finds some.
    int outs = Math.ceilDiv(groupOutputs, tileOutputs);
    int ins = Math.ceilDiv(groupInputs, tileInputs);
    int tile = tileOutputs * tileInputs * window * Planes.LANES;
    int o = outs;
    int i = ins;
    long wanted = workers.threads() == 1 ? 1 : (long) workers.threads() * BLOCKS_PER_THREAD;
    while (o * i > 1) {
      long count = (long) g.groups() * Math.ceilDiv(outs, o) * Math.ceilDiv(ins, i);
      if ((long) o * i * tile <= BLOCK_FLOATS && count >= wanted) {
        break;
      }
      if (o >= i) {
        o = Math.ceilDiv(o, 2);
      } else {
        i = Math.ceilDiv(i, 2);
      }
    }
    blockOutputs = o * tileOutputs;
    blockInputs = i * tileInputs;
    chunkRows = Math.clamp(CHUNK_PIXELS / output.width(), 1, output.height());
    outputs = new ChannelList(g.outputs(), g.groups());
    inputs = new ChannelList(input.channels(), g.groups());
    int slot = o * i * tile;
    sums = new float[Math.multiplyExact(workers.threads(), slot) + Tensor.ALIGNED_START];
    before = new float[sums.length];
    merged = new float[workers.threads() * slot / Planes.LANES];
    outputRows = new int[workers.threads() * blockOutputs];
    inputRows = new int[workers.threads() * blockInputs];
    int most = g.groups() * Math.ceilDiv(outs, o) * Math.ceilDiv(ins, i);
    blockGroup = new int[most];
    blockOutput = new int[most];
    blockInput = new int[most];
  }

  /**
   * Computes the rows of {@code dwt} that are listed.
   *
   * @param units outputs whose rows are computed, null for all
   * @param from channels of {@code xt} that are read, null for all; the others hold +0
   * @param goOn whether the sums are added to what stands in {@code dwt}
   */
  void run(
      int imageCount,
      Tensor dyt,
      Tensor xt,
      @Nullable Subset units,
      @Nullable Subset from,
      boolean goOn,
      Tensor dwt) {
    images = imageCount;
    dy = dyt.data();
    dyo = dyt.offset();
    ldDy = dyt.ld();
    x = xt.data();
    xo = xt.offset();
    ldX = xt.ld();
    dw = dwt.data();
    dwo = dwt.offset();
    ldDw = dwt.ld();
    resume = goOn;
    outputs.set(units);
    inputs.set(from);
    if (!inputs.isAll() && !resume) {
      for (int n = 0; n < outputs.count(); n++) {
        int row = dwo + outputs.indices()[n] * ldDw;
        Arrays.fill(dw, row, row + geometry.fanIn(), 0f);
      }
    }
    planBlocks();
    next.set(0);
    workers.run(Math.min(blocks, workers.threads()), computing);
    dy = NOTHING;
    x = NOTHING;
    dw = NOTHING;
  }

  private void planBlocks() {
    blocks = 0;
    for (int g = 0; g < geometry.groups(); g++) {
      for (int o = outputs.start(g); o < outputs.start(g + 1); o += blockOutputs) {
        for (int i = inputs.start(g); i < inputs.start(g + 1); i += blockInputs) {
          blockGroup[blocks] = g;
          blockOutput[blocks] = o;
          blockInput[blocks] = i;
          blocks++;
        }
      }
    }
  }

  /** A piece is a thread's share: blocks as long as there are any, with buffers of its own. */
  private void compute(int slot) {
    for (int b = next.getAndIncrement(); b < blocks; b = next.getAndIncrement()) {
      block(b, slot);
    }
  }

  private void block(int b, int slot) {
    int g = blockGroup[b];
    int outs = Math.min(blockOutputs, outputs.start(g + 1) - blockOutput[b]);
    int ins = Math.min(blockInputs, inputs.start(g + 1) - blockInput[b]);
    int outTiles = Math.ceilDiv(outs, tileOutputs);
    int inTiles = Math.ceilDiv(ins, tileInputs);
    // In the last tiles the last channel stands in for those that are missing.
    for (int i = 0; i < outTiles * tileOutputs; i++) {
      outputRows[slot * blockOutputs + i] =
          outputs.indices()[blockOutput[b] + Math.min(i, outs - 1)];
    }
    for (int i = 0; i < inTiles * tileInputs; i++) {
      inputRows[slot * blockInputs + i] = inputs.indices()[blockInput[b] + Math.min(i, ins - 1)];
    }
    int tile = tileOutputs * tileInputs * Planes.LANES;
    int start = Tensor.ALIGNED_START + slot * blockOutputs * blockInputs * window * Planes.LANES;
    int length = outTiles * inTiles * window * tile;
    Arrays.fill(sums, start, start + length, 0f);
    int groups = Planes.groups(images);
    int whole = images / Planes.LANES;
    for (int group = 0; group < groups; group++) {
      if (group == whole) {
        System.arraycopy(sums, start, before, start, length);
      }
      for (int row = 0; row < output.height(); row += chunkRows) {
        int end = Math.min(row + chunkRows, output.height());
        chunk(slot, outTiles, inTiles, group, row, end, start);
      }
      if (group == whole) { // lanes without an image don't count
        int lanes = Planes.lanes(images, group);
        for (int s = start; s < start + length; s += Planes.LANES) {
          System.arraycopy(before, s + lanes, sums, s + lanes, Planes.LANES - lanes);
        }
      }
    }
    int mergedAt = slot * blockOutputs * blockInputs * window;
    kernels.merge(length / Planes.LANES, sums, start, merged, mergedAt);
    for (int o = 0; o < outs; o++) {
      for (int i = 0; i < ins; i++) {
        int at =
            mergedAt
                + ((o / tileOutputs * inTiles + i / tileInputs) * window * tileOutputs
                        + o % tileOutputs)
                    * tileInputs
                + i % tileInputs;
        int channel = inputs.indices()[blockInput[b] + i] % (input.channels() / geometry.groups());
        int to = dwo + outputs.indices()[blockOutput[b] + o] * ldDw + channel * window;
        for (int k = 0; k < window; k++) {
          float sum = merged[at + k * tileOutputs * tileInputs];
          dw[to + k] = resume ? dw[to + k] + sum : sum;
        }
      }
    }
  }

  /** Goes with all sums of a block through some rows of the output. */
  private void chunk(
      int slot, int outTiles, int inTiles, int group, int first, int end, int start) {
    int at = start;
    for (int o = 0; o < outTiles; o++) {
      for (int i = 0; i < inTiles; i++) {
        for (int k = 0; k < window; k++) {
          int row = k / geometry.kernelWidth() - geometry.padding();
          int col = k % geometry.kernelWidth() - geometry.padding();
          int top = Math.max(first, firstInside(row));
          int bottom = Math.min(end, endInside(row, input.height()));
          int left = firstInside(col);
          int right = Math.min(output.width(), endInside(col, input.width()));
          if (top < bottom && left < right) {
            int s = geometry.stride();
            kernels.gradientTile(
                1,
                bottom - top,
                right - left,
                dy,
                outputRows,
                slot * blockOutputs + o * tileOutputs,
                ldDy,
                dyo
                    + group * output.channels() * ldDy
                    + (top * output.width() + left) * Planes.LANES,
                output.channels() * ldDy,
                output.width() * Planes.LANES,
                x,
                inputRows,
                slot * blockInputs + i * tileInputs,
                ldX,
                xo
                    + group * input.channels() * ldX
                    + ((top * s + row) * input.width() + left * s + col) * Planes.LANES,
                input.channels() * ldX,
                s * input.width() * Planes.LANES,
                s * Planes.LANES,
                sums,
                at);
          }
          at += tileOutputs * tileInputs * Planes.LANES;
        }
      }
    }
  }

  /** Returns the first output whose source, shifted, lies in the map. */
  private int firstInside(int shift) {
    return Math.max(0, Math.ceilDiv(-shift, geometry.stride()));
  }

  /** Returns the output behind the last one whose source, shifted, lies in the map. */
  private int endInside(int shift, int extent) {
    return Math.ceilDiv(extent - shift, geometry.stride());
  }
}
