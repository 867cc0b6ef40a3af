package org.espalier.experiment.sweep;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.espalier.experiment.bench.DoesNotFitException;
import org.espalier.experiment.bench.Engine;
import org.espalier.experiment.bench.InterleavedBenchmark;
import org.espalier.experiment.bench.LatencyStats;
import org.espalier.experiment.bench.LoadProfile;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.experiment.timing.Cases;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.infer.WeightFormat;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.model.Graph;

/**
 * Measures what pruned networks cost; beside ONNX Runtime if that is on the class path.
 *
 * @param options how the sparse network is compiled
 * @param threads threads of a call
 * @param warmUp seconds before each case
 * @param seconds of each case
 * @param onnxRuntime whether ONNX Runtime is measured too
 * @param cases is told of each batch of each network
 */
public record CostMeter(
    PlanOptions options,
    int threads,
    double warmUp,
    double seconds,
    boolean onnxRuntime,
    Cases cases) {
  /** The batches that are measured. */
  public static final List<Integer> BATCHES = List.of(1, 64);

  /** The network that was there before, which sums what removed units emit in another order. */
  private record Original(PlanEngine engine) implements Engine {
    private static final double TOLERANCE = 1e-3;

    @Override
    public String name() {
      return engine.name();
    }

    @Override
    public int threads() {
      return engine.threads();
    }

    @Override
    public int inputs() {
      return engine.inputs();
    }

    @Override
    public double tolerance() {
      return TOLERANCE;
    }

    @Override
    public void requireMemory(int requests) {
      engine.requireMemory(requests);
    }

    @Override
    public Request prepare(int batch, float[] x) {
      return engine.prepare(batch, x);
    }
  }

  /**
   * Measures.
   *
   * @param what the network's name among the cases
   * @param masked the network with 0 for what was pruned, of the size that it had
   * @param left the same without emptied units
   * @param fileBytes size of the file of {@code left}
   */
  public Cost measure(String what, Graph masked, Graph left, long fileBytes) {
    cases.begin(what + ", " + examples(BATCHES.getFirst()));
    PlanEngine sparse = engine("sparse", left, options);
    PlanEngine dense =
        engine(
            "dense", masked, options.withKernel(WeightFormat.DENSE).withRewrites(Rewrites.FOLDED));
    List<Engine> engines = new ArrayList<>(List.of(sparse, new Original(dense)));
    if (onnxRuntime) {
      engines.add(OnnxRuntimeEngine.of(left, OnnxFile.Form.FLOAT, threads));
    }
    List<Cost.Call> calls = new ArrayList<>();
    for (int batch : BATCHES) {
      if (!calls.isEmpty()) {
        cases.begin(what + ", " + examples(batch));
      }
      calls.add(call(engines, batch));
    }
    return new Cost(fileBytes, dense.plan().weightBytes(), sparse.plan().weightBytes(), calls);
  }

  /** Returns the words for a batch. */
  static String examples(int batch) {
    return batch == 1 ? "one example a call" : batch + " examples a call";
  }

  private PlanEngine engine(String name, Graph graph, PlanOptions how) {
    return new PlanEngine(name, Plan.compile(graph, how), threads);
  }

  private Cost.Call call(List<Engine> engines, int batch) {
    try (InterleavedBenchmark trial =
        new InterleavedBenchmark(engines, batch, LoadProfile.ONE_STREAM)) {
      InterleavedBenchmark.Outcome outcome = trial.measure(warmUp, seconds);
      List<LatencyStats> latencies = outcome.latencies();
      Set<String> doubts = new LinkedHashSet<>(outcome.doubtsOfSpeedup(1));
      if (onnxRuntime) {
        doubts.addAll(outcome.doubts(2));
      }
      return new Cost.Call(
          batch,
          latencies.get(1).medianMicros(),
          latencies.get(0).medianMicros(),
          onnxRuntime ? OptionalDouble.of(latencies.get(2).medianMicros()) : OptionalDouble.empty(),
          outcome.conditions().others(),
          List.copyOf(doubts));
    } catch (DoesNotFitException e) {
      return Cost.Call.leftOut(batch, String.valueOf(e.getMessage()));
    }
  }
}
