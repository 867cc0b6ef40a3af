import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.data.csv.CsvData;
import org.espalier.data.csv.CsvOptions;
import org.espalier.data.binary.FashionMnist;

/**
 * Fails unless whoever depends on the library has nothing of the program on the class path, and is
 * told in a line what is missing where it is used.
 */
class Lean {
  private static final List<String> FORBIDDEN =
      List.of(
          "org.espalier.boot.Launcher",
          "org.espalier.cli.Main",
          "org.espalier.experiment.RecipeReader",
          "org.espalier.report.HtmlReport",
          "picocli.CommandLine",
          "me.tongfei.progressbar.ProgressBar",
          "org.jline.terminal.Terminal",
          "tools.jackson.databind.ObjectMapper",
          "tools.jackson.dataformat.yaml.YAMLMapper",
          "tools.jackson.dataformat.csv.CsvFactory",
          "it.unimi.dsi.fastutil.ints.IntArrayList");

  public static void main(String[] args) throws Exception {
    List<String> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).getFileName().toString())
            .filter(name -> name.endsWith(".jar"))
            .map(name -> name.replaceFirst("-[0-9].*", ""))
            .sorted()
            .toList();
    check(jars.equals(List.of("espalier", "jackson-core")), "the jars are " + jars);
    for (String name : FORBIDDEN) {
      check(!isThere(name), name + " is on the class path");
    }
    Path table = Path.of(args[0], "table.csv");
    Files.writeString(table, "a,label\n1,x\n2,y\n");
    refused(() -> CsvData.read(table, null, CsvOptions.NONE, note -> {}), "jackson-dataformat-csv");
    refused(FashionMnist::embedded, "Fashion-MNIST: expected");
    String module =
        java.lang.module.ModuleFinder.of(jar("espalier")).findAll().iterator().next().descriptor().name();
    check(module.equals("org.espalier"), "the module is " + module);
    IO.println("Lean: " + jars);
  }

  private static Path jar(String start) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(path -> path.getFileName().toString().startsWith(start + "-"))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isThere(String name) {
    try {
      Class.forName(name, false, Lean.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException _) {
      return false;
    }
  }

  private static void refused(Runnable what, String part) {
    try {
      what.run();
    } catch (InputException e) {
      check(e.getMessage().contains(part), "the message is " + e.getMessage());
      IO.println(e.getMessage());
      return;
    }
    throw new AssertionError("nothing refused, wanted " + part);
  }

  private static void check(boolean right, String wrong) {
    if (!right) {
      throw new AssertionError(wrong);
    }
  }
}
