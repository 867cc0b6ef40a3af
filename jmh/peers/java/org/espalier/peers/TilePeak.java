package org.espalier.peers;

import java.util.stream.IntStream;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.parallel.ThreadPool;

/**
 * How fast the matrix product's innermost loop is where it finds everything in the first-level
 * cache: with a good kernel, more than a loop that only multiplies and adds registers.
 */
final class TilePeak {
  private static final int DEPTH = 256;
  private static final int TILES = 2_000;
  private static final int RUNS = 300;
  private static final int START = 12;

  private final int threads;
  private final GemmKernels kernels = Kernels.gemm();
  private final int[] rows = IntStream.range(0, kernels.mr()).toArray();

  TilePeak(int threads) {
    this.threads = threads;
  }

  /** Returns 10<sup>9</sup> operations a second of all threads together, the best of many runs. */
  double gigaflops() {
    float[][] a = new float[threads][START + DEPTH * kernels.mr()];
    float[][] b = new float[threads][START + DEPTH * kernels.nr()];
    float[][] c = new float[threads][START + kernels.mr() * kernels.nr()];
    long best = Long.MAX_VALUE;
    try (ThreadPool workers = new ThreadPool(threads)) {
      for (int run = 0; run < RUNS; run++) {
        long start = System.nanoTime();
        workers.run(threads, piece -> tiles(a[piece], b[piece], c[piece]));
        best = Math.min(best, System.nanoTime() - start);
      }
    }
    return 2.0 * kernels.mr() * kernels.nr() * DEPTH * TILES * threads / best;
  }

  private void tiles(float[] a, float[] b, float[] c) {
    for (int i = 0; i < TILES; i++) {
      kernels.tileRows(
          DEPTH, a, START, DEPTH, kernels.mr(), rows, 0, b, START, true, c, START, kernels.nr());
    }
  }
}
