package org.espalier.cli;

import java.nio.file.Path;
import org.espalier.cli.option.KernelOption;
import org.espalier.cli.option.WeightFormatName;
import org.espalier.experiment.bench.Engine;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.WeightFormat;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.model.Graph;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a plan is compared with. */
sealed interface Baseline {
  /**
   * Returns the engine that runs a network.
   *
   * @param model the file that it comes from
   * @param ours what our plans are compiled for
   */
  Engine engine(Path model, Graph graph, PlanOptions ours, int threads);

  /** Ours, every layer by one kernel. */
  record OurKernel(WeightFormat kernel) implements Baseline {
    @Override
    public PlanEngine engine(Path model, Graph graph, PlanOptions ours, int threads) {
      Plan plan = KernelOption.compile(graph, ours.withKernel(kernel));
      return new PlanEngine(kernel.toString(), plan, threads);
    }
  }

  /** ONNX Runtime; on floats, with an ONNX file as it is. */
  record Onnx(OnnxFile.Form form) implements Baseline {
    @Override
    public Engine engine(Path model, Graph graph, PlanOptions ours, int threads) {
      return form == OnnxFile.Form.FLOAT && OnnxImport.isOnnx(model)
          ? OnnxRuntimeEngine.ofFile(model, threads)
          : OnnxRuntimeEngine.of(graph, form, threads);
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
