package org.espalier.experiment.bench;

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
    return plan.inputShape().size();
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
    float[] y = new float[batch * plan.outputShape().size()];
    return new Request() {
      @Override
      public void run() {
        session.run(batch, x, y);
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
