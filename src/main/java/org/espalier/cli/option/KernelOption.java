package org.espalier.cli.option;

import java.nio.file.Path;
import org.espalier.InputException;
import org.espalier.experiment.tune.KernelTimesFile;
import org.espalier.infer.KernelTimes;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.WeightFormat;
import org.espalier.io.ModelFile;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.model.Graph;
import org.espalier.report.Build;
import picocli.CommandLine.Option;

/** How a plan computes its layers. */
public final class KernelOption {
  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      defaultValue = "auto",
      converter = WeightFormatName.class,
      description =
          "The format of the weights, and so the kernel of the layers: auto (the one that is"
              + " expected to be fastest), dense (every weight), csr (compressed rows; in"
              + " convolutions with coded distances), sell (for single examples), blocked-csr (for"
              + " batches) or bsr (blocks of 4 or 16 outputs). Where one doesn't serve a layer or a"
              + " batch the nearest one does: see 'inspect --plan'. The results don't depend on it."
              + " Default: ${DEFAULT-VALUE}.")
  private WeightFormat kernel;

  @Option(
      names = "--compact",
      description =
          "Keep each layer in memory once: some sparse layers take half as much, and are slower"
              + " with single examples or batches.")
  private boolean compact;

  /** Returns what a network is compiled for whose weights are floats. */
  public PlanOptions options() {
    return PlanOptions.defaults().withKernel(kernel).withCompact(compact).withTimes(times());
  }

  /** Returns what 'tune' has measured on this machine. */
  private static KernelTimes times() {
    return KernelTimesFile.isAny() ? timesFile().read() : KernelTimes.NONE;
  }

  /** Returns where the times of this machine and this build are kept. */
  public static KernelTimesFile timesFile() {
    return KernelTimesFile.here(Build.current().toString());
  }

  /** Returns what a model file is compiled for: its weights stay as narrow as they are stored. */
  public PlanOptions options(Path model) {
    return OnnxImport.isOnnx(model) ? options() : options().withWeights(ModelFile.precision(model));
  }

  /**
   * Compiles the network of a model file.
   *
   * @throws InputException if it can't be computed that way
   */
  public Plan compile(Path model, Graph graph) {
    return compile(graph, options(model));
  }

  /**
   * Compiles a network.
   *
   * @throws InputException if it can't be computed that way
   */
  public static Plan compile(Graph graph, PlanOptions options) {
    try {
      return Plan.compile(graph, options);
    } catch (IllegalArgumentException e) {
      throw new InputException("can't be compiled: " + e.getMessage(), e);
    }
  }
}
