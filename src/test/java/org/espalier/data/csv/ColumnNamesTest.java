package org.espalier.data.csv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnNamesTest {
  /** The names that pandas 2 gives, but for the first one where it is empty. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "a,b > a,b",
        "x,x,x > x,x.1,x.2",
        "x,x.1,x > x,x.1,x.2",
        "x,x,x.1 > x,x.2,x.1",
        "x,x,x.1,x.1 > x,x.2,x.1,x.1.1",
        "a,,b, > a,Unnamed: 1,b,Unnamed: 3",
        ",a,a > ,a,a.1",
        "Unnamed: 1,,c > Unnamed: 1,Unnamed: 1.1,c",
        "# x,x > x,x.1",
      })
  void namesAreToldApart(String header, String names) {
    ColumnNames found = ColumnNames.of(List.of(header.split(",", -1)));
    assertEquals(Arrays.asList(names.split(",", -1)), found.names());
  }
}
