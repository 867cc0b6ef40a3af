package org.espalier.peers;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_full;
import org.espalier.kernel.gemm.Gemm.Form;
import org.espalier.tensor.Tensor;

/** OpenBLAS's SGEMM on memory of its own, rows one behind the other. */
final class OpenBlas {
  private static final int ROW_MAJOR = 101;
  private static final int AS_STORED = 111;
  private static final int TRANSPOSED = 112;

  private final Form form;
  private final int m;
  private final int n;
  private final int k;
  private final FloatPointer a;
  private final FloatPointer b;
  private final FloatPointer c;

  OpenBlas(Form form, int m, int n, int k, Tensor a, Tensor b) {
    this.form = form;
    this.m = m;
    this.n = n;
    this.k = k;
    this.a = copy(a);
    this.b = copy(b);
    this.c = new FloatPointer((long) m * n);
  }

  private static FloatPointer copy(Tensor t) {
    return new FloatPointer(t.toArray());
  }

  static void setThreads(int threads) {
    openblas_full.openblas_set_num_threads(threads);
  }

  /** Returns the version and the core that its kernels are written for. */
  static String description() {
    return openblas_full.openblas_get_config().getString()
        + ", running kernels for "
        + openblas_full.openblas_get_corename().getString();
  }

  void run() {
    boolean ta = form == Form.TN;
    boolean tb = form == Form.NT;
    openblas_full.cblas_sgemm(
        ROW_MAJOR,
        ta ? TRANSPOSED : AS_STORED,
        tb ? TRANSPOSED : AS_STORED,
        m,
        n,
        k,
        1f,
        a,
        ta ? m : k,
        b,
        tb ? k : n,
        0f,
        c,
        n);
  }

  float[] result() {
    float[] result = new float[m * n];
    c.get(result);
    return result;
  }
}
