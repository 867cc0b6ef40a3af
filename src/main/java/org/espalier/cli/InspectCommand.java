package org.espalier.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.espalier.InputException;
import org.espalier.cli.option.JsonOption;
import org.espalier.cli.option.KernelOption;
import org.espalier.cli.option.ModelSource;
import org.espalier.infer.LayerSummary;
import org.espalier.infer.Plan;
import org.espalier.infer.StageProfile;
import org.espalier.infer.StageSummary;
import org.espalier.io.ModelFile;
import org.espalier.io.StoredTensor;
import org.espalier.io.TensorFile;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.model.Column;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Parameter;
import org.espalier.model.Preprocessing;
import org.espalier.report.Table;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what is in a model. */
@Command(
    name = "inspect",
    description =
        "Shows a model's sizes, sparsity, preprocessing and provenance, or its execution plan.")
final class InspectCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Option(
      names = "--plan",
      description =
          "Show the execution plan instead: which kernel runs each stage and why, with the estimated"
              + " times of the kernels, or those that 'tune' measured, and the stage's part of the"
              + " time, measured for some seconds.")
  boolean plan;

  @Mixin KernelOption kernel;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    for (String option : List.of("--kernel", "--compact")) {
      if (!plan && spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw InputException.expected(option, "--plan", "no --plan");
      }
    }
    Optional<TensorFile> foreign =
        plan || OnnxImport.isOnnx(model) ? Optional.empty() : TensorFile.read(model);
    if (foreign.isPresent()) {
      format.print(spec.commandLine().getOut(), tensors(foreign.get()));
      return CommandLine.ExitCode.OK;
    }
    Model read = ModelSource.read(model, spec);
    List<Table> tables =
        plan
            ? List.of(stages(kernel.compile(model, read.graph())))
            : List.of(facts(read), parameters(read));
    format.print(spec.commandLine().getOut(), tables);
    return CommandLine.ExitCode.OK;
  }

  private static List<Table> tensors(TensorFile file) {
    Table facts = new Table("File", Table.Column.text("what"), Table.Column.text("value"));
    facts.row("network", "none inside: it can't be run");
    file.metadata().forEach(facts::row);
    Table tensors =
        new Table(
            "Tensors",
            Table.Column.text("name"),
            Table.Column.text("type"),
            Table.Column.text("shape"),
            Table.Column.number("non-zero", 0),
            Table.Column.number("zeros (%)", 2),
            Table.Column.number("bytes", 0));
    for (TensorFile.Entry t : file.tensors()) {
      int size = t.shape().size();
      tensors.row(
          t.name(),
          t.type().name().toLowerCase(Locale.ROOT),
          t.shape().toString(),
          t.nonZeros(),
          size == 0 ? 0.0 : 100 * (1 - (double) t.nonZeros() / size),
          t.bytes());
    }
    return List.of(facts, tensors);
  }

  private Table parameters(Model read) {
    Table parameters =
        new Table(
            "Parameters",
            Table.Column.text("name"),
            Table.Column.text("shape"),
            Table.Column.text("stored"),
            Table.Column.number("non-zero", 0),
            Table.Column.number("zeros (%)", 2),
            Table.Column.number("bytes", 0));
    if (OnnxImport.isOnnx(model)) {
      for (Parameter p : read.graph().parameters()) {
        Tensor t = p.value();
        long size = (long) t.rows() * t.cols();
        long nonZeros = t.nonZeros();
        parameters.row(
            p.name(),
            t.shape().toString(),
            "onnx",
            nonZeros,
            size == 0 ? 0 : 100 * (1 - (double) nonZeros / size),
            Float.BYTES * size);
      }
      return parameters;
    }
    for (StoredTensor t : ModelFile.stored(model)) {
      parameters.row(
          t.name(),
          t.shape().toString(),
          t.precision() == Precision.FP32
              ? t.storage()
              : t.storage() + " " + t.precision().name().toLowerCase(Locale.ROOT),
          t.nnz(),
          100 * (1 - (double) t.nnz() / t.shape().size()),
          t.bytes());
    }
    return parameters;
  }

  private static Table stages(Plan plan) {
    Table table =
        new Table(
            "Plan",
            Table.Column.text("stage"),
            Table.Column.text("operator"),
            Table.Column.text("kernel"),
            Table.Column.number("time (µs)", 1),
            Table.Column.number("time (%)", 1),
            Table.Column.number("weight bytes", 0),
            Table.Column.number("FLOPs", 0),
            Table.Column.number("FLOPs, dense", 0),
            Table.Column.text("why"));
    double[] micros = StageProfile.micros(plan, 1, System::nanoTime);
    double all = Arrays.stream(micros).sum();
    List<StageSummary> stages = plan.stages();
    for (int i = 0; i < micros.length; i++) {
      StageSummary s = stages.get(i);
      Optional<LayerSummary> layer = s.layer();
      table.row(
          s.name(),
          s.operator(),
          s.kernel(),
          micros[i],
          100 * micros[i] / all,
          layer.map(LayerSummary::weightBytes).orElse(0L),
          layer.map(LayerSummary::flops).orElse(0L),
          layer.map(LayerSummary::effectiveFlops).orElse(0L),
          layer.map(LayerSummary::reason).orElse(""));
    }
    table.row(
        "all",
        "",
        "",
        all,
        100,
        plan.weightBytes(),
        plan.describe().stream().mapToLong(LayerSummary::flops).sum(),
        plan.describe().stream().mapToLong(LayerSummary::effectiveFlops).sum(),
        "");
    return table;
  }

  private static Table facts(Model read) {
    Table facts = new Table("Model", Table.Column.text("what"), Table.Column.text("value"));
    Graph graph = read.graph();
    graph
        .inputs()
        .forEach(
            (name, shape) ->
                facts.row(
                    graph.inputs().size() == 1 ? "input" : "input " + name, shape.toString()));
    if (graph.outputs().size() > 1) {
      graph.outputs().forEach(name -> facts.row("output " + name, graph.shapeOf(name).toString()));
    }
    facts.row(
        "classes", read.classes().isEmpty() ? "without names" : String.join(", ", read.classes()));
    switch (read.preprocessing()) {
      case Preprocessing.Pixels pixels -> {
        for (int c = 0; c < pixels.channels().size(); c++) {
          facts.row(
              pixels.channels().size() == 1 ? "preprocessing" : "channel " + c,
              "(byte / 255 - " + pixels.channel(c).mean() + ") / " + pixels.channel(c).deviation());
        }
      }
      case Preprocessing.Columns table -> {
        for (Column c : table.columns()) {
          facts.row("column " + c.name(), describe(c));
        }
      }
      case Preprocessing.AsIs _ -> facts.row("preprocessing", "none: values as they are");
    }
    new TreeMap<>(read.provenance()).forEach(facts::row);
    return facts;
  }

  private static String describe(Column column) {
    return switch (column) {
      case Column.Numbers n ->
          n.offset() == 0
              ? "(x - " + n.mean() + ") / " + n.deviation() + imputed(n)
              : "(x - " + n.offset() + " - " + n.mean() + ") / " + n.deviation() + imputed(n);
      case Column.Categories c ->
          c.values().size()
              + " categories: "
              + c.values().stream()
                  .map(value -> value.isEmpty() ? "(missing)" : value)
                  .collect(Collectors.joining(", "));
      case Column.Label _ -> "label";
      case Column.Ignored i -> "ignored: " + i.reason();
    };
  }

  private static String imputed(Column.Numbers n) {
    return n.missing() == 0
        ? ""
        : "; a missing one counts as "
            + (n.offset() == 0 ? "" : n.offset() + " + ")
            + n.mean()
            + ", the mean ("
            + n.missing()
            + " in training)";
  }
}
