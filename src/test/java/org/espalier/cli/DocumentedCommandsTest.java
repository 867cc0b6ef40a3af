package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.espalier.Documents;
import org.espalier.cli.option.OldSpellings;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every command that a document shows can be parsed, and every option is documented. */
class DocumentedCommandsTest {
  private static final Pattern START =
      Pattern.compile("(?:java -jar target/espalier.jar|java .*Launcher|espalier) (\\S.*)");

  private static final Pattern WORD = Pattern.compile("'[^']*'|\"[^\"]*\"|\\S+");
  private static final Pattern OPTION = Pattern.compile("--[a-z][a-z0-9-]*");

  private static List<String> words(String command) {
    return WORD.matcher(command)
        .results()
        .map(m -> m.group().replaceAll("^(['\"])(.*)\\1$", "$2"))
        .toList();
  }

  private static Map<String, CommandLine> commands() {
    return Main.commandLine().getSubcommands();
  }

  private static Set<String> options(CommandLine command) {
    return command.getCommandSpec().options().stream()
        .filter(option -> !option.hidden())
        .flatMap(
            option ->
                Stream.of(option.names())
                    .flatMap(
                        name ->
                            option.negatable()
                                ? Stream.of(name, name.replace("--", "--no-"))
                                : Stream.of(name)))
        .filter(name -> name.startsWith("--"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void commandsOfTheDocumentsAreParsed() {
    List<String> shown = new ArrayList<>();
    for (Documents.Block block : Documents.blocks()) {
      for (String line : block.text().lines().toList()) {
        Matcher start = START.matcher(line);
        if (start.matches()) {
          shown.add(start.group(1));
        }
      }
    }
    int inBlocks = shown.size();
    for (Path document : Documents.all()) {
      for (String code : Documents.inline(document)) {
        Matcher start = START.matcher(code);
        if (start.matches() && !code.contains("COMMAND")) {
          shown.add(start.group(1).replace("FILE…", "FILE"));
        }
      }
    }
    assertTrue(inBlocks >= 10 && shown.size() >= inBlocks + 10, shown.toString());
    shown.forEach(DocumentedCommandsTest::assertParsed);
  }

  /** Parses a command as it is run; an old spelling is wrong here. */
  private static void assertParsed(String command) {
    StringWriter err = new StringWriter();
    PrintWriter hints = new PrintWriter(err);
    String[] arguments = OldSpellings.renamed(words(command).toArray(String[]::new), hints);
    assertEquals("", err.toString(), command);
    try {
      CommandLine.ParseResult parsed =
          Main.commandLine().setErr(hints).parseArgs(arguments).subcommand();
      assertNotNull(parsed, command);
    } catch (CommandLine.ParameterException e) {
      fail(command + ": " + e.getMessage(), e);
    }
  }

  /** Parts of commands in running text: {@code train --dry-run}. */
  @Test
  void partsOfCommandsNameOptionsThatTheyHave() {
    int parts = 0;
    for (Path document : Documents.all()) {
      for (String code : Documents.inline(document)) {
        List<String> words = words(code);
        CommandLine command = commands().get(words.getFirst());
        if (command == null || words.size() == 1) {
          continue;
        }
        parts++;
        for (String word : words) {
          Matcher option = OPTION.matcher(word);
          assertTrue(
              !option.lookingAt() || options(command).contains(option.group()),
              document + ": " + code);
        }
      }
    }
    assertTrue(parts >= 5, parts + " parts");
  }

  /** Each command has a section, in which its own options are, or those of all are documented. */
  @Test
  void everyOptionIsInTheDocumentOfCommands() {
    String text = Documents.text("cli.md");
    String common = section(text, "Common options");
    for (Map.Entry<String, CommandLine> command : commands().entrySet()) {
      String section = section(text, command.getKey());
      for (OptionSpec option : command.getValue().getCommandSpec().options()) {
        String name = option.longestName();
        assertTrue(
            option.hidden() || names(section, name) || names(common, name),
            command.getKey() + " " + name + " is not documented");
      }
    }
  }

  private static boolean names(String section, String option) {
    return Pattern.compile("`[^`\\n]*" + option + "(?![\\w-])").matcher(section).find();
  }

  private static String section(String text, String heading) {
    int from = text.indexOf("\n## " + heading + "\n");
    assertTrue(from >= 0, "no section " + heading);
    int to = text.indexOf("\n## ", from + 1);
    return text.substring(from, to < 0 ? text.length() : to);
  }

  /** No document but for the section about them speaks of an option that isn't there. */
  @Test
  void noOptionIsUnknown() {
    Set<String> known = new TreeSet<>();
    commands().values().forEach(command -> known.addAll(options(command)));
    known.addAll(Set.of("--list", "--runs", "--add-modules", "--release")); // of the peers, of Java
    for (Path document : Documents.all()) {
      String text =
          Documents.read(document).replaceAll("(?s)\n## Old spellings\n.*?(?=\n## |$)", "");
      if (document.endsWith("changelog.md")) {
        continue; // it tells of what was
      }
      Set<String> named =
          OPTION.matcher(text).results().map(m -> m.group()).collect(Collectors.toSet());
      for (String option : named) {
        assertTrue(known.contains(option), document + " names " + option);
      }
    }
  }

  /** The codes that the help shows. */
  @Test
  void exitCodesAreThoseOfTheHelp() {
    String section = section(Documents.text("cli.md"), "Exit codes");
    Main.commandLine()
        .getCommandSpec()
        .usageMessage()
        .exitCodeList()
        .keySet()
        .forEach(code -> assertTrue(section.contains("\n| " + code + " | "), code));
  }
}
