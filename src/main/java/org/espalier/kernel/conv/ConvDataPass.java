package org.espalier.kernel.conv;

import java.util.Arrays;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.parallel.Ranges;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Computes maps from maps: the outputs from the inputs, or the inputs' gradient from the outputs'.
 * First the weights are packed into panels, then the tiles computed. A piece of work is a band of
 * rows of one or two groups of images; pixel by pixel it goes through all channels of the target,
 * so that the window of the source stays in a near cache.
 */
final class ConvDataPass {
  private static final float[] NOTHING = {};

  /** Pieces for each thread, so that one that started late or is slow keeps nobody waiting. */
  private static final int PIECES_PER_THREAD = 6;

  /** Floats of the rows under a window, across a strip: they stay in the second-level cache. */
  private static final int STRIP_FLOATS = 96 * 1024;

  private static final int SMALLEST_STRIP = 4;

  /** Pixels that two windows read at a time: they stay in the nearest cache for all tiles. */
  private static final int WINDOW_PIXELS = 768;

  private final ThreadPool workers;
  private final ConvKernels kernels;
  private final boolean backward;
  private final Nchw16n source;
  private final Nchw16n target;
  private final ConvAxis rows;
  private final ConvAxis cols;
  private final int groups;
  private final int window;
  private final int width;
  private final TapLists taps;
  private final ChannelList sources;
  private final ChannelList targets;
  private final float[] panels;
  private final float[] biases;
  private final int[] tileGroup;
  private final int[] tileFirst;
  private final int[] tileCount;
  private final int[] tilePanel;
  private final int strip;
  private final int channelsAtOnce;

  /**
   * With which column each is computed, see {@link ConvAxis#partner}; neighbours share a window.
   */
  private final int[] beside;

  private final ThreadPool.Pieces packing = this::pack;
  private final ThreadPool.Pieces computing = this::compute;
  private int tiles;
  private int bands;

  /** Into how many parts the sources fall: between them sums are stored and taken up again. */
  private int parts;

  /** Kept so that no compiler leaves out the reading. */
  @SuppressWarnings("UnusedVariable")
  private int fetchedBits;

  private int groupsOfImages;
  private boolean resume;
  private Clamp clamp = Clamp.NONE;
  private float[] x = NOTHING;
  private int xo;
  private int ldX;
  private float[] y = NOTHING;
  private int yo;
  private int ldY;
  private float[] w = NOTHING;
  private int wo;
  private int ldW;
  private @Nullable BitMask keep;
  private @Nullable Tensor bias;

  /** Returns how wide strips of the target are, about equal parts. */
  private static int strip(Nchw16n source, Nchw16n target, ConvGeometry g) {
    long column = 2L * source.channels() * (g.kernelHeight() + 1) * Nchw16n.LANES;
    long most = STRIP_FLOATS / column * target.width() / source.width();
    int parts =
        Math.ceilDiv(
            target.width(), (int) Math.max(SMALLEST_STRIP, Math.min(most, target.width())));
    return Math.ceilDiv(target.width(), parts);
  }

  private ConvDataPass(
      ConvGeometry g,
      ThreadPool workers,
      ConvKernels kernels,
      boolean backward,
      ConvAxis rows,
      ConvAxis cols) {
    this.workers = workers;
    this.kernels = kernels;
    this.backward = backward;
    this.source = backward ? g.output() : g.input();
    this.target = backward ? g.input() : g.output();
    this.rows = rows;
    this.cols = cols;
    groups = g.groups();
    window = g.kernelHeight() * g.kernelWidth();
    width = kernels.channels();
    taps = new TapLists(source, rows, cols, window, g.kernelWidth(), width);
    sources = new ChannelList(source.channels(), groups);
    targets = new ChannelList(target.channels(), groups);
    int mostTiles = groups * Math.ceilDiv(target.channels() / groups, width);
    int panel = Math.multiplyExact(source.channels() / groups * window, width);
    panels = new float[Math.addExact(Math.multiplyExact(mostTiles, panel), Tensor.ALIGNED_START)];
    biases = new float[mostTiles * width];
    tileGroup = new int[mostTiles];
    tileFirst = new int[mostTiles];
    tileCount = new int[mostTiles];
    tilePanel = new int[mostTiles];
    strip = strip(source, target, g);
    int pixels = g.kernelHeight() * (g.kernelWidth() + 1);
    channelsAtOnce = Math.max(1, WINDOW_PIXELS / pixels);
    beside = new int[target.width()];
    for (int col = 0; col < beside.length; col++) {
      int left = col / strip * strip;
      beside[col] = cols.partner(col, left, Math.min(left + strip, beside.length));
    }
  }

  /** Makes the pass from inputs to outputs. */
  static ConvDataPass forward(ConvGeometry g, ThreadPool workers, ConvKernels kernels) {
    Nchw16n in = g.input();
    Nchw16n out = g.output();
    return new ConvDataPass(
        g,
        workers,
        kernels,
        false,
        ConvAxis.forward(in.height(), out.height(), g.kernelHeight(), g.stride(), g.padding()),
        ConvAxis.forward(in.width(), out.width(), g.kernelWidth(), g.stride(), g.padding()));
  }

  /** Makes the pass from the outputs' gradient to the inputs'. */
  static ConvDataPass backward(ConvGeometry g, ThreadPool workers, ConvKernels kernels) {
    Nchw16n in = g.input();
    Nchw16n out = g.output();
    return new ConvDataPass(
        g,
        workers,
        kernels,
        true,
        ConvAxis.backward(out.height(), in.height(), g.kernelHeight(), g.stride(), g.padding()),
        ConvAxis.backward(out.width(), in.width(), g.kernelWidth(), g.stride(), g.padding()));
  }

  /**
   * Computes the maps.
   *
   * @param from channels of {@code src} that are read, null for all
   * @param into channels of {@code dst} that are computed, null for all; without {@code resume} the
   *     others are what sums over nothing would be
   * @param b added last; null for nothing
   * @param bounds between which what is computed is kept
   */
  void run(
      int images,
      Tensor src,
      Tensor weights,
      @Nullable BitMask mask,
      @Nullable Subset from,
      @Nullable Subset into,
      boolean goOn,
      @Nullable Tensor b,
      Clamp bounds,
      Tensor dst) {
    x = src.data();
    xo = src.offset();
    ldX = src.ld();
    y = dst.data();
    yo = dst.offset();
    ldY = dst.ld();
    w = weights.data();
    wo = weights.offset();
    ldW = weights.ld();
    keep = mask;
    bias = b;
    resume = goOn;
    clamp = bounds;
    groupsOfImages = Nchw16n.groups(images);
    sources.set(from);
    targets.set(into);
    taps.list(sources, groups);
    parts = groups > 1 ? 1 : Math.max(1, Math.ceilDiv(sources.count(), channelsAtOnce));
    planTiles();
    workers.run(tiles, packing);
    int pairs = Math.ceilDiv(groupsOfImages, groupsAtOnce());
    bands = Math.min(target.height(), Math.max(1, bandsOf(pairs)));
    workers.run(pairs * bands, computing);
    x = NOTHING;
    y = NOTHING;
    w = NOTHING;
    keep = null;
    bias = null;
  }

  private int bandsOf(int pairs) {
    return workers.threads() == 1
        ? 1
        : Math.ceilDiv(workers.threads() * PIECES_PER_THREAD, Math.max(1, pairs));
  }

  /** One vector is a pixel: then the tile's two are those of two groups of images. */
  private int groupsAtOnce() {
    return kernels.lanes() == Nchw16n.LANES ? 2 : 1;
  }

  private void planTiles() {
    tiles = 0;
    int panel = Tensor.ALIGNED_START;
    for (int g = 0; g < groups; g++) {
      for (int n = targets.start(g); n < targets.start(g + 1); n += width) {
        tileGroup[tiles] = g;
        tileFirst[tiles] = n;
        tileCount[tiles] = Math.min(width, targets.start(g + 1) - n);
        tilePanel[tiles] = panel;
        panel += sources.count(g) * window * width;
        tiles++;
      }
    }
  }

  private void pack(int tile) {
    int g = tileGroup[tile];
    int first = tileFirst[tile];
    int count = tileCount[tile];
    for (int i = 0; i < width; i++) {
      // −0 is no bias
      biases[tile * width + i] =
          i < count && bias != null ? bias.get(0, targets.indices()[first + i]) : -0f;
    }
    if (count < width) {
      Arrays.fill(panels, tilePanel[tile], tilePanel[tile] + sources.count(g) * window * width, 0f);
    }
    if (backward) {
      packBackward(tile, g);
    } else {
      packForward(tile, g);
    }
  }

  /** A target has a row of the weights, in which sources follow each other. */
  private void packForward(int tile, int g) {
    int perGroup = source.channels() / groups;
    boolean whole = sources.count(g) == perGroup;
    for (int i = 0; i < tileCount[tile]; i++) {
      int row = targets.indices()[tileFirst[tile] + i];
      int at = tilePanel[tile] + i;
      if (whole) {
        packRow(row, 0, perGroup * window, at, width);
      } else {
        for (int n = sources.start(g); n < sources.start(g + 1); n++) {
          packRow(row, (sources.indices()[n] - g * perGroup) * window, window, at, width);
          at += window * width;
        }
      }
    }
  }

  private void packRow(int row, int col, int n, int at, int step) {
    int from = wo + row * ldW + col;
    if (keep == null) {
      for (int k = 0; k < n; k++) {
        panels[at + k * step] = w[from + k];
      }
    } else {
      long[] words = keep.words();
      int word = keep.row(row);
      for (int k = 0; k < n; k++) {
        panels[at + k * step] = kept(w[from + k], words[word + ((col + k) >>> 6)] >>> (col + k));
      }
    }
  }

  /** A source has a row of the weights, in which targets follow each other. */
  private void packBackward(int tile, int g) {
    int none = g * (target.channels() / groups);
    int[] list = targets.indices();
    int first = tileFirst[tile];
    int count = tileCount[tile];
    int at = tilePanel[tile];
    for (int n = sources.start(g); n < sources.start(g + 1); n++) {
      int row = sources.indices()[n];
      if (window == 1 && targets.isAll()) {
        packRow(row, list[first] - none, count, at, 1);
      } else {
        for (int i = 0; i < count; i++) {
          packRow(row, (list[first + i] - none) * window, window, at + i, width);
        }
      }
      at += window * width;
    }
  }

  /** Returns a weight, or +0 if the lowest bit is clear, without a jump that nobody can foresee. */
  private static float kept(float weight, long bits) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(weight) & -(int) (bits & 1));
  }

  private void compute(int piece) {
    int group = piece / bands * groupsAtOnce();
    int band = piece % bands;
    int first = Ranges.begin(target.height(), band, bands);
    int end = Ranges.begin(target.height(), band + 1, bands);
    int groupsHere = Math.min(groupsAtOnce(), groupsOfImages - group);
    for (int left = 0; left < target.width(); left += strip) {
      strip(group, groupsHere, first, end, left, Math.min(left + strip, target.width()));
    }
    for (int g = group; g < group + groupsHere; g++) {
      fillOthers(g, first, end);
    }
  }

  /** Goes down some columns of a band, row by row. */
  private void strip(int group, int groupsHere, int first, int end, int left, int right) {
    int from = source.width();
    int to = 0;
    for (int col = left; col < right; col++) {
      from = Math.min(from, cols.firstSource(col));
      to = Math.max(to, cols.endSource(col));
    }
    for (int part = 0; part < parts; part++) {
      int fetched = 0;
      for (int row = first; row < end; row++) {
        int behind = rows.endSource(row);
        for (int g = group; g < group + groupsHere; g++) {
          fetch(part, g, Math.max(fetched, rows.firstSource(row)), behind, from, to);
        }
        fetched = Math.max(fetched, behind);
        for (int col = left; col < right; col++) {
          pixel(part, group, groupsHere, first, row, end, col);
        }
      }
    }
  }

  /** Computes a pixel of all groups and the one that it is joined with, if it is the first. */
  private void pixel(int part, int group, int groupsHere, int first, int row, int end, int col) {
    if (kernels.lanes() < Nchw16n.LANES) {
      halves(part, group, row, col);
    } else if (beside[col] > col) {
      for (int g = group; g < group + groupsHere; g++) {
        pair(part, g, row, col, g, row, beside[col]);
      }
    } else if (beside[col] == col && groupsHere == 2) {
      pair(part, group, row, col, group + 1, row, col);
    } else if (beside[col] == col) {
      int below = rows.partner(row, first, end);
      if (below >= 0) {
        pair(part, group, row, col, group, below, col);
      }
    }
  }

  /**
   * Reads a number of each pixel that comes next. Channels lie far apart: what the tiles read is
   * too scattered for the processor to fetch it in time, rows of pixels are not.
   */
  private void fetch(int part, int group, int firstRow, int endRow, int left, int right) {
    int bits = 0;
    for (int n = partStart(part); n < partStart(part + 1); n++) {
      int map = xo + (group * source.channels() + sources.indices()[n]) * ldX;
      for (int row = firstRow; row < endRow; row++) {
        int at = map + row * source.width() * Nchw16n.LANES;
        for (int col = left; col < right; col++) {
          bits |= Float.floatToRawIntBits(x[at + col * Nchw16n.LANES]);
        }
      }
    }
    fetchedBits = bits;
  }

  private void halves(int part, int group, int row, int col) {
    int lanes = kernels.lanes();
    for (int l = 0; l < Nchw16n.LANES; l += 2 * lanes) {
      tiles(
          part,
          row,
          col,
          sourceAt(group, row, col) + l,
          lanes,
          targetAt(group, row, col) + l,
          lanes);
    }
  }

  /** Computes two pixels of one kind, which may be the same. */
  private void pair(int part, int group, int row, int col, int group2, int row2, int col2) {
    int px = sourceAt(group, row, col);
    int py = targetAt(group, row, col);
    int xd = sourceAt(group2, row2, col2) - px;
    int yd = targetAt(group2, row2, col2) - py;
    tiles(part, row, col, px, xd, py, yd);
  }

  private int sourceAt(int group, int row, int col) {
    int pixel = rows.base(row) * source.width() + cols.base(col);
    return xo + group * source.channels() * ldX + pixel * Nchw16n.LANES;
  }

  private int targetAt(int group, int row, int col) {
    int pixel = row * target.width() + col;
    return yo + group * target.channels() * ldY + pixel * Nchw16n.LANES;
  }

  /** Returns which of the listed sources is the first of a part. */
  private int partStart(int part) {
    return Ranges.begin(sources.count(), part, parts);
  }

  private void tiles(int part, int row, int col, int px, int xd, int py, int yd) {
    int r = rows.kindOf(row);
    int c = cols.kindOf(col);
    int perChannel = taps.perChannel(r, c);
    int list = taps.start(r, c);
    boolean last = part == parts - 1;
    for (int tile = 0; tile < tiles; tile++) {
      int g = tileGroup[tile];
      int from = parts == 1 ? sources.start(g) : partStart(part);
      int end = parts == 1 ? sources.start(g + 1) : partStart(part + 1);
      kernels.tile(
          tileCount[tile],
          (end - from) * perChannel,
          taps.taps(),
          list + 2 * from * perChannel,
          x,
          px,
          xd,
          panels,
          tilePanel[tile],
          resume || part > 0,
          last ? biases : PackedConvWeight.NO_BIASES,
          last ? tile * width : 0,
          last ? clamp : Clamp.NONE,
          y,
          targets.indices(),
          tileFirst[tile],
          ldY,
          py,
          yd);
    }
  }

  /** Writes the channels that are not listed. */
  private void fillOthers(int group, int first, int end) {
    if (targets.isAll() || resume) {
      return;
    }
    int next = 0;
    for (int t = 0; t < target.channels(); t++) {
      if (next < targets.count() && targets.indices()[next] == t) {
        next++;
      } else {
        float sum = bias == null ? 0f : bias.get(0, t);
        int at = yo + (group * target.channels() + t) * ldY;
        int row = target.width() * Nchw16n.LANES;
        Arrays.fill(y, at + first * row, at + end * row, clamp.of(sum));
      }
    }
  }
}
