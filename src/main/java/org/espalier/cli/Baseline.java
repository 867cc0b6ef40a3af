package org.espalier.cli;

import org.espalier.cli.option.KernelOption;
import org.espalier.cli.option.WeightFormatName;
import org.espalier.experiment.bench.Engine;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.WeightFormat;
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
  record OurKernel(WeightFormat kernel) implements Baseline {
    @Override
    public PlanEngine engine(Graph graph, PlanOptions ours, int threads) {
      Plan plan = KernelOption.compile(graph, ours.withKernel(kernel));
      return new PlanEngine(kernel.toString(), plan, threads);
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
            WeightFormat.named(value)
                .<Baseline>map(OurKernel::new)
                .orElseThrow(
                    () ->
                        new TypeConversionException(
                            "expected onnxruntime, onnxruntime-int8 or one of "
                                + WeightFormatName.all()
                                + ", found '"
                                + value
                                + "'"));
      };
    }
  }
}
