package org.espalier.cli;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.espalier.data.CsvData;
import org.espalier.data.Examples;
import org.espalier.data.ImageFile;
import org.espalier.infer.Plan;
import org.espalier.infer.Session;
import org.espalier.io.ModelFile;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.report.Table;
import org.espalier.tensor.Tensor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classifies examples. */
@Command(
    name = "predict",
    description = "Classifies images or rows of CSV files; the preprocessing comes from the model.")
final class PredictCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "Image files (PNG, JPEG), IDX files of images, gz or plain, or CSV files with the columns that the model was trained with.")
  List<Path> images;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "1",
      converter = Count.class,
      description = "How many classes to name for each example. Default: ${DEFAULT-VALUE}.")
  int top;

  @Mixin KernelOption kernel;
  @Mixin ThreadsOption threads;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Model read = ModelFile.read(model);
    Plan plan = kernel.compile(model, read.graph());
    int classes = plan.outputShape().size();
    int named = Math.min(top, classes);
    Table table =
        new Table(
            "",
            Table.Column.text("example"),
            Table.Column.number("rank", 0),
            Table.Column.text("class"),
            Table.Column.number("probability", 4));
    try (Workers workers = new Workers(threads.threads())) {
      Session session = plan.session(workers);
      for (Path file : images) {
        Examples some = read(file, read);
        for (int i = 0; i < some.count(); i++) {
          Tensor x = some.toInput(i, i + 1, read.preprocessing());
          float[] p = new float[classes];
          session.run(1, x.data(), x.offset(), x.ld(), p, 0, classes);
          Kernels.loss().softmaxCrossEntropy(classes, p, 0, 0, 0, p, 0);
          String name = some.count() == 1 ? file.toString() : file + "#" + i;
          int[] order = strongestFirst(p);
          for (int rank = 0; rank < named; rank++) {
            table.row(name, rank + 1, read.classes().get(order[rank]), p[order[rank]]);
          }
        }
      }
    }
    format.print(spec.commandLine().getOut(), table);
    return CommandLine.ExitCode.OK;
  }

  private static Examples read(Path file, Model model) {
    return model.preprocessing() instanceof Preprocessing.Columns columns
        ? CsvData.readFeatures(file, columns)
        : ImageFile.read(file, model.graph().inputShape());
  }

  private static int[] strongestFirst(float[] p) {
    return IntStream.range(0, p.length)
        .boxed()
        .sorted(Comparator.comparingDouble(c -> -p[c]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
