package org.espalier.infer;

import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.PoolGeometry;
import org.espalier.model.Operator;
import org.espalier.model.Window;
import org.espalier.tensor.PaddedNchw;

/** The largest or the mean of each window, a map at a time. */
final class PoolExecutor extends ConvExecutor {
  private final FeatureMaps x;
  private final boolean max;
  private final PoolGeometry geometry;

  /** By row and by column, how much of a window counts in a mean. */
  private final int[] rowCounts;

  private final int[] columnCounts;

  PoolExecutor(Operator.Pool pool, FeatureMaps x, FeatureMaps y) {
    super(y);
    this.x = x;
    PaddedNchw in = x.planes();
    PaddedNchw out = y.planes();
    Window w = pool.window();
    max = pool instanceof Operator.MaxPool;
    boolean pads = pool instanceof Operator.AveragePool mean && mean.countPadding();
    geometry =
        new PoolGeometry(
            in.lanes(),
            in.height(),
            in.width(),
            in.at(1, 0),
            out.height(),
            out.width(),
            out.at(1, 0),
            w.height(),
            w.width(),
            w.strideY(),
            w.strideX(),
            w.top(),
            w.left(),
            w.dilationY(),
            w.dilationX());
    int firstRow = pads ? -w.top() : 0;
    int firstColumn = pads ? -w.left() : 0;
    int endRow = in.height() + (pads ? w.bottom() : 0);
    int endColumn = in.width() + (pads ? w.right() : 0);
    rowCounts = new int[out.height()];
    Arrays.setAll(
        rowCounts,
        r -> counted(r * w.strideY() - w.top(), w.height(), w.dilationY(), firstRow, endRow));
    columnCounts = new int[out.width()];
    Arrays.setAll(
        columnCounts,
        c -> counted(c * w.strideX() - w.left(), w.width(), w.dilationX(), firstColumn, endColumn));
  }

  /** Returns how many places of a window along an axis lie within bounds. */
  private static int counted(int first, int kernel, int dilation, int from, int to) {
    int n = 0;
    for (int i = 0; i < kernel; i++) {
      int at = first + i * dilation;
      n += at >= from && at < to ? 1 : 0;
    }
    return n;
  }

  @Override
  void compute(int from, int to) {
    for (int c = from; c < to; c++) {
      if (max) {
        Kernels.pool().maxima(geometry, x.data(), x.first(c), y.data(), y.first(c));
      } else {
        Kernels.pool()
            .means(geometry, rowCounts, columnCounts, x.data(), x.first(c), y.data(), y.first(c));
      }
      y.clearBorder(c);
    }
  }
}
