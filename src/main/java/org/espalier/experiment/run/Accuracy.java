package org.espalier.experiment.run;

import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Session;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Preprocessing;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;

/** The share of examples that a network gets right, computed by the plan that would serve it. */
public final class Accuracy {
  private static final int BATCH = 64;

  private Accuracy() {}

  /** Returns the share of examples whose highest output, the first of equals, is the label's. */
  public static double of(
      Graph graph, Preprocessing preprocessing, Dataset data, ThreadPool workers) {
    return of(Plan.compile(graph, PlanOptions.defaults()), preprocessing, data, workers);
  }

  /**
   * Returns the same for a network that has been compiled.
   *
   * @throws InputException if an output is no finite number
   */
  public static double of(
      Plan plan, Preprocessing preprocessing, Dataset data, ThreadPool workers) {
    int[] classes = classes(plan, preprocessing, data, workers);
    int right = 0;
    for (int i = 0; i < classes.length; i++) {
      right += classes[i] == data.label(i) ? 1 : 0;
    }
    return (double) right / data.size();
  }

  /**
   * Returns the share of examples that two networks take for the same class, which needs no labels.
   *
   * @throws InputException if an output is no finite number
   */
  public static double agreement(
      Graph one, Graph other, Preprocessing preprocessing, Dataset data, ThreadPool workers) {
    PlanOptions options = PlanOptions.defaults();
    int[] a = classes(Plan.compile(one, options), preprocessing, data, workers);
    int[] b = classes(Plan.compile(other, options), preprocessing, data, workers);
    int same = 0;
    for (int i = 0; i < a.length; i++) {
      same += a[i] == b[i] ? 1 : 0;
    }
    return (double) same / data.size();
  }

  /** Returns for each example the number of the highest output, the first of equals. */
  private static int[] classes(
      Plan plan, Preprocessing preprocessing, Dataset data, ThreadPool workers) {
    Session session = plan.session(workers);
    int outputs = plan.outputShape().size();
    float[] logits = new float[BATCH * outputs];
    int[] classes = new int[data.size()];
    for (int from = 0; from < data.size(); from += BATCH) {
      int n = Math.min(BATCH, data.size() - from);
      Tensor x = data.examples().toInput(from, from + n, preprocessing);
      session.run(n, x.data(), x.offset(), x.ld(), logits, 0, outputs);
      for (int i = 0; i < n; i++) {
        requireFinite(data.name() + " #" + (from + i), logits, i * outputs, outputs);
        classes[from + i] = argMax(logits, i * outputs, outputs);
      }
    }
    return classes;
  }

  /**
   * Checks that what a network gives for an example says anything.
   *
   * @param example its name
   * @throws InputException if an output is no finite number
   */
  public static void requireFinite(String example, float[] outputs, int from, int n) {
    if (!Kernels.vector().isFinite(n, outputs, from)) {
      throw InputException.expected(
          example,
          "finite outputs of the network",
          "others, because its numbers or the input are too large");
    }
  }

  private static int argMax(float[] values, int from, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) {
      if (values[from + i] > values[from + best]) {
        best = i;
      }
    }
    return best;
  }
}
