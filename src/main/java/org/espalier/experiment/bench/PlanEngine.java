package org.espalier.experiment.bench;

import java.util.Map;
import org.espalier.infer.Plan;
import org.espalier.infer.Session;
import org.espalier.parallel.ThreadPool;

/**
 * A plan of ours.
 *
 * @param name who it is
 * @param plan what it runs
 * @param threads threads of a request
 */
public record PlanEngine(String name, Plan plan, int threads) implements Engine {
  @Override
  public int inputs() {
    return InputBlocks.size(plan.inputs());
  }

  /** All plans of a network give the same bits. */
  @Override
  public double tolerance() {
    return 0;
  }

  @Override
  public void requireMemory(int requests) {
    plan.requireMemory(requests, threads);
  }

  @Override
  public Request prepare(int batch, float[] x) {
    ThreadPool workers = new ThreadPool(threads);
    Session session = plan.session(workers);
    float[] y = new float[Math.multiplyExact(batch, plan.outputShape().size())];
    Map<String, float[]> inputs = InputBlocks.of(plan.inputs(), batch, x);
    Map<String, float[]> outputs = Map.of(plan.outputs().keySet().iterator().next(), y);
    boolean several = inputs.size() > 1;
    return new Request() {
      @Override
      public void run() {
        if (several) {
          session.run(batch, inputs, outputs);
        } else {
          session.run(batch, x, y);
        }
      }

      @Override
      public float[] outputs() {
        return y.clone();
      }

      @Override
      public void close() {
        workers.close();
      }
    };
  }
}
