package org.espalier.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.espalier.infer.LayerSummary;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.io.ModelFile;
import org.espalier.io.StoredTensor;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.report.Table;
import org.espalier.tensor.Precision;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what is in a model. */
@Command(
    name = "inspect",
    description = "Shows layers, sparsity, sizes, preprocessing and provenance of a model.")
final class InspectCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Model read = ModelFile.read(model);
    Table parameters =
        new Table(
            "Parameters",
            Table.Column.text("name"),
            Table.Column.text("shape"),
            Table.Column.text("stored"),
            Table.Column.number("non-zero", 0),
            Table.Column.number("zeros (%)", 2),
            Table.Column.number("bytes", 0));
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
    Table layers =
        new Table(
            "Plan",
            Table.Column.text("layer"),
            Table.Column.text("kernel"),
            Table.Column.text("why"),
            Table.Column.number("weight bytes", 0),
            Table.Column.number("FLOPs", 0),
            Table.Column.number("FLOPs, dense", 0));
    PlanOptions options = PlanOptions.defaults().withWeights(ModelFile.precision(model));
    for (LayerSummary s : Plan.compile(read.graph(), options).describe()) {
      layers.row(
          s.name(),
          s.kernel().name().toLowerCase(Locale.ROOT),
          s.reason(),
          s.weightBytes(),
          s.flops(),
          s.effectiveFlops());
    }
    Table facts = new Table("Model", Table.Column.text("what"), Table.Column.text("value"));
    facts.row("input", read.graph().inputShape().toString());
    facts.row("classes", String.join(", ", read.classes()));
    switch (read.preprocessing()) {
      case Preprocessing.Pixels pixels -> {
        for (int c = 0; c < pixels.channels().size(); c++) {
          facts.row(
              pixels.channels().size() == 1 ? "preprocessing" : "channel " + c,
              "(byte / 255 - " + pixels.channel(c).mean() + ") / " + pixels.channel(c).deviation());
        }
      }
      case Preprocessing.Columns table -> {
        for (Preprocessing.Column c : table.columns()) {
          facts.row("column " + c.name(), "(x - " + c.mean() + ") / " + c.deviation());
        }
      }
    }
    new TreeMap<>(read.provenance()).forEach(facts::row);
    format.print(spec.commandLine().getOut(), List.of(facts, parameters, layers));
    return CommandLine.ExitCode.OK;
  }
}
