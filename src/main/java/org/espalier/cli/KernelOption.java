package org.espalier.cli;

import org.espalier.InputException;
import org.espalier.infer.Kernel;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.model.Graph;
import picocli.CommandLine.Option;

/** How a plan computes its layers. */
final class KernelOption {
  @Option(
      names = "--kernel",
      paramLabel = "auto|dense|csr",
      defaultValue = "auto",
      description =
          "How layers are computed: as is fastest here, with every weight, or with those that are"
              + " not zero. The results don't depend on it. Default: ${DEFAULT-VALUE}.")
  private Kernel kernel;

  /** Returns the kernel. */
  Kernel kernel() {
    return kernel;
  }

  /** Compiles a network. */
  Plan compile(Graph graph) {
    return compile(graph, kernel);
  }

  /**
   * Compiles a network.
   *
   * @throws InputException if it can't be computed that way
   */
  static Plan compile(Graph graph, Kernel kernel) {
    try {
      return Plan.compile(graph, PlanOptions.defaults().withKernel(kernel));
    } catch (IllegalArgumentException e) {
      throw new InputException("can't be compiled: " + e.getMessage(), e);
    }
  }
}
