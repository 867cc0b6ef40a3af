package org.espalier.cli.option;

import java.util.Locale;
import org.espalier.data.csv.CsvOptions;
import org.espalier.data.csv.Separator;
import org.espalier.model.TableFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How the rows of a CSV file are to be read, where its content doesn't tell. */
public final class RowsOption {
  @Option(
      names = "--header",
      paramLabel = "yes|no",
      arity = "1",
      converter = YesNo.class,
      description =
          "Whether the first line of a CSV file holds the column names. Default: detected.")
  @Nullable Boolean header;

  @Option(
      names = "--separator",
      paramLabel = "comma|semicolon|tab|pipe|blanks",
      converter = Name.class,
      description =
          "What separates the cells of a CSV file; blanks means one or more spaces or tabs. Default: detected.")
  @Nullable Separator separator;

  /** Reads yes or no. */
  static final class YesNo implements ITypeConverter<Boolean> {
    @Override
    public Boolean convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "yes", "true" -> true;
        case "no", "false" -> false;
        default -> throw new TypeConversionException("expected yes or no, found '" + value + "'");
      };
    }
  }

  /** Reads a separator's name, or the separator itself. */
  static final class Name implements ITypeConverter<Separator> {
    @Override
    public Separator convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "comma", "," -> Separator.COMMA;
        case "semicolon", ";" -> Separator.SEMICOLON;
        case "tab", "\t", "\\t" -> Separator.TAB;
        case "pipe", "|" -> Separator.PIPE;
        case "blanks", "blank", " " -> Separator.BLANKS;
        default ->
            throw new TypeConversionException(
                "expected comma, semicolon, tab, pipe or blanks, found '" + value + "'");
      };
    }
  }

  /** Returns what is said for rows of a model. */
  public CsvOptions options() {
    CsvOptions none = CsvOptions.NONE;
    return new CsvOptions(
        header,
        separator,
        none.label(),
        none.columns(),
        none.ignored(),
        none.categories(),
        TableFormat.PLAIN);
  }
}
