package org.espalier.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.cli.option.Count;
import org.espalier.cli.option.DataOption;
import org.espalier.cli.option.JsonOption;
import org.espalier.cli.option.KernelOption;
import org.espalier.cli.option.ModelSource;
import org.espalier.cli.option.RowsOption;
import org.espalier.cli.option.ThreadsOption;
import org.espalier.cli.output.RowStream;
import org.espalier.data.Examples;
import org.espalier.data.csv.CsvData;
import org.espalier.data.image.ImageFile;
import org.espalier.experiment.run.Accuracy;
import org.espalier.infer.Plan;
import org.espalier.infer.Session;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.model.Reduction;
import org.espalier.parallel.ThreadPool;
import org.espalier.report.Table;
import org.espalier.tensor.Tensor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Classifies examples. Rows come as files are read; a file that can't be is named, and the others
 * are classified all the same.
 */
@Command(
    name = "predict",
    description = "Classifies images or rows of CSV files with the preprocessing of the model.")
final class PredictCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE|DIR",
      description =
          "Image files (PNG, JPEG), folders of them, IDX files of images (plain or gzip), or CSV files with the columns that the model was trained on.")
  List<Path> images;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "1",
      converter = Count.class,
      description = "How many classes to show for each example. Default: ${DEFAULT-VALUE}.")
  int top;

  @Mixin RowsOption csv;
  @Mixin KernelOption kernel;
  @Mixin ThreadsOption threads;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Model read = ModelSource.read(model, spec);
    DataOption.requireOneInput(model, read);
    Plan plan = kernel.compile(model, read.graph());
    int named = Math.min(top, plan.outputShape().size());
    PrintWriter out = spec.commandLine().getOut();
    int code = CommandLine.ExitCode.OK;
    List<Path> files = new ArrayList<>();
    for (Path path : images) {
      try {
        files.addAll(files(path, read));
      } catch (InputException e) {
        code = new Failures().report(e, spec.commandLine());
      }
    }
    Table.Layout layout = layout(files, read);
    try (ThreadPool workers = new ThreadPool(threads.threads());
        RowStream rows = format.stream(out)) {
      Session session = plan.session(workers);
      for (Path file : files) {
        try {
          predict(file, read, session, named, rows, layout);
        } catch (InputException e) {
          code = new Failures().report(e, spec.commandLine());
        }
        if (out.checkError()) {
          break; // nobody reads on
        }
      }
    }
    return code;
  }

  private void predict(
      Path file, Model model, Session session, int named, RowStream rows, Table.Layout layout) {
    Examples some = read(file, model);
    int classes = model.graph().outputShape().size();
    boolean gives = givesProbabilities(model.graph());
    for (int i = 0; i < some.count(); i++) {
      Tensor x = some.toInput(i, i + 1, model.preprocessing());
      float[] p = new float[classes];
      session.run(1, x.data(), x.offset(), x.ld(), p, 0, classes);
      Accuracy.requireFinite(name(file, i, some.count()), p, 0, classes);
      if (!gives) {
        Kernels.loss().softmaxCrossEntropy(classes, p, 0, 0, 0, p, 0);
      }
      int[] order = strongestFirst(p);
      Table table = table();
      for (int rank = 0; rank < named; rank++) {
        String name = model.className(order[rank]);
        table.row(name(file, i, some.count()), rank + 1, name, p[order[rank]]);
      }
      rows.print(table, layout);
    }
  }

  private static String name(Path file, int example, int count) {
    return count == 1 ? file.toString() : file + "#" + example;
  }

  private static Table table() {
    return new Table(
        "",
        Table.Column.text("example"),
        Table.Column.number("rank", 0),
        Table.Column.text("class"),
        Table.Column.number("probability", 4));
  }

  /** Returns columns as wide as the longest names of files and classes ask for. */
  private Table.Layout layout(List<Path> files, Model model) {
    String file = longest(files.stream().map(Path::toString));
    int outputs = model.graph().outputShape().size();
    String name = longest(IntStream.range(0, outputs).mapToObj(model::className));
    return table().row(file, top, name, 1.0).layout();
  }

  private static String longest(Stream<String> names) {
    return names.max(Comparator.comparingInt(String::length)).orElse("");
  }

  /** Returns the images in a folder and below, or the file itself. */
  private static List<Path> files(Path path, Model model) {
    return !(model.preprocessing() instanceof Preprocessing.Columns) && Files.isDirectory(path)
        ? ImageFile.below(path)
        : List.of(path);
  }

  private Examples read(Path file, Model model) {
    Preprocessing preprocessing =
        model.preprocessing() instanceof Preprocessing.AsIs && CsvData.isCsv(file)
            ? Preprocessing.AsIs.table(model.graph().inputShape().size())
            : model.preprocessing();
    return preprocessing instanceof Preprocessing.Columns columns
        ? CsvData.readFeatures(
            file,
            csv.options(),
            columns,
            note -> spec.commandLine().getErr().println("espalier: " + note))
        : ImageFile.read(file, model.graph().inputShape());
  }

  /** Returns whether a network's own last operator makes probabilities of what it gives. */
  private static boolean givesProbabilities(Graph graph) {
    return graph
        .node(graph.outputs().getFirst())
        .map(node -> node.operator() instanceof Reduction.Softmax softmax && !softmax.log())
        .orElse(false);
  }

  private static int[] strongestFirst(float[] p) {
    return IntStream.range(0, p.length)
        .boxed()
        .sorted(Comparator.comparingDouble(c -> -p[c]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
