package org.espalier.kernel.conv;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Computes the gradient of the weights. Its sums go over all images and pixels, so the weights are
 * cut into blocks, and a thread goes with one block's running sums, which stay in the second-level
 * cache, through all maps.
 */
final class ConvWeightGradient {
  private static final float[] NOTHING = {};

  /** Floats of running sums that stay in the second-level cache. */
  private static final int BLOCK_FLOATS = 48 * 1024;

  /** Blocks that each of several threads should find, if halves of halves aren't even shares. */
  private static final int BLOCKS_PER_THREAD = 4;

  private final ThreadPool workers;
  private final ConvKernels kernels;
  private final Nchw16n input;
  private final Nchw16n output;
  private final int groups;
  private final int fanIn;
  private final int window;
  private final int inputStep;
  private final int tileOutputs;
  private final int tileInputs;
  private final int tileFloats;
  private final int blockOutputs;
  private final int blockInputs;
  private final PixelPairs pixels;
  private final ChannelList outputs;
  private final ChannelList inputs;
  private final Share[] shares;
  private final int[] blockGroup;
  private final int[] blockOutput;
  private final int[] blockInput;
  private final AtomicInteger next = new AtomicInteger();
  private final ThreadPool.Pieces computing = this::compute;
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

  /** What a thread works with. */
  private static final class Share {
    final float[] sums;
    final float[] before;
    final float[] merged;
    final int[] outputs;
    final int[] inputs;
    final int[] tileFirst;

    Share(int floats, int outputs, int inputs) {
      sums = new float[floats + Tensor.ALIGNED_START];
      before = new float[floats + Tensor.ALIGNED_START];
      merged = new float[floats / Nchw16n.LANES];
      this.outputs = new int[outputs];
      this.inputs = new int[inputs];
      tileFirst = new int[outputs + 1];
    }
  }

  ConvWeightGradient(ConvGeometry g, ThreadPool workers, ConvKernels kernels) {
    this.workers = workers;
    this.kernels = kernels;
    input = g.input();
    output = g.output();
    groups = g.groups();
    fanIn = g.fanIn();
    window = g.kernelHeight() * g.kernelWidth();
    inputStep = g.stride() * input.width() * Nchw16n.LANES;
    tileOutputs = kernels.gradientOutputs();
    tileInputs = kernels.gradientInputs();
    tileFloats = tileOutputs * tileInputs * Nchw16n.LANES;
    pixels = new PixelPairs(g);
    outputs = new ChannelList(g.outputs(), groups);
    inputs = new ChannelList(input.channels(), groups);
    int outs = Math.ceilDiv(g.outputs() / groups, tileOutputs);
    int ins = Math.ceilDiv(input.channels() / groups, tileInputs);
    int o = outs;
    int i = ins;
    // Square blocks reuse most of what they read; halved until every thread finds some. The more
    // there are, the more often all maps come from memory.
    boolean even = Integer.bitCount(workers.threads()) == 1;
    long wanted = (long) workers.threads() * (even ? 1 : BLOCKS_PER_THREAD);
    while (o * i > 1) {
      long count = (long) groups * Math.ceilDiv(outs, o) * Math.ceilDiv(ins, i);
      if ((long) o * i * window * tileFloats <= BLOCK_FLOATS && count >= wanted) {
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
    shares = new Share[workers.threads()];
    // one tile more: see tileSize
    int floats = (o + 1) * i * window * tileFloats;
    for (int s = 0; s < shares.length; s++) {
      shares[s] = new Share(floats, blockOutputs + tileOutputs, blockInputs);
    }
    int most = groups * Math.ceilDiv(outs, o) * Math.ceilDiv(ins, i);
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
        Arrays.fill(dw, row, row + fanIn, 0f);
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
    for (int g = 0; g < groups; g++) {
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

  /** A piece is a thread's share: blocks as long as there are any. */
  private void compute(int piece) {
    for (int b = next.getAndIncrement(); b < blocks; b = next.getAndIncrement()) {
      block(b, shares[piece]);
    }
  }

  private void block(int b, Share share) {
    int g = blockGroup[b];
    int outs = Math.min(blockOutputs, outputs.start(g + 1) - blockOutput[b]);
    int ins = Math.min(blockInputs, inputs.start(g + 1) - blockInput[b]);
    // In the last tiles the last channel stands in for those that are missing.
    for (int o = 0; o < outs + tileOutputs; o++) {
      share.outputs[o] = outputs.indices()[blockOutput[b] + Math.min(o, outs - 1)];
    }
    int inTiles = Math.ceilDiv(ins, tileInputs);
    for (int i = 0; i < inTiles * tileInputs; i++) {
      share.inputs[i] = inputs.indices()[blockInput[b] + Math.min(i, ins - 1)];
    }
    int outTiles = 0;
    for (int o = 0; o < outs; o += tileSize(outs - o)) {
      share.tileFirst[outTiles++] = o;
    }
    share.tileFirst[outTiles] = outs;
    int start = Tensor.ALIGNED_START;
    int length = outTiles * inTiles * window * tileFloats;
    Arrays.fill(share.sums, start, start + length, 0f);
    int whole = images / Nchw16n.LANES;
    for (int group = 0; group < whole; group += pixels.groups()) {
      maps(share, outTiles, inTiles, group, Math.min(pixels.groups(), whole - group));
    }
    int lanes = images % Nchw16n.LANES;
    if (lanes != 0) { // those without an image don't count
      System.arraycopy(share.sums, start, share.before, start, length);
      maps(share, outTiles, inTiles, whole, 1);
      for (int s = start; s < start + length; s += Nchw16n.LANES) {
        System.arraycopy(share.before, s + lanes, share.sums, s + lanes, Nchw16n.LANES - lanes);
      }
    }
    kernels.merge(length / Nchw16n.LANES, share.sums, start, share.merged, 0);
    for (int o = 0; o < outTiles; o++) {
      for (int i = 0; i < inTiles; i++) {
        store(share, o, i, inTiles, ins);
      }
    }
  }

  /** Six and two would take the time of six and four: then four and four. */
  private int tileSize(int left) {
    return left > tileOutputs && left <= tileOutputs + 2
        ? Math.max(1, tileOutputs - 2)
        : Math.min(left, tileOutputs);
  }

  /** Goes with all sums of a block through the maps of some groups of images. */
  private void maps(Share share, int outTiles, int inTiles, int group, int count) {
    for (int band = 0; band < pixels.bands(); band++) {
      int row = pixels.firstRow(band);
      int dyAt = dyo + group * output.channels() * ldDy + row * output.width() * Nchw16n.LANES;
      int xAt = xo + group * input.channels() * ldX + row * inputStep;
      int sumsAt = Tensor.ALIGNED_START;
      for (int o = 0; o < outTiles; o++) {
        for (int i = 0; i < inTiles; i++) {
          for (int k = 0; k < window; k++) {
            int steps = count * pixels.perGroup(band, k);
            if (steps > 0) {
              kernels.gradientTile(
                  share.tileFirst[o + 1] - share.tileFirst[o],
                  steps,
                  pixels.pixels(),
                  pixels.start(band, k),
                  dy,
                  share.outputs,
                  share.tileFirst[o],
                  ldDy,
                  dyAt,
                  x,
                  share.inputs,
                  i * tileInputs,
                  ldX,
                  xAt,
                  share.sums,
                  sumsAt);
            }
            sumsAt += tileFloats;
          }
        }
      }
    }
  }

  private void store(Share share, int outTile, int inTile, int inTiles, int ins) {
    int cells = tileOutputs * tileInputs;
    int from = (outTile * inTiles + inTile) * window * cells;
    for (int o = share.tileFirst[outTile]; o < share.tileFirst[outTile + 1]; o++) {
      for (int i = 0; i < Math.min(tileInputs, ins - inTile * tileInputs); i++) {
        int channel = share.inputs[inTile * tileInputs + i] % (input.channels() / groups);
        int to = dwo + share.outputs[o] * ldDw + channel * window;
        int cell = from + (o - share.tileFirst[outTile]) * tileInputs + i;
        for (int k = 0; k < window; k++) {
          float sum = share.merged[cell + k * cells];
          dw[to + k] = resume ? dw[to + k] + sum : sum;
        }
      }
    }
  }
}
