package org.espalier.kernel;

import java.util.Arrays;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Planes;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Computes maps from maps: the outputs from the inputs, or the inputs' gradient from the outputs'.
 * First the weights are packed into panels, then the tiles computed. A piece of work is a band of
 * rows of one or two groups of images; pixel by pixel it goes through all channels of the target,
 * so that the window of the source stays in a near cache.
 */
final class ConvPass {
  private static final float[] NOTHING = {};

  /** Pieces for each thread, so that one that started late or is slow keeps nobody waiting. */
  private static final int PIECES_PER_THREAD = 6;

  /** Floats of the rows under a window, across a strip: they stay in the second-level cache. */
  private static final int STRIP_FLOATS = 96 * 1024;

  private static final int SMALLEST_STRIP = 4;

  private final Workers workers;
  private final ConvKernels kernels;
  private final boolean backward;
  private final Planes source;
  private final Planes target;
  private final ConvAxis rows;
  private final ConvAxis cols;
  private final int groups;
  private final int window;
  private final int width;
  private final ConvTaps taps;
  private final ChannelList sources;
  private final ChannelList targets;
  private final float[] panels;
  private final float[] biases;
  private final int[] tileGroup;
  private final int[] tileFirst;
  private final int[] tileCount;
  private final int[] tilePanel;
  private final int strip;
  private final Workers.Pieces packing = this::pack;
  private final Workers.Pieces computing = this::compute;
  private int tiles;
  private int bands;

  /** Kept so that no compiler leaves out the reading. */
  @SuppressWarnings("UnusedVariable")
  private int fetchedBits;

  private int groupsOfImages;
  private boolean resume;
  private boolean relu;
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
  private static int strip(Planes source, Planes target, ConvGeometry g) {
    long column = 2L * source.channels() * (g.kernelHeight() + 1) * Planes.LANES;
    long most = STRIP_FLOATS / column * target.width() / source.width();
    int parts =
        Math.ceilDiv(
            target.width(), (int) Math.max(SMALLEST_STRIP, Math.min(most, target.width())));
    return Math.ceilDiv(target.width(), parts);
  }

  private ConvPass(
      ConvGeometry g,
      Workers workers,
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
    taps = new ConvTaps(source, rows, cols, window, g.kernelWidth(), width);
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
  }

  /** Makes the pass from inputs to outputs. */
  static ConvPass forward(ConvGeometry g, Workers workers, ConvKernels kernels) {
    Planes in = g.input();
    Planes out = g.output();
    return new ConvPass(
        g,
        workers,
        kernels,
        false,
        ConvAxis.forward(in.height(), out.height(), g.kernelHeight(), g.stride(), g.padding()),
        ConvAxis.forward(in.width(), out.width(), g.kernelWidth(), g.stride(), g.padding()));
  }

  /** Makes the pass from the outputs' gradient to the inputs'. */
  static ConvPass backward(ConvGeometry g, Workers workers, ConvKernels kernels) {
    Planes in = g.input();
    Planes out = g.output();
    return new ConvPass(
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
   * @param act whether ReLU comes after that
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
      boolean act,
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
    relu = act;
    groupsOfImages = Planes.groups(images);
    sources.set(from);
    targets.set(into);
    taps.list(sources, groups);
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
    return kernels.lanes() == Planes.LANES ? 2 : 1;
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
    int perSource = source.channels() / groups;
    int perTarget = target.channels() / groups;
    for (int i = 0; i < width; i++) {
      boolean counts = i < tileCount[tile];
      int t = counts ? targets.indices()[tileFirst[tile] + i] : 0;
      // nothing: what changes no sum, whatever the sign of a zero
      biases[tile * width + i] = counts && bias != null ? bias.get(0, t) : -0f;
      int at = tilePanel[tile] + i;
      for (int n = sources.start(g); n < sources.start(g + 1); n++) {
        int s = sources.indices()[n];
        if (!counts) {
          packNothing(at);
        } else if (backward) {
          packWindow(s, t % perTarget * window, at);
        } else {
          packWindow(t, s % perSource * window, at);
        }
        at += window * width;
      }
    }
  }

  private void packNothing(int at) {
    for (int k = 0; k < window; k++) {
      panels[at + k * width] = 0f;
    }
  }

  private void packWindow(int row, int col, int at) {
    int from = wo + row * ldW + col;
    if (keep == null) {
      for (int k = 0; k < window; k++) {
        panels[at + k * width] = w[from + k];
      }
    } else {
      for (int k = 0; k < window; k++) {
        panels[at + k * width] = keep.get(row, col + k) ? w[from + k] : 0f;
      }
    }
  }

  private void compute(int piece) {
    int group = piece / bands * groupsAtOnce();
    int band = piece % bands;
    int first = (int) ((long) band * target.height() / bands);
    int end = (int) ((long) (band + 1) * target.height() / bands);
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
    boolean alone = groupsHere < groupsAtOnce();
    int fetched = 0;
    for (int row = first; row < end; row++) {
      int other = alone ? rows.partner(row, first, end) : row;
      if (other < 0) {
        continue;
      }
      int next = Math.max(fetched, Math.min(rows.firstSource(row), rows.firstSource(other)));
      int behind = Math.max(rows.endSource(row), rows.endSource(other));
      for (int g = group; g < group + groupsHere; g++) {
        fetch(g, next, behind, from, to);
      }
      fetched = Math.max(fetched, behind);
      int xBase = xo + group * source.channels() * ldX;
      int yBase = yo + group * target.channels() * ldY;
      for (int col = left; col < right; col++) {
        int px = xBase + (rows.base(row) * source.width() + cols.base(col)) * Planes.LANES;
        int py = yBase + (row * target.width() + col) * Planes.LANES;
        int r = rows.kindOf(row);
        int c = cols.kindOf(col);
        if (!alone) {
          pixel(r, c, px, py);
        } else if (other != row) { // two pixels of the only group, one below the other
          int xd = (rows.base(other) - rows.base(row)) * source.width() * Planes.LANES;
          tiles(r, c, px, xd, py, (other - row) * target.width() * Planes.LANES);
        } else { // or side by side, or one alone
          int beside = cols.partner(col, left, right);
          if (beside >= 0) {
            int xd = (cols.base(beside) - cols.base(col)) * Planes.LANES;
            tiles(r, c, px, xd, py, (beside - col) * Planes.LANES);
          }
        }
      }
    }
  }

  /**
   * Reads a number of each pixel that comes next. Channels lie far apart: what the tiles read is
   * too scattered for the processor to fetch it in time, rows of pixels are not.
   */
  private void fetch(int group, int firstRow, int endRow, int left, int right) {
    int bits = 0;
    for (int n = 0; n < sources.count(); n++) {
      int map = xo + (group * source.channels() + sources.indices()[n]) * ldX;
      for (int row = firstRow; row < endRow; row++) {
        int at = map + row * source.width() * Planes.LANES;
        for (int col = left; col < right; col++) {
          bits |= Float.floatToRawIntBits(x[at + col * Planes.LANES]);
        }
      }
    }
    fetchedBits = bits;
  }

  private void pixel(int r, int c, int px, int py) {
    int lanes = kernels.lanes();
    if (lanes == Planes.LANES) {
      tiles(r, c, px, source.channels() * ldX, py, target.channels() * ldY);
    } else {
      for (int l = 0; l < Planes.LANES; l += 2 * lanes) {
        tiles(r, c, px + l, lanes, py + l, lanes);
      }
    }
  }

  private void tiles(int r, int c, int px, int xd, int py, int yd) {
    int perChannel = taps.perChannel(r, c);
    int list = taps.start(r, c);
    for (int tile = 0; tile < tiles; tile++) {
      int g = tileGroup[tile];
      kernels.tile(
          tileCount[tile],
          sources.count(g) * perChannel,
          taps.taps(),
          list + 2 * sources.start(g) * perChannel,
          x,
          px,
          xd,
          panels,
          tilePanel[tile],
          resume,
          biases,
          tile * width,
          relu,
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
        int row = target.width() * Planes.LANES;
        Arrays.fill(y, at + first * row, at + end * row, relu && sum <= 0f ? 0f : sum);
      }
    }
  }
}
