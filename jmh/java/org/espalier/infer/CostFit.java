package org.espalier.infer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.machine.CacheSizes;

/**
 * Fits the costs of {@link CostModel} to what {@link KernelGrid} measured with kernels of the same
 * width, and prints the lines of its resource: least squares of the relative errors, no cost
 * negative. Takes the file of the grid.
 */
public final class CostFit {
  private static final int ROUNDS = 4_000;

  private static final double FAR_OFF = 0.1;

  private CostFit() {}

  public static void main(String[] args) throws IOException {
    List<Measured> all = Measured.read(Files.readAllLines(Path.of(args[0])));
    Map<String, List<Measured>> variants = new TreeMap<>();
    for (Measured m : all) {
      variants
          .computeIfAbsent(
              CostModel.variant(m.workload(), m.kernel(), m.batch()), _ -> new ArrayList<>())
          .add(m);
    }
    CostModel bare = new CostModel(Map.of(), CacheSizes.ofThisMachine());
    Map<String, double[]> costs = new HashMap<>();
    variants.forEach(
        (variant, measured) -> {
          double[] fitted = fit(bare, measured);
          costs.put(variant, fitted);
          StringBuilder line = new StringBuilder(variant);
          for (double cost : fitted) {
            line.append('\t').append(cost == 0 ? "0" : String.format(Locale.ROOT, "%.4g", cost));
          }
          System.out.println(line);
        });
    CostModel model = new CostModel(costs, CacheSizes.ofThisMachine());
    variants.forEach(
        (variant, measured) -> {
          double[] off =
              measured.stream()
                  .mapToDouble(m -> model.nanos(m.workload(), m.kernel(), m.batch()) / m.nanos())
                  .sorted()
                  .toArray();
          System.err.printf(
              Locale.ROOT,
              "%-40s %5d  estimated / measured: %.2f %.2f %.2f %.2f %.2f%n",
              variant,
              off.length,
              off[0],
              off[off.length / 10],
              off[off.length / 2],
              off[off.length * 9 / 10],
              off[off.length - 1]);
        });
    Regret.of(model::nanos, all).stream()
        .filter(choice -> choice.factor() > 1)
        .forEach(System.err::println);
  }

  /** Again and again, those that are far off counting less: on any machine some times are. */
  private static double[] fit(CostModel bare, List<Measured> measured) {
    double[] weights = new double[measured.size()];
    Arrays.fill(weights, 1);
    double[] cost = fit(bare, measured, weights);
    for (int round = 0; round < 8; round++) {
      for (int i = 0; i < weights.length; i++) {
        Measured m = measured.get(i);
        double[] terms = bare.terms(m.workload(), m.kernel(), m.batch());
        double nanos = 0;
        for (int j = 0; j < terms.length; j++) {
          nanos += cost[j] * terms[j];
        }
        double off = (nanos / m.nanos() - 1) / FAR_OFF;
        weights[i] = 1 / (1 + off * off);
      }
      cost = fit(bare, measured, weights);
    }
    return cost;
  }

  private static double[] fit(CostModel bare, List<Measured> measured, double[] weights) {
    double[][] terms = new double[measured.size()][];
    for (int i = 0; i < terms.length; i++) {
      Measured m = measured.get(i);
      terms[i] = bare.terms(m.workload(), m.kernel(), m.batch());
      for (int j = 0; j < terms[i].length; j++) {
        terms[i][j] *= Math.sqrt(weights[i]) / m.nanos();
      }
    }
    int n = terms[0].length;
    double[] cost = new double[n];
    double[] residual = new double[terms.length];
    for (int i = 0; i < residual.length; i++) {
      residual[i] = Math.sqrt(weights[i]);
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int j = 0; j < n; j++) {
        double dot = 0;
        double square = 0;
        for (int i = 0; i < terms.length; i++) {
          dot += terms[i][j] * residual[i];
          square += terms[i][j] * terms[i][j];
        }
        if (square > 0) {
          double next = Math.max(0, cost[j] + dot / square);
          for (int i = 0; i < terms.length; i++) {
            residual[i] -= (next - cost[j]) * terms[i][j];
          }
          cost[j] = next;
        }
      }
    }
    return cost;
  }
}
