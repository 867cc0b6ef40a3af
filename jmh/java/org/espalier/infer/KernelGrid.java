package org.espalier.infer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Parameter;
import org.espalier.sparse.BsrMatrix;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * Measures every kernel of layers of many sizes and densities, alone in the JVM, for {@link
 * CostModel} to be fitted to and judged by. Takes the file to write, and {@code convolutions} if
 * these alone are wanted; wants a quiet machine.
 */
public final class KernelGrid {
  private static final int[][] LINEAR = {
    {100, 12},
    {200, 40},
    {64, 64},
    {100, 300},
    {128, 512},
    {300, 784},
    {512, 512},
    {1000, 256},
    {1024, 1024},
    {512, 3072},
    {4096, 1024},
    {1536, 4096},
    {96, 4000}
  };

  /** Channels, outputs, kernel, stride, extent of the maps, groups. */
  private static final int[][] CONV = {
    {3, 16, 3, 1, 32, 1}, {16, 16, 3, 1, 32, 1}, {32, 32, 3, 1, 16, 1}, {64, 64, 3, 1, 8, 1},
    {16, 32, 3, 2, 32, 1}, {128, 128, 3, 1, 16, 1}, {64, 128, 1, 1, 16, 1}, {6, 16, 5, 1, 14, 1},
    {256, 256, 3, 1, 8, 1}, {64, 64, 3, 1, 28, 1}, {512, 128, 1, 1, 7, 1}, {24, 144, 1, 1, 28, 1},
    {32, 32, 3, 1, 16, 4}, {64, 64, 3, 1, 24, 64}, {128, 128, 3, 1, 6, 128}, {96, 96, 5, 1, 14, 96},
    {128, 128, 1, 1, 6, 1}, {256, 256, 1, 1, 3, 1}, {32, 16, 1, 1, 56, 1}, {160, 320, 1, 1, 7, 1}
  };

  private static final double[] DENSITIES = {
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8
  };
  private static final double[] NARROW_DENSITIES = {0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7};
  private static final double[] BLOCK_DENSITIES = {0.02, 0.05, 0.1, 0.2, 0.4, 0.6};
  private static final int[] BATCHES = {2, 8, 16, 32, 64};
  private static final int[] ENDS = {16, 64};

  /** The specification is slow; layers up to this size tell enough. */
  private static final int MOST_SCALAR = 100_000;

  private static final double SAMPLE_NANOS = 60_000;
  private static final int SAMPLES = 8;
  private static final double MOST_NANOS = 50e6;

  /** Each is measured in two passes, long after each other, of which the shorter time counts. */
  private static final int PASSES = 2;

  private static final int WARM_UP_PASSES = 2;

  /** For each case: enough for the JVM to compile what it runs. */
  private static final long WARM_UP_NANOS = 20_000_000;

  private final Map<String, Measured> results = new LinkedHashMap<>();
  private final boolean convolutionsOnly;
  private boolean dry;

  private KernelGrid(boolean convolutionsOnly) {
    this.convolutionsOnly = convolutionsOnly;
  }

  public static void main(String[] args) throws IOException {
    KernelGrid grid = new KernelGrid(args.length > 1 && args[1].equals("convolutions"));
    for (int pass = 0; pass < WARM_UP_PASSES + PASSES; pass++) {
      if (pass == WARM_UP_PASSES) {
        grid.results.clear();
      }
      System.err.println("pass " + pass);
      grid.dry = pass < WARM_UP_PASSES;
      grid.measure(grid.dry);
    }
    List<String> lines = new ArrayList<>(List.of(Measured.HEADER));
    grid.results.values().forEach(m -> lines.add(m.line()));
    Files.write(Path.of(args[0]), lines);
  }

  private void measure(boolean few) {
    int every = few ? 3 : 1;
    for (Precision precision : Precision.values()) {
      for (int i = 0; i < LINEAR.length && !convolutionsOnly; i += every) {
        if (Kernels.choice().isSimd() || LINEAR[i][0] * LINEAR[i][1] <= MOST_SCALAR) {
          linear(LINEAR[i][0], LINEAR[i][1], precision);
        }
      }
      for (int i = 0; i < CONV.length; i += every) {
        int fanIn = CONV[i][0] / CONV[i][5] * CONV[i][2] * CONV[i][2];
        if (Kernels.choice().isSimd() || fanIn * CONV[i][1] <= MOST_SCALAR / 10) {
          convolution(CONV[i], precision);
        }
      }
    }
  }

  private void linear(int rows, int cols, Precision precision) {
    boolean wide = precision == Precision.FP32;
    PlanOptions options = PlanOptions.defaults().withWeights(precision);
    LinearCompiler compiler = new LinearCompiler(options, null);
    boolean first = true;
    for (double density : densities(wide)) {
      Tensor w = weight(rows, cols, density, 1, precision);
      Workload workload = Workload.linear(w, precision);
      boolean once = first;
      first = false;
      for (int batch : batches(wide)) {
        List<WeightFormat> formats = new ArrayList<>(KernelSelector.candidates(workload, batch));
        formats.removeIf(f -> f == WeightFormat.BSR || f == WeightFormat.DENSE && !once);
        time(workload, formats, batch, compiler.work(w, workload));
      }
    }
    for (int height : wide ? new int[] {BsrMatrix.QUAD, BsrMatrix.ROWS} : new int[0]) {
      for (double density : BLOCK_DENSITIES) {
        Tensor w = weight(rows, cols, density, height, precision);
        Workload workload = Workload.linear(w, precision);
        for (int batch : batches(wide)) {
          List<WeightFormat> formats = new ArrayList<>(KernelSelector.candidates(workload, batch));
          if (formats.contains(WeightFormat.BSR)) {
            formats.remove(WeightFormat.DENSE);
            time(workload, formats, batch, compiler.work(w, workload));
          }
        }
      }
    }
  }

  private static double[] densities(boolean wide) {
    return wide && Kernels.choice().isSimd() ? DENSITIES : NARROW_DENSITIES;
  }

  private static int[] batches(boolean wide) {
    int[] many = wide && Kernels.choice().isSimd() ? BATCHES : ENDS;
    int[] all = new int[many.length + 1];
    all[0] = 1;
    System.arraycopy(many, 0, all, 1, many.length);
    return all;
  }

  private void convolution(int[] c, Precision precision) {
    boolean wide = precision == Precision.FP32;
    Operator op = new Operator(c);
    boolean first = true;
    for (double density : densities(wide)) {
      op.time(density, 1, precision, first);
      first = false;
    }
    for (int height : wide && c[5] == 1 ? new int[] {4, 16} : new int[0]) {
      for (double density : BLOCK_DENSITIES) {
        op.time(density, height, precision, false);
      }
    }
  }

  /** A network of one convolution, compiled with a selector that times it. */
  private final class Operator {
    private final int[] c;

    Operator(int[] c) {
      this.c = c;
    }

    void time(double density, int height, Precision precision, boolean dense) {
      Graph graph =
          Graph.input(Shape.of(c[0], c[4], c[4]))
              .add(
                  "c",
                  new org.espalier.model.Operator.Conv2d(
                      c[0], c[1], c[2], c[2], c[3], c[2] / 2, c[5], true))
              .flatten()
              .build();
      Parameter p = graph.parameter("c.weight");
      p.value().copyFrom(weight(p.value().rows(), p.value().cols(), density, height, precision));
      Plan.measure(
          graph,
          PlanOptions.defaults().withRewrites(Rewrites.NONE).withWeights(precision),
          (workload, batch, candidates) -> {
            boolean hasBlocks = candidates.getLast().kernel() == WeightFormat.BSR;
            for (KernelMeter.Candidate c : candidates) {
              if ((dense || c.kernel() != WeightFormat.DENSE) && (height == 1 || hasBlocks)) {
                KernelGrid.this.time(workload, c.kernel(), batch, c.work().get());
              }
            }
          });
    }
  }

  /** Every row has as many weights, at random, or as many blocks. */
  private static Tensor weight(int rows, int cols, double density, int height, Precision p) {
    var random = new SplittableRandom(rows * 31L + cols);
    Tensor w = Tensor.zeros(rows, cols);
    int n = (int) Math.max(1, Math.round(density * cols));
    for (int r = 0; r < rows; r += height) {
      int left = n;
      for (int c = 0; c < cols; c++) {
        if (random.nextInt(cols - c) < left) {
          left--;
          for (int i = r; i < Math.min(rows, r + height); i++) {
            w.set(i, c, (float) (random.nextDouble(0.1, 1) * (random.nextBoolean() ? 1 : -1)));
          }
        }
      }
    }
    return p == Precision.FP32 ? w : p.roundRows("w", w);
  }

  private void time(Workload w, List<WeightFormat> kernels, int batch, KernelSelector.Work work) {
    kernels.forEach(kernel -> time(w, kernel, batch, work.of(kernel, batch)));
  }

  private void time(Workload w, WeightFormat kernel, int batch, Runnable run) {
    results.merge(
        w + " " + w.inputFloats() + " " + kernel + " " + batch,
        new Measured(Kernels.choice().bits(), w, kernel, batch, nanos(run)),
        (a, b) -> a.nanos() < b.nanos() ? a : b);
  }

  private double nanos(Runnable run) {
    if (dry) {
      long begin = System.nanoTime();
      do {
        run.run();
      } while (System.nanoTime() - begin < WARM_UP_NANOS);
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    int repeats = 1;
    for (int sample = 0, since = 0; since < SAMPLES; sample++) {
      long start = System.nanoTime();
      for (int i = 0; i < repeats; i++) {
        run.run();
      }
      double nanos = Math.max(1, System.nanoTime() - start) / (double) repeats;
      since = nanos < 0.99 * best ? 0 : since + 1;
      best = Math.min(best, nanos);
      repeats = (int) Math.clamp(Math.ceil(SAMPLE_NANOS / best), 1, 100_000);
      if (sample > 1 && nanos > MOST_NANOS) {
        break;
      }
    }
    return best;
  }
}
