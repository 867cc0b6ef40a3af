package org.espalier.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.espalier.infer.Kernel;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewriting;
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
 */
public record CostMeter(
    PlanOptions options, int threads, double warmUp, double seconds, boolean onnxRuntime) {
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
    public int inputs() {
      return engine.inputs();
    }

    @Override
    public double tolerance() {
      return TOLERANCE;
    }

    @Override
    public Request prepare(int batch, float[] x) {
      return engine.prepare(batch, x);
    }
  }

  /**
   * Measures.
   *
   * @param masked the network with 0 for what was pruned, of the size that it had
   * @param left the same without emptied units
   * @param fileBytes size of the file of {@code left}
   */
  public Cost measure(Graph masked, Graph left, long fileBytes) {
    PlanEngine sparse = engine(left, options);
    PlanEngine dense =
        engine(masked, options.withKernel(Kernel.DENSE).withRewriting(Rewriting.FOLDED));
    List<Engine> engines = new ArrayList<>(List.of(sparse, new Original(dense)));
    if (onnxRuntime) {
      engines.add(new OnnxRuntime(left, OnnxFile.Form.FLOAT, threads));
    }
    return new Cost(
        fileBytes,
        dense.plan().weightBytes(),
        sparse.plan().weightBytes(),
        BATCHES.stream().map(batch -> call(engines, batch)).toList());
  }

  private PlanEngine engine(Graph graph, PlanOptions how) {
    String name = how.kernel().name().toLowerCase(Locale.ROOT);
    return new PlanEngine(name, Plan.compile(graph, how), threads);
  }

  private Cost.Call call(List<Engine> engines, int batch) {
    try (Trial trial = new Trial(engines, batch, Load.ONE_STREAM)) {
      List<Latency> latencies = trial.measure(warmUp, seconds);
      Latency sparse = latencies.get(0);
      Latency dense = latencies.get(1);
      return new Cost.Call(
          batch,
          dense.medianMicros(),
          sparse.medianMicros(),
          onnxRuntime ? OptionalDouble.of(latencies.get(2).medianMicros()) : OptionalDouble.empty(),
          sparse.speedupOver(dense)[1]);
    }
  }
}
