package org.espalier.cli;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.espalier.InputException;
import org.espalier.cli.option.Count;
import org.espalier.cli.option.CriterionName;
import org.espalier.cli.option.DataOption;
import org.espalier.cli.option.GranularityName;
import org.espalier.cli.option.JsonOption;
import org.espalier.cli.option.ModelSource;
import org.espalier.cli.option.OutOption;
import org.espalier.cli.option.Percent;
import org.espalier.cli.option.SeedOption;
import org.espalier.cli.option.ThreadsOption;
import org.espalier.data.Split;
import org.espalier.experiment.sweep.AccuracySweep;
import org.espalier.experiment.sweep.Pruned;
import org.espalier.io.ModelFile;
import org.espalier.io.OutputFolder;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.OnnxOptions;
import org.espalier.io.onnx.translate.GiveBack;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Operator;
import org.espalier.parallel.ThreadPool;
import org.espalier.prune.Calibration;
import org.espalier.prune.Criterion;
import org.espalier.prune.EvenGroups;
import org.espalier.prune.Sparsity;
import org.espalier.report.Table;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.LayerPattern;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prunes a trained network. */
@Command(
    name = "prune",
    customSynopsis = "espalier prune [OPTIONS] --percent=P[,P...] --out=DIR MODEL",
    description = {
      "Prunes a trained network at a list of percentages and writes a model for each.",
      "With --criterion wanda or --correct, samples of the training data say what to prune and what to restore, and nothing is trained."
    })
final class PruneCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Option(
      names = "--percent",
      paramLabel = "P",
      required = true,
      split = ",",
      converter = Percent.class,
      description = "Percentages to prune at; decimals are allowed, as in 0,50,90,99.5.")
  List<BigDecimal> percentages;

  @Option(
      names = "--granularity",
      converter = GranularityName.class,
      paramLabel = "weight|unit|block-4|block-16",
      defaultValue = "weight",
      description =
          "What is ranked and removed: weights within each unit, units within each layer, or blocks of 4 or 16 units by one input within each row of blocks. Default: ${DEFAULT-VALUE}.")
  Granularity by;

  @Option(
      names = "--mode",
      paramLabel = "weights|output",
      defaultValue = "weights",
      description =
          "What a removed unit still outputs: the constant of its bias or of the normalisation after it (weights), or 0 (output). Default: ${DEFAULT-VALUE}.")
  UnitMode mode;

  @Option(
      names = "--layers",
      paramLabel = "PATTERN",
      description =
          "Names of the layers to prune; * stands for any characters. Default: all but the layer of the logits, a first convolution and depthwise convolutions.")
  List<String> layers = List.of();

  @Option(
      names = "--fine-tune",
      paramLabel = "EPOCHS",
      defaultValue = "0",
      description =
          "Train the remaining weights for this many epochs with the mask fixed. Default: ${DEFAULT-VALUE}.")
  int fineTune;

  @Option(
      names = "--recalibrate",
      description =
          "After pruning, recompute the running statistics of batch normalisation on the training data. The table shows the accuracy before and after.")
  boolean recalibrate;

  @Option(
      names = "--criterion",
      paramLabel = "magnitude|wanda",
      converter = CriterionName.class,
      defaultValue = "magnitude",
      description =
          "What weights are ranked by: their magnitude, or their magnitude times the norm of their inputs over the samples. Default: ${DEFAULT-VALUE}.")
  Criterion criterion;

  @Option(
      names = "--correct",
      description =
          "After pruning, give each unit the mean and the variance back that it had over the samples, by a factor on its weights and a shift of its bias, layer by layer.")
  boolean correct;

  @Option(
      names = "--samples",
      paramLabel = "N",
      converter = Count.class,
      defaultValue = "256",
      description =
          "Examples of the training data for --criterion wanda and --correct. Default: ${DEFAULT-VALUE}.")
  int samples;

  @Option(
      names = "--weights",
      paramLabel = "fp32|fp16|int8",
      defaultValue = "fp32",
      description =
          "How to store the weights: as they are, rounded to fp16, or rounded to int8 with a scale for each row. The table shows the accuracy of the weights as stored. Default: ${DEFAULT-VALUE}.")
  Precision weights;

  @Mixin DataOption data;
  @Mixin SeedOption seed;
  @Mixin ThreadsOption threads;
  @Mixin OutOption out;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    refuse();
    Model trained = ModelSource.read(model, spec);
    Split split = data.split(model, trained);
    Set<String> chosen = chosen(trained.graph());
    try (ThreadPool workers = new ThreadPool(threads.threads())) {
      AccuracySweep sweep = new AccuracySweep(trained, by, mode, chosen, split, workers);
      try (OutputFolder folder = out.open()) {
        prune(trained, sweep, folder);
      }
      return CommandLine.ExitCode.OK;
    }
  }

  private boolean isCalibrated() {
    return correct || criterion != Criterion.MAGNITUDE;
  }

  /** Samples say something of weights that stay or go one by one, and aren't trained. */
  private void refuse() {
    String option = correct ? "--correct" : "--criterion " + criterion;
    if (!isCalibrated()) {
      if (spec.commandLine().getParseResult().hasMatchedOption("--samples")) {
        throw InputException.expected("--samples", "--criterion wanda or --correct", "neither");
      }
      return;
    }
    if (by == Granularity.UNIT) {
      throw InputException.expected(option, "--granularity weight or block", by);
    }
    if (criterion == Criterion.WANDA && by != Granularity.WEIGHT) {
      throw InputException.expected("--criterion wanda", "--granularity weight", by);
    }
    if (fineTune > 0) {
      throw InputException.expected(option, "no --fine-tune", fineTune + " epochs");
    }
  }

  /** A depthwise convolution has few weights, and each of its units no other input. */
  private Set<String> chosen(Graph graph) {
    Set<String> chosen = new LinkedHashSet<>(new LayerPattern(layers).select(graph));
    if (layers.isEmpty()) {
      graph.layers().stream()
          .filter(node -> node.operator() instanceof Operator.Conv2d c && c.isDepthwise())
          .forEach(node -> chosen.remove(node.name()));
    }
    return chosen;
  }

  private Pruned pruned(AccuracySweep sweep, BigDecimal percent, @Nullable Calibration samples) {
    if (samples != null) {
      return sweep.at(percent, samples, criterion, correct);
    }
    return fineTune > 0 ? sweep.fineTunedAt(percent, fineTune, seed.seed()) : sweep.at(percent);
  }

  private void prune(Model trained, AccuracySweep sweep, OutputFolder folder) {
    for (BigDecimal percent : percentages) {
      folder.file(fileOf(percent));
      if (OnnxImport.isOnnx(model)) {
        folder.file(onnxOf(percent));
      }
    }
    Table table =
        new Table(
            "",
            Table.Column.number("pruned (%)"),
            Table.Column.number("zeros, pruned layers (%)", 2),
            Table.Column.number("zeros, all parameters (%)", 2),
            Table.Column.number("accuracy (%)", 2),
            Table.Column.number("agreement (%)", 2),
            Table.Column.number("recalibrated (%)", 2),
            Table.Column.number("as stored (%)", 2),
            Table.Column.number("parameters left", 0),
            Table.Column.number("file (bytes)", 0),
            Table.Column.text("file"));
    @Nullable Calibration calibration = isCalibrated() ? sweep.calibration(samples) : null;
    for (BigDecimal percent : percentages) {
      Pruned pruned = pruned(sweep, percent, calibration);
      Pruned kept = recalibrate ? sweep.recalibrated(pruned) : pruned;
      Pruned stored = weights == Precision.FP32 ? kept : sweep.rounded(kept, weights);
      if (by == Granularity.UNIT && percent.signum() > 0) {
        EvenGroups.of(stored.graph())
            .forEach(
                layer ->
                    spec.commandLine()
                        .getErr()
                        .println("espalier: " + percent.toPlainString() + " % pruned: " + layer));
      }
      Path file = folder.file(fileOf(percent));
      Model result = stored.toModel(trained, by);
      ModelFile.write(file, result, weights);
      if (OnnxImport.isOnnx(model)) {
        giveBack(folder.file(onnxOf(percent)), stored, result);
      }
      table.row(
          percent.doubleValue(),
          100 * pruned.layerSparsity(),
          100 * pruned.overallSparsity(),
          100 * pruned.accuracy(),
          calibration == null ? null : (Double) (100 * sweep.agreement(pruned)),
          recalibrate ? 100 * kept.accuracy() : null,
          weights == Precision.FP32 ? null : 100 * stored.accuracy(),
          Sparsity.of(stored.graph()).nonZero(),
          file.toFile().length(),
          file.toString());
    }
    format.print(spec.commandLine().getOut(), table);
  }

  /**
   * Writes the user's own file with other weights; where units are gone, or something has no place
   * in it, a new one whose inputs and outputs are called the same.
   */
  private void giveBack(Path file, Pruned pruned, Model result) {
    if (by != Granularity.UNIT) {
      try {
        GiveBack.write(file, model, pruned.masked());
        return;
      } catch (InputException e) {
        OutOption.warnings(spec).accept(file + " is a new file, since " + e.getMessage());
      }
    }
    OnnxFile.write(file, result, OnnxOptions.plain(OnnxFile.Form.FLOAT, false));
  }

  private static String onnxOf(BigDecimal percent) {
    return "pruned-" + percent.toPlainString() + ".onnx";
  }

  private static String fileOf(BigDecimal percent) {
    return "pruned-" + percent.toPlainString() + ".safetensors";
  }
}
