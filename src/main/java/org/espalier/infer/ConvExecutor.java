package org.espalier.infer;

import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.espalier.sparse.BsrMatrix;
import org.espalier.tensor.PaddedNchw;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A {@link ConvStep} at work on the maps of a session, channel by channel. */
abstract class ConvExecutor {
  final FeatureMaps y;

  ConvExecutor(FeatureMaps y) {
    this.y = y;
  }

  /** Returns into how many parts the work can be divided. */
  int parts() {
    return y.planes().channels();
  }

  /** Computes some of the parts. */
  abstract void compute(int from, int to);

  /** Makes the stage of a layer that reads some maps. */
  static ConvExecutor of(ConvStep layer, List<FeatureMaps> inputs, FeatureMaps y) {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException(layer.name() + " reads no maps");
    }
    FeatureMaps x = inputs.getFirst();
    FeatureMaps other = inputs.size() > 1 ? inputs.get(1) : null;
    return switch (layer) {
      case ConvStep.Pointwise p -> new PointwiseExecutor(p, inputs, y);
      case ConvStep.Channels c -> new ChannelsExecutor(c, inputs, y);
      case ConvStep.Repacking r -> new Repacking(r, x, y);
      case ConvStep.StridedDepthwise d -> new StridedDepthwiseExecutor(d, x, other, y);
      case ConvStep.Normalization n -> new Normalization(n, x, other, y);
      case ConvStep.Plain p ->
          p.operator() instanceof Operator.Pool pool
              ? new PoolExecutor(pool, x, y)
              : new Plain(p.operator(), x, other, y);
      case ConvStep.Convolution c ->
          switch (x.planes().lanes() == 1 ? c.one() : c.many()) {
            case ConvStep.DenseWeight w -> new Dense(c, w, x, other, y);
            case ConvStep.DepthwiseWeight w -> new Depthwise(c, w, x, other, y);
            case ConvStep.SparseWeight w -> new Sparse(c, w, x, other, y);
            case ConvStep.BlockWeight w -> new BlockConvolution(c, w, x, other, y);
          };
      case ConvStep.Source s -> throw new IllegalArgumentException(s.name() + " reads no maps");
    };
  }

  /** Moves pixels. */
  private static final class Repacking extends ConvExecutor {
    private final ConvStep.Repacking layer;
    private final FeatureMaps x;

    /**
     * For each phase, from where the pixels of a small map come; of larger ones rows are copied.
     */
    private final int[][] places;

    Repacking(ConvStep.Repacking layer, FeatureMaps x, FeatureMaps y) {
      super(y);
      this.layer = layer;
      this.x = x;
      PaddedNchw out = y.planes();
      boolean small = out.lanes() == 1 && layer.strideX() > 1 && out.width() < PaddedNchw.LINE;
      places = new int[small ? layer.phases().size() : 0][];
      for (int p = 0; p < places.length; p++) {
        int phase = layer.phases().get(p);
        places[p] = places(phase / layer.strideX(), phase % layer.strideX());
      }
    }

    /** What there is no pixel for comes from anywhere; it is cleared. */
    private int[] places(int top, int left) {
      PaddedNchw in = x.planes();
      PaddedNchw out = y.planes();
      int[] from = new int[out.span()];
      for (int r = 0; r < out.height(); r++) {
        for (int c = 0; c < out.width(); c++) {
          int row = r * layer.strideY() + top;
          int column = c * layer.strideX() + left;
          if (row < in.height() && column < in.width()) {
            from[out.at(r, c)] = in.at(row, column);
          }
        }
      }
      return from;
    }

    @Override
    void compute(int from, int to) {
      int phases = layer.phases().size();
      int strideX = layer.strideX();
      for (int channel = from; channel < to; channel++) {
        int p = channel % phases;
        int phase = layer.phases().get(p);
        move(p, channel / phases, phase / strideX, phase % strideX, channel);
        y.clearBorder(channel);
      }
    }

    private void move(int p, int source, int top, int left, int channel) {
      PaddedNchw in = x.planes();
      PaddedNchw out = y.planes();
      int rows = Math.max(0, Math.ceilDiv(in.height() - top, layer.strideY()));
      int n = Math.max(0, Math.ceilDiv(in.width() - left, layer.strideX()));
      if (places.length > 0) {
        int[] from = places[p];
        Kernels.layout()
            .gather(from.length, x.data(), x.first(source), from, y.data(), y.first(channel));
      } else {
        PoolLoops.copy(
            rows,
            n,
            layer.strideY(),
            layer.strideX(),
            x,
            x.first(source) + in.at(top, left),
            y,
            channel);
      }
      for (int r = 0; r < out.height() && n < out.width(); r++) {
        PoolLoops.clear(y, channel, out.at(r, n), out.at(r, out.width()));
      }
      if (rows < out.height()) {
        PoolLoops.clear(y, channel, out.at(rows, 0), out.at(rows, out.width()));
      }
    }
  }

  /** What convolutions have in common: the distances of the pixels that a weight's columns meet. */
  private abstract static class Convolution extends ConvExecutor {
    final ConvStep.Convolution layer;
    final FeatureMaps x;
    final @Nullable FeatureMaps other;
    final int[] distances;
    final int groupStep;

    Convolution(
        ConvStep.Convolution layer, FeatureMaps x, @Nullable FeatureMaps other, FeatureMaps y) {
      super(y);
      this.layer = layer;
      this.x = x;
      this.other = other;
      int phases = layer.phases().size();
      PaddedNchw in = x.planes();
      distances = distances(layer, in);
      groupStep = in.channels() / layer.operator().groups() * in.ld();
      int perGroup = in.channels() / layer.operator().groups() / phases;
      check(in, layer.operator().window().size(), perGroup * phases);
    }

    private static int[] distances(ConvStep.Convolution layer, PaddedNchw in) {
      Window w = layer.operator().window();
      int strideY = w.strideY();
      int strideX = w.strideX();
      int[] distances = new int[layer.operator().fanIn()];
      for (int k = 0; k < distances.length; k++) {
        int dy = k % w.size() / w.width() * w.dilationY() - w.top();
        int dx = k % w.width() * w.dilationX() - w.left();
        int phase = Math.floorMod(dy, strideY) * strideX + Math.floorMod(dx, strideX);
        int map = k / w.size() * layer.phases().size() + layer.phases().indexOf(phase);
        distances[k] =
            map * in.ld() + in.at(Math.floorDiv(dy, strideY), Math.floorDiv(dx, strideX));
      }
      return distances;
    }

    /** No window may leave the maps with their border. */
    private void check(PaddedNchw in, int window, int maps) {
      for (int k = 0; k < window * (maps / layer.phases().size()); k++) {
        int at = in.origin() + distances[k];
        if (at < 0 || at + y.planes().span() > maps * in.ld() + PaddedNchw.LINE) {
          throw new IllegalStateException(layer.name() + " reads outside of " + in);
        }
      }
    }

    void clearBorders(int from, int to) {
      for (int channel = from; channel < to; channel++) {
        y.clearBorder(channel);
      }
    }
  }

  /** Convolutions with zeros: they compute runs, which they may cut. */
  private abstract static class Runs extends Convolution {
    /**
     * Pixels of sixteen images that are computed together. Row by row down the maps, so that of
     * what a window reads all but one row is still in the nearest cache.
     */
    private static final int COLUMNS = 8;

    Runs(ConvStep.Convolution layer, FeatureMaps x, @Nullable FeatureMaps other, FeatureMaps y) {
      super(layer, x, other, y);
    }

    /**
     * Computes some parts.
     *
     * @param xo where the maps begin that they read
     * @return whether their borders hold junk then
     */
    final boolean runs(int from, int to, int xo) {
      PaddedNchw out = y.planes();
      if (out.lanes() == 1 || out.width() % COLUMNS != 0) {
        run(from, to, xo, 0, out.span());
        return true;
      }
      for (int left = 0; left < out.width(); left += COLUMNS) {
        for (int row = 0; row < out.height(); row++) {
          run(from, to, xo, out.at(row, left), COLUMNS * out.lanes());
        }
      }
      return false;
    }

    /**
     * Computes runs of some parts.
     *
     * @param xo where the maps begin that they read
     * @param at where in a map the runs begin
     */
    abstract void run(int from, int to, int xo, int at, int length);
  }

  /** A convolution with every weight. */
  private static final class Dense extends Convolution {
    private final ConvStep.DenseWeight weight;

    Dense(
        ConvStep.Convolution layer,
        ConvStep.DenseWeight weight,
        FeatureMaps x,
        @Nullable FeatureMaps other,
        FeatureMaps y) {
      super(layer, x, other, y);
      this.weight = weight;
    }

    @Override
    int parts() {
      return weight.parts();
    }

    @Override
    void compute(int from, int to) {
      PaddedNchw out = y.planes();
      weight
          .packed()
          .forward(
              from,
              to,
              out.span(),
              out.lanes(),
              x.data(),
              x.first(0),
              groupStep,
              distances,
              other == null ? layer.clamp() : Clamp.NONE,
              y.data(),
              y.first(0),
              out.ld());
      int first = weight.packed().first(from);
      int end = weight.packed().first(to);
      if (other != null) {
        for (int channel = first; channel < end; channel++) {
          PoolLoops.add(layer.clamp(), out.span(), other, y, channel);
        }
      }
      clearBorders(first, end);
    }
  }

  /** A convolution with every weight, whose outputs read one map each. */
  private static final class Depthwise extends Convolution {
    private final float[] weight;
    private final float[] bias;
    private final int outputsPerMap;

    Depthwise(
        ConvStep.Convolution layer,
        ConvStep.DepthwiseWeight weight,
        FeatureMaps x,
        @Nullable FeatureMaps other,
        FeatureMaps y) {
      super(layer, x, other, y);
      this.weight = weight.weight().toArray();
      bias = weight.bias().toArray();
      outputsPerMap = layer.operator().outputs() / layer.operator().groups();
    }

    @Override
    void compute(int from, int to) {
      PaddedNchw out = y.planes();
      Kernels.conv()
          .depthwise(
              from,
              to,
              out.span(),
              outputsPerMap,
              distances.length,
              weight,
              0,
              x.data(),
              x.first(0),
              groupStep,
              distances,
              bias,
              0,
              other == null ? layer.clamp() : Clamp.NONE,
              y.data(),
              y.first(0),
              out.ld());
      for (int channel = from; other != null && channel < to; channel++) {
        PoolLoops.add(layer.clamp(), out.span(), other, y, channel);
      }
      clearBorders(from, to);
    }
  }

  /** A convolution with the weights that are not zero. */
  private static final class Sparse extends Runs {
    private final ConvStep.SparseWeight weight;

    Sparse(
        ConvStep.Convolution layer,
        ConvStep.SparseWeight weight,
        FeatureMaps x,
        @Nullable FeatureMaps other,
        FeatureMaps y) {
      super(layer, x, other, y);
      this.weight = weight;
    }

    @Override
    void compute(int from, int to) {
      int perGroup = parts() / layer.operator().groups();
      for (int first = from; first < to; ) {
        int group = first / perGroup;
        int end = Math.min(to, (group + 1) * perGroup);
        if (runs(first, end, x.first(0) + group * groupStep)) {
          clearBorders(first, end);
        }
        first = end;
      }
    }

    @Override
    void run(int from, int to, int xo, int at, int length) {
      Tensor bias = weight.bias();
      Kernels.sparse()
          .deltaCsrConv(
              weight.matrix(),
              from,
              to,
              length,
              x.data(),
              xo + at,
              distances,
              bias.data(),
              bias.offset(),
              other == null ? null : other.data(),
              other == null ? 0 : other.first(0) + at,
              other == null ? 0 : other.planes().ld(),
              layer.clamp(),
              y.data(),
              y.first(0) + at,
              y.planes().ld());
    }
  }

  /** A convolution with the blocks in which a weight is not zero. */
  private static final class BlockConvolution extends Runs {
    private final ConvStep.BlockWeight weight;

    BlockConvolution(
        ConvStep.Convolution layer,
        ConvStep.BlockWeight weight,
        FeatureMaps x,
        @Nullable FeatureMaps other,
        FeatureMaps y) {
      super(layer, x, other, y);
      this.weight = weight;
    }

    @Override
    int parts() {
      return weight.parts();
    }

    @Override
    void compute(int from, int to) {
      if (!runs(from, to, x.first(0))) {
        return;
      }
      BsrMatrix matrix = weight.matrix();
      for (int q = from; q < to; q++) {
        int first = matrix.quadRows()[q];
        if (first >= 0) {
          clearBorders(first, Math.min(first + BsrMatrix.QUAD, matrix.rows()));
        }
      }
    }

    @Override
    void run(int from, int to, int xo, int at, int length) {
      Tensor bias = weight.bias();
      Kernels.sparse()
          .bsrSpmm(
              weight.matrix(),
              from,
              to,
              length,
              x.data(),
              xo + at,
              distances,
              bias.data(),
              bias.offset(),
              other == null ? null : other.data(),
              other == null ? 0 : other.first(0) + at,
              other == null ? 0 : other.planes().ld(),
              layer.clamp(),
              y.data(),
              y.first(0) + at,
              y.planes().ld());
    }
  }

  /** A normalisation. */
  private static final class Normalization extends ConvExecutor {
    private final ConvStep.Normalization layer;
    private final FeatureMaps x;
    private final @Nullable FeatureMaps other;

    Normalization(
        ConvStep.Normalization layer, FeatureMaps x, @Nullable FeatureMaps other, FeatureMaps y) {
      super(y);
      this.layer = layer;
      this.x = x;
      this.other = other;
    }

    @Override
    void compute(int from, int to) {
      int n = y.planes().span();
      for (int c = from; c < to; c++) {
        float factor = layer.factors().get(0, c);
        float added = layer.added().get(0, c);
        if (other == null) {
          Kernels.norm()
              .normalize(
                  n, x.data(), x.first(c), factor, added, layer.clamp(), y.data(), y.first(c));
        } else {
          Kernels.norm()
              .normalizeAdd(
                  n,
                  x.data(),
                  x.first(c),
                  factor,
                  added,
                  other.data(),
                  other.first(c),
                  layer.clamp(),
                  y.data(),
                  y.first(c));
        }
        y.clearBorder(c);
      }
    }
  }

  /** What has no parameters. */
  private static final class Plain extends ConvExecutor {
    private final Operator operator;
    private final FeatureMaps x;
    private final @Nullable FeatureMaps other;

    Plain(Operator operator, FeatureMaps x, @Nullable FeatureMaps other, FeatureMaps y) {
      super(y);
      this.operator = operator;
      this.x = x;
      this.other = other;
    }

    @Override
    void compute(int from, int to) {
      if (operator instanceof Operator.GlobalAveragePool) {
        PoolLoops.globalAverages(x, y, from, to); // of several channels at once
        return;
      }
      for (int c = from; c < to; c++) {
        compute(c);
      }
    }

    private void compute(int c) {
      int n = y.planes().span();
      switch (operator) {
        case Operator.Relu _ ->
            Kernels.vector().clamp(n, Clamp.RELU, x.data(), x.first(c), y.data(), y.first(c));
        case Operator.Add _ -> {
          System.arraycopy(x.data(), x.first(c), y.data(), y.first(c), n);
          PoolLoops.add(Clamp.NONE, n, other == null ? x : other, y, c);
        }
        case Operator.Shortcut(int _, int stride) -> PoolLoops.subsample(stride, x, y, c);
        case Operator.Pool _,
            Operator.GlobalAveragePool _,
            Operator.Layer _,
            Operator.BatchNorm _,
            Operator.Flatten _,
            Elementwise _,
            Movement _,
            Reduction _,
            Resampling _ ->
            throw new IllegalStateException(operator + " is no plain operator on maps");
      }
    }
  }
}
