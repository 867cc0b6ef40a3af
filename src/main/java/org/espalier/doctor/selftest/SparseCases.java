package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;

/** Calls of {@link SparseKernels}, format by format. */
final class SparseCases {
  private SparseCases() {}

  static void draw(Cases<SparseKernels> c) {
    csr(c);
    sell(c);
    bsr(c);
    deltaCsr(c);
  }

  private static void csr(Cases<SparseKernels> c) {
    int rows = c.random().nextInt(1, 40);
    int cols = c.random().nextInt(1, 60);
    int batch = c.random().nextInt(1, 150);
    int most = Math.max(rows, cols) * batch;
    int xo = c.offset();
    int yo = c.offset();
    CsrMatrix w = CsrMatrix.of(c.matrix(rows, cols), c.mask(rows, cols));
    float[] x = c.values(xo + most);
    float[] y = c.values(yo + most);
    float[] bias = c.values(rows);
    Clamp clamp = c.clamp();
    c.add("csrSpmv", k -> k.csrSpmv(w, 0, rows, x, xo, bias, 0, clamp, y, yo));
    c.add("csrSpmm", k -> k.csrSpmm(w, 0, rows, batch, x, xo, batch, bias, 0, clamp, y, yo, batch));
    c.add("csrSpmvTransposed", k -> k.csrSpmvTransposed(w, x, xo, y, yo));
    c.add("csrSpmmTransposed", k -> k.csrSpmmTransposed(w, batch, x, xo, batch, y, yo, batch));
    CacheBlockedMatrix blocked = CacheBlockedMatrix.of(w, 16);
    int panels = blocked.panels();
    c.add(
        "cacheBlockedSpmm",
        k ->
            k.cacheBlockedSpmm(
                blocked, 0, panels, batch, x, xo, batch, bias, 0, clamp, y, yo, batch));
    c.add("transpose", k -> k.transpose(cols, batch, x, xo, batch, y, yo, cols));
  }

  /** The layout is what the implementation asks for. */
  private static void sell(Cases<SparseKernels> c) {
    int rows = c.random().nextInt(1, 40);
    int cols = c.random().nextInt(1, 180);
    int batch = c.random().nextInt(1, 150);
    int xo = c.offset();
    int yo = c.offset();
    CsrMatrix w = CsrMatrix.of(c.matrix(rows, cols), c.mask(rows, cols));
    float[] x = c.values(xo + cols * batch);
    float[] y = c.values(yo + rows * batch);
    float[] bias = c.values(rows);
    Clamp clamp = c.clamp();
    c.add(
        "sellSpmv",
        k -> {
          SellMatrix sell = SellMatrix.of(w, k.sellForm(w, Precision.FP32));
          float[] sums = new float[sell.laneRows().length];
          k.sellSpmv(sell, 0, sell.blocks(), x, xo, bias, 0, clamp, sums, y, yo);
        });
    c.add(
        "sellSpmm",
        k -> {
          SellMatrix sell = SellMatrix.of(w, k.sellForm(w, Precision.FP32));
          k.sellSpmm(sell, 0, sell.blocks(), batch, x, xo, batch, bias, 0, clamp, y, yo, batch);
        });
  }

  private static void bsr(Cases<SparseKernels> c) {
    int rows = c.random().nextInt(1, 70);
    int cols = c.random().nextInt(1, 60);
    int length = c.random().nextInt(1, 150);
    int xo = c.offset();
    int yo = c.offset();
    BsrMatrix w = BsrMatrix.of(c.matrix(rows, cols), c.random().nextBoolean() ? 4 : 16);
    BsrMatrix high = BsrMatrix.of(c.matrix(rows, cols), BsrMatrix.ROWS);
    int[] distances = c.random().ints(cols, 0, 200).toArray();
    float[] x = c.values(xo + 200 + length);
    float[] y = c.values(yo + rows * length);
    float[] bias = c.values(rows);
    float[] other = c.values(rows * length);
    float[] sums = new float[high.groups() * BsrMatrix.ROWS];
    Clamp clamp = c.clamp();
    c.add(
        "bsrSpmm",
        k ->
            k.bsrSpmm(
                w, 0, w.quads(), length, x, xo, distances, bias, 0, other, 0, length, clamp, y, yo,
                length));
    c.add("bsrSpmv", k -> k.bsrSpmv(high, 0, high.groups(), x, xo, bias, 0, clamp, sums, y, yo));
  }

  private static void deltaCsr(Cases<SparseKernels> c) {
    int rows = c.random().nextInt(1, 6);
    int cols = c.random().nextInt(1, 400);
    int length = c.random().nextInt(30) * SparseKernels.UNIT;
    int xo = c.offset();
    int yo = c.offset();
    DeltaCsrMatrix w = DeltaCsrMatrix.of(c.matrix(rows, cols));
    int[] distances = c.random().ints(cols, 0, 200).toArray();
    float[] x = c.values(xo + 200 + length);
    float[] y = c.values(yo + rows * length);
    float[] bias = c.values(rows);
    float[] other = c.values(rows * length);
    Clamp clamp = c.clamp();
    for (float[] added : new float[][] {null, other}) {
      c.add(
          "deltaCsrConv" + (added == null ? "" : ", added to"),
          k ->
              k.deltaCsrConv(
                  w, 0, rows, length, x, xo, distances, bias, 0, added, 0, length, clamp, y, yo,
                  length));
    }
  }
}
