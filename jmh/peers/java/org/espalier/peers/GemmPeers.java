package org.espalier.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.kernel.Gemm;
import org.espalier.kernel.Gemm.Epilogue;
import org.espalier.kernel.Gemm.Form;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;
import tools.jackson.databind.json.JsonMapper;

/**
 * Matrix products beside OpenBLAS's: same data, same threads, results compared before anything is
 * timed, both by turns in one JVM. Prints a table and writes it as JSON. With the environment
 * variable {@code OPENBLAS_CORETYPE} unset, OpenBLAS chooses its kernels for this processor.
 *
 * <p>Arguments: the file for the JSON, then shapes as {@code NT:128x300x784} (m, n, k); without
 * shapes, those of the table in the README.
 */
public final class GemmPeers {
  private static final int ROUNDS = 40;

  private static final List<String> SHAPES =
      List.of(
          "NN:1024x1024x1024",
          "NT:1024x1024x1024",
          "TN:1024x1024x1024",
          "NN:512x512x512",
          "NT:512x512x512",
          "TN:512x512x512",
          "NT:128x300x784",
          "NN:128x784x300",
          "TN:300x784x128",
          "NT:128x100x300",
          "NN:128x300x100",
          "TN:100x300x128",
          "NT:128x10x100",
          "NN:128x100x10",
          "TN:10x100x128");

  private final double peak;
  private final List<Map<String, Object>> rows = new ArrayList<>();

  private GemmPeers(double peak) {
    this.peak = peak;
  }

  /** Runs the comparison. */
  public static void main(String[] args) throws IOException {
    Path json = Path.of(args.length > 0 ? args[0] : "target/peers-gemm.json");
    List<String> shapes = args.length > 1 ? List.of(args).subList(1, args.length) : SHAPES;
    System.out.println("ours: " + Kernels.choice());
    System.out.println("theirs: " + OpenBlas.description());
    double[] limits = new FmaPeak().measure();
    System.out.printf(
        Locale.ROOT,
        "FMA peak of one thread: %.1f GF/s in registers, %.1f in a tile from L1%n%n",
        limits[0],
        limits[1]);
    GemmPeers peers = new GemmPeers(Math.max(limits[0], limits[1]));
    System.out.println(
        "| product m×n×k | threads | ours GF/s | of peak | OpenBLAS GF/s | ratio (quartiles)"
            + " | masked ÷ plain time |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int threads : new int[] {1, 2}) {
      OpenBlas.setThreads(threads);
      try (Workers workers = new Workers(threads)) {
        for (String shape : shapes) {
          String[] parts = shape.split("[:x]");
          peers.row(
              workers,
              Form.valueOf(parts[0]),
              Integer.parseInt(parts[1]),
              Integer.parseInt(parts[2]),
              Integer.parseInt(parts[3]));
        }
      }
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("ours", Kernels.choice().toString());
    report.put("theirs", OpenBlas.description());
    report.put("registerPeakGflops", limits[0]);
    report.put("tilePeakGflops", limits[1]);
    report.put("rows", peers.rows);
    Files.createDirectories(json.toAbsolutePath().getParent());
    Files.write(
        json, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
  }

  private void row(Workers workers, Form form, int m, int n, int k) {
    var random = new SplittableRandom(1);
    Tensor a = form == Form.TN ? random(random, k, m) : random(random, m, k);
    Tensor b = form == Form.NT ? random(random, n, k) : random(random, k, n);
    Tensor c = Tensor.zeros(m, n);
    // what training masks: the weights, which are b, or their gradient, which is c
    boolean gradient = form == Form.TN;
    BitMask mask = randomMask(random, gradient ? m : b.rows(), gradient ? n : b.cols());
    Gemm gemm = new Gemm(workers, form, Epilogue.NONE);
    Gemm masked = new Gemm(workers, form, gradient ? Epilogue.MASK : Epilogue.NONE);
    OpenBlas blas = new OpenBlas(form, m, n, k, a, b);

    Runnable ours = () -> gemm.run(m, n, k, a, b, c);
    Runnable oursMasked =
        () -> masked.run(m, n, k, a, b, gradient ? null : mask, c, null, gradient ? mask : null);
    ours.run();
    blas.run();
    compare(form, m, n, k, c.toArray(), blas.result());

    Duel duel = Duel.fight(ours, blas::run, ROUNDS);
    Duel maskDuel = Duel.fight(oursMasked, ours, ROUNDS);
    double flops = 2.0 * m * n * k;
    double our = flops / Duel.median(duel.ours());
    double their = flops / Duel.median(duel.theirs());
    double[] ratio = duel.speedup();
    double maskCost = 1 / maskDuel.speedup()[1];
    int threads = workers.threads();
    System.out.printf(
        Locale.ROOT,
        "| %s %d×%d×%d | %d | %.1f | %.0f %% | %.1f | %.2f (%.2f–%.2f) | %.2f |%n",
        form,
        m,
        n,
        k,
        threads,
        our,
        100 * our / (peak * threads),
        their,
        ratio[1],
        ratio[0],
        ratio[2],
        maskCost);
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("form", form);
    row.put("m", m);
    row.put("n", n);
    row.put("k", k);
    row.put("threads", threads);
    row.put("oursGflops", our);
    row.put("oursBestGflops", flops / Duel.shortest(duel.ours()));
    row.put("theirsGflops", their);
    row.put("theirsBestGflops", flops / Duel.shortest(duel.theirs()));
    row.put("ratioQuartiles", ratio);
    row.put("maskedOverPlainTime", maskCost);
    rows.add(row);
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
  private static void compare(Form form, int m, int n, int k, float[] ours, float[] theirs) {
    double bound = 2.0 * k * k * 0x1p-24;
    for (int i = 0; i < m * n; i++) {
      if (!(Math.abs((double) ours[i] - theirs[i]) <= bound)) {
        throw new IllegalStateException(
            form + " " + m + "x" + n + "x" + k + ": ours " + ours[i] + ", theirs " + theirs[i]);
      }
    }
  }
}
