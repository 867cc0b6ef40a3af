package org.espalier.doctor.selftest;

import java.util.SplittableRandom;
import org.espalier.kernel.contract.PoolGeometry;
import org.espalier.kernel.contract.PoolKernels;
import org.espalier.kernel.scalar.ScalarPool;
import org.espalier.tensor.Nchw16n;

/** Calls of {@link PoolKernels}. */
final class PoolCases {
  private static final PoolKernels SPECIFICATION = new ScalarPool();

  private PoolCases() {}

  /** Windows that touch, overlap or leave gaps, at the border or not, or see only padding. */
  static void draw(Cases<PoolKernels> c) {
    SplittableRandom random = c.random();
    int window = random.nextInt(1, 6);
    int stride = random.nextInt(1, 5);
    int padding = random.nextInt(4);
    int h = Math.max(1, window - 2 * padding) + random.nextInt(9);
    int w = Math.max(1, window - 2 * padding) + random.nextInt(9);
    int in = h * w * Nchw16n.LANES;
    int rows = (h + 2 * padding - window) / stride + 1;
    int columns = (w + 2 * padding - window) / stride + 1;
    int out = rows * columns * Nchw16n.LANES;
    int xo = c.offset();
    int yo = c.offset();
    int dyo = c.offset();
    int dxo = c.offset();
    float[] x = c.values(xo + in);
    float[] y = c.values(yo + out);
    float[] z = c.values(yo + out);
    float[] dy = c.values(dyo + out);
    float[] dx = c.values(dxo + in);
    for (int i = 0; i < x.length; i++) {
      if (random.nextInt(3) == 0) {
        x[i] = random.nextInt(-1, 2) * 0.5f; // ties
      }
    }
    SPECIFICATION.maxPool(h, w, window, stride, padding, x, xo, y, yo);
    c.add("maxPool", k -> k.maxPool(h, w, window, stride, padding, x, xo, z, yo));
    c.add(
        "maxPoolBackward",
        k -> k.maxPoolBackward(h, w, window, stride, padding, x, xo, y, yo, dy, dyo, dx, dxo));
    c.add("averagePool", k -> k.averagePool(h, w, window, stride, padding, x, xo, z, yo));
    c.add(
        "averagePoolBackward",
        k -> k.averagePoolBackward(h, w, window, stride, padding, dy, dyo, dx, dxo));
    anyWindow(c);
    c.add("globalAverage", k -> k.globalAverage(h * w, x, xo, z, yo));
    c.add("globalAverageBackward", k -> k.globalAverageBackward(h * w, dy, dyo, dx, dxo));
  }

  /** Uneven windows, strides and padding, over maps of one image or of sixteen. */
  private static void anyWindow(Cases<PoolKernels> c) {
    SplittableRandom random = c.random();
    int lanes = random.nextBoolean() ? 1 : Nchw16n.LANES;
    int height = random.nextInt(1, 12);
    int width = random.nextInt(1, 50);
    int windowHeight = random.nextInt(1, 4);
    int windowWidth = random.nextInt(1, 5);
    int strideY = random.nextInt(1, 4);
    int strideX = random.nextInt(1, 4);
    int dilationY = random.nextInt(1, 3);
    int dilationX = random.nextInt(1, 3);
    int top = random.nextInt(4);
    int left = random.nextInt(4);
    int rows = random.nextInt(1, (height + top) / strideY + 2);
    int columns = random.nextInt(1, (width + left) / strideX + 2);
    int ldx = (width + random.nextInt(3)) * lanes;
    int ldy = (columns + random.nextInt(3)) * lanes;
    PoolGeometry g =
        new PoolGeometry(
            lanes,
            height,
            width,
            ldx,
            rows,
            columns,
            ldy,
            windowHeight,
            windowWidth,
            strideY,
            strideX,
            top,
            left,
            dilationY,
            dilationX);
    int xo = c.offset();
    int yo = c.offset();
    float[] x = c.values(xo + height * ldx);
    float[] y = c.values(yo + rows * ldy);
    int[] rowCounts = random.ints(rows, 0, 4).toArray();
    int[] columnCounts = random.ints(columns, 0, 4).toArray();
    c.add("maxima", k -> k.maxima(g, x, xo, y, yo));
    c.add("means", k -> k.means(g, rowCounts, columnCounts, x, xo, y, yo));
  }
}
