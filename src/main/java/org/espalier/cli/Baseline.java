package org.espalier.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.espalier.cli.option.KernelOption;
import org.espalier.experiment.bench.Engine;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.infer.Kernel;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.model.Graph;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a plan is compared with. */
sealed interface Baseline {
  /**
   * Returns the engine that runs a network.
   *
   * @param ours what our plans are compiled for
   */
  Engine engine(Graph graph, PlanOptions ours, int threads);

  /** Ours, every layer by one kernel. */
  record OurKernel(Kernel kernel) implements Baseline {
    @Override
    public PlanEngine engine(Graph graph, PlanOptions ours, int threads) {
      Plan plan = KernelOption.compile(graph, ours.withKernel(kernel));
      return new PlanEngine(kernel.name().toLowerCase(Locale.ROOT), plan, threads);
    }
  }

  /** ONNX Runtime. */
  record Onnx(OnnxFile.Form form) implements Baseline {
    @Override
    public Engine engine(Graph graph, PlanOptions ours, int threads) {
      return new OnnxRuntimeEngine(graph, form, threads);
    }
  }

  /** Reads the name of a baseline. */
  final class Reader implements ITypeConverter<Baseline> {
    @Override
    public Baseline convert(String value) {
      return switch (value) {
        case "onnxruntime" -> new Onnx(OnnxFile.Form.FLOAT);
        case "onnxruntime-int8" -> new Onnx(OnnxFile.Form.DYNAMIC_INT8);
        default ->
            kernels()
                .filter(kernel -> name(kernel).equals(value))
                .findFirst()
                .<Baseline>map(OurKernel::new)
                .orElseThrow(
                    () ->
                        new TypeConversionException(
                            "expected onnxruntime, onnxruntime-int8 or one of "
                                + kernels().map(Reader::name).collect(Collectors.joining(", "))
                                + ", found '"
                                + value
                                + "'"));
      };
    }

    private static Stream<Kernel> kernels() {
      return Arrays.stream(Kernel.values());
    }

    private static String name(Kernel kernel) {
      return kernel.name().toLowerCase(Locale.ROOT);
    }
  }
}
