package org.espalier.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.kernel.gemm.Gemm.Epilogue;
import org.espalier.kernel.gemm.Gemm.Form;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/** Matrix products beside OpenBLAS's, and what masks and a second thread make of ours. */
final class GemmBenchmarks {
  private static final String OPENBLAS = "OpenBLAS";

  private static final Shape SQUARE = new Shape(Form.NN, 1024, 1024, 1024);

  /** Forward, gradient of the inputs and gradient of the weights of one layer. */
  private static final List<Shape> LAYER =
      List.of(
          new Shape(Form.NT, 128, 300, 784),
          new Shape(Form.NN, 128, 784, 300),
          new Shape(Form.TN, 300, 784, 128));

  private static final List<Shape> OTHERS =
      List.of(
          new Shape(Form.NT, 1024, 1024, 1024),
          new Shape(Form.TN, 1024, 1024, 1024),
          new Shape(Form.NN, 512, 512, 512),
          new Shape(Form.NT, 128, 100, 300),
          new Shape(Form.NN, 128, 300, 100),
          new Shape(Form.TN, 100, 300, 128),
          new Shape(Form.NT, 128, 10, 100),
          new Shape(Form.NN, 128, 100, 10),
          new Shape(Form.TN, 10, 100, 128),
          new Shape(Form.NN, 64, 64, 64),
          new Shape(Form.NN, 32, 32, 32),
          // filters × pixels, as convolutions bring them
          new Shape(Form.NN, 16, 32768, 144),
          new Shape(Form.NN, 32, 16384, 288),
          new Shape(Form.NN, 64, 8192, 576),
          // pixels × filters
          new Shape(Form.NT, 32768, 16, 144),
          new Shape(Form.NT, 8192, 64, 576));

  private static final Set<Form> MASKED_WEIGHT = Set.of(Form.NT, Form.NN);

  /** {@code C [m][n]}, the sums over k. */
  private record Shape(Form form, int m, int n, int k) {
    double flops() {
      return 2.0 * m * n * k;
    }

    @Override
    public String toString() {
      return form + "-" + m + "x" + n + "x" + k;
    }
  }

  private final Shape shape;
  private final Tensor a;
  private final Tensor b;
  private final Tensor c;
  private final BitMask mask;

  private GemmBenchmarks(Shape shape) {
    this.shape = shape;
    var random = new SplittableRandom(1);
    a = shape.form == Form.TN ? random(random, shape.k, shape.m) : random(random, shape.m, shape.k);
    b = shape.form == Form.NT ? random(random, shape.n, shape.k) : random(random, shape.k, shape.n);
    c = Tensor.zeros(shape.m, shape.n);
    // what training masks: the weights, which are b, or their gradient, which is c
    Tensor masked = MASKED_WEIGHT.contains(shape.form) ? b : c;
    mask = randomMask(random, masked.rows(), masked.cols());
  }

  static List<Benchmark> all() {
    List<Benchmark> rows = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      rows.add(beside(SQUARE, threads, threads == 1 ? Mark.speedup(1, 1.05) : Mark.NONE));
      LAYER.forEach(shape -> rows.add(beside(shape, threads, Mark.speedup(1, 1.3))));
      OTHERS.forEach(shape -> rows.add(beside(shape, threads, Mark.NONE)));
    }
    rows.add(
        new Benchmark(
            "gemm-two-threads-" + SQUARE,
            "SGEMM " + SQUARE + ", 2 threads",
            "ours, 1 thread",
            2,
            SQUARE.flops(),
            Mark.speedup(1.8, 1.9),
            () -> new GemmBenchmarks(SQUARE).threads()));
    LAYER.forEach(
        shape ->
            rows.add(
                new Benchmark(
                    "gemm-masked-" + shape,
                    "SGEMM " + shape + ", masked by bits",
                    "ours, plain",
                    1,
                    shape.flops(),
                    Mark.COST,
                    () -> new GemmBenchmarks(shape).masked())));
    return rows;
  }

  private static Benchmark beside(Shape shape, int threads, Mark mark) {
    return new Benchmark(
        "gemm-" + shape + "-" + threads + "t",
        "SGEMM " + shape,
        OPENBLAS,
        threads,
        shape.flops(),
        mark,
        () -> new GemmBenchmarks(shape).besideOpenBlas(threads));
  }

  private Pairing besideOpenBlas(int threads) {
    OpenBlas.setThreads(threads);
    OpenBlas blas = new OpenBlas(shape.form, shape.m, shape.n, shape.k, a, b);
    Runnable ours = plain(threads);
    ours.run();
    blas.run();
    compare(blas.result());
    return new Pairing(Job.of(ours), Job.of(blas::run), OpenBlas.description());
  }

  private Pairing threads() {
    Runnable one = plain(1);
    Runnable two = plain(2);
    one.run();
    float[] want = c.toArray();
    two.run();
    if (!Arrays.equals(want, c.toArray())) {
      throw Pairing.differ("the product", "of two threads", "of one");
    }
    return new Pairing(Job.of(two), Job.of(one), "ours");
  }

  private Pairing masked() {
    boolean gradient = !MASKED_WEIGHT.contains(shape.form);
    Gemm gemm = new Gemm(new ThreadPool(1), shape.form, gradient ? Epilogue.MASK : Epilogue.NONE);
    BitMask operand = gradient ? null : mask;
    BitMask result = gradient ? mask : null;
    Runnable masked = () -> gemm.run(shape.m, shape.n, shape.k, a, b, operand, c, null, result);
    Runnable plain = plain(1);
    masked.run();
    float[] got = c.toArray();
    if (gradient) {
      plain.run();
      clearMasked(c);
    } else {
      Tensor zeroed = b.copy();
      clearMasked(zeroed);
      new Gemm(new ThreadPool(1), shape.form, Epilogue.NONE)
          .run(shape.m, shape.n, shape.k, a, zeroed, c);
    }
    if (!Arrays.equals(got, c.toArray())) {
      throw Pairing.differ("the product", "masked by bits", "with zeros");
    }
    return new Pairing(Job.of(masked), Job.of(plain), "ours");
  }

  private void clearMasked(Tensor t) {
    for (int r = 0; r < t.rows(); r++) {
      for (int col = 0; col < t.cols(); col++) {
        if (!mask.get(r, col)) {
          t.set(r, col, 0);
        }
      }
    }
  }

  private Runnable plain(int threads) {
    Gemm gemm = new Gemm(new ThreadPool(threads), shape.form, Epilogue.NONE);
    return () -> gemm.run(shape.m, shape.n, shape.k, a, b, c);
  }

  private static Tensor random(SplittableRandom random, int rows, int cols) {
    Tensor t = Tensor.zeros(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        t.set(r, c, (float) random.nextDouble(-1, 1));
      }
    }
    return t;
  }

  private static BitMask randomMask(SplittableRandom random, int rows, int cols) {
    BitMask mask = new BitMask(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        mask.set(r, c, random.nextBoolean());
      }
    }
    return mask;
  }

  /** Elements lie in (−1, 1), so two sums in different orders differ by less than this bound. */
  private void compare(float[] theirs) {
    double bound = 2.0 * shape.k * shape.k * 0x1p-24;
    float[] ours = c.toArray();
    for (int i = 0; i < ours.length; i++) {
      if (!(Math.abs((double) ours[i] - theirs[i]) <= bound)) {
        throw Pairing.differ(shape + " element " + i, ours[i], theirs[i]);
      }
    }
  }
}
