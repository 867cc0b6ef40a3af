package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.GemmKernels;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.kernel.gemm.Gemm.Epilogue;
import org.espalier.kernel.gemm.Gemm.Form;
import org.espalier.kernel.gemm.PackedMatrix;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Products by way of {@link Gemm}, since implementations of {@link GemmKernels} differ in their
 * tiles.
 */
final class GemmCases {
  /** A pool of one thread is the calling thread. */
  private static final ThreadPool HERE = new ThreadPool(1);

  private GemmCases() {}

  static void draw(Cases<GemmKernels> c) {
    int m = c.random().nextInt(4) == 0 ? 1 : c.random().nextInt(1, 20); // 1: matrix times vector
    int n = c.random().nextInt(1, 40);
    int k = c.random().nextInt(1, 40);
    Tensor x = c.matrix(m, k);
    Tensor w = c.matrix(n, k);
    Tensor bias = c.matrix(1, n);
    BitMask keep = c.mask(n, k);
    Tensor y = result(c, m, n);
    c.add("NT, masked", g -> product(g, Form.NT, Epilogue.BIAS_RELU, x, w, keep, bias, null, y));
    c.add("NT", g -> product(g, Form.NT, Epilogue.BIAS, x, w, null, bias, null, y));
    for (Precision p : Precision.values()) {
      Tensor rounded = p.roundRows("w", w);
      c.add("NT, " + p, g -> narrow(g, p, x, rounded, y));
    }
    Tensor dy = c.matrix(m, n);
    Tensor dx = result(c, m, k);
    Tensor dw = result(c, n, k);
    c.add("NN, masked", g -> product(g, Form.NN, Epilogue.NONE, dy, w, keep, null, null, dx));
    Subset units = some(c, n);
    c.add(
        "NN, of some units",
        g -> new Gemm(HERE, Form.NN, Epilogue.NONE, g).run(m, k, units.count(), dy, w, units, dx));
    Tensor columns = c.matrix(k, m);
    Tensor turned = result(c, n, m);
    c.add(
        "NN, packed",
        g ->
            new Gemm(HERE, Form.NN, Epilogue.ROW_BIAS, g)
                .run(m, PackedMatrix.narrow(w, Precision.FP32, g), columns, turned, bias));
    c.add("TN, masked", g -> product(g, Form.TN, Epilogue.MASK, dy, x, null, null, keep, dw));
  }

  private static Subset some(Cases<GemmKernels> c, int n) {
    Subset some = new Subset(n);
    double share = c.random().nextDouble();
    for (int i = 0; i < n; i++) {
      some.bits().set(0, i, c.random().nextDouble() < share);
    }
    some.refresh();
    return some;
  }

  private static Tensor result(Cases<GemmKernels> c, int rows, int cols) {
    Tensor t = c.matrix(rows, cols);
    c.keep(t.data());
    return t;
  }

  private static void narrow(
      GemmKernels kernels, Precision precision, Tensor x, Tensor w, Tensor y) {
    PackedMatrix packed = PackedMatrix.narrow(w, precision, kernels);
    new Gemm(HERE, Form.NT, Epilogue.NONE, kernels).run(x.rows(), x, packed, y, null);
  }

  private static void product(
      GemmKernels kernels,
      Form form,
      Epilogue epilogue,
      Tensor a,
      Tensor b,
      @Nullable BitMask keepB,
      @Nullable Tensor bias,
      @Nullable BitMask keepC,
      Tensor c) {
    int k = form == Form.TN ? a.rows() : a.cols();
    new Gemm(HERE, form, epilogue, kernels).run(c.rows(), c.cols(), k, a, b, keepB, c, bias, keepC);
  }
}
