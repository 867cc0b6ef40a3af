package org.espalier.data.csv;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names of a table's columns, all different. Cells of a header that come again are told apart
 * as pandas does, so that a file which it has written meanwhile has the same names: the second x is
 * called x.1, the third x.2, and so on, where no column has that name already; the column at index
 * 3 is called Unnamed: 3 if its cell is empty. The first one keeps an empty name, as an index has.
 *
 * @param names the names
 * @param changes which columns are called otherwise than in the header, for messages
 */
record ColumnNames(List<String> names, List<String> changes) {
  /** Copies the lists. */
  ColumnNames {
    names = List.copyOf(names);
    changes = List.copyOf(changes);
  }

  /** Makes names of the cells of a header. */
  static ColumnNames of(List<String> header) {
    List<String> cells = new ArrayList<>(header);
    if (cells.getFirst().startsWith("#")) {
      cells.set(0, cells.getFirst().substring(1).strip());
    }
    List<String> changes = new ArrayList<>();
    Set<String> taken = new HashSet<>(cells);
    Map<String, Integer> repeats = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (int c = 0; c < cells.size(); c++) {
      String cell = cells.get(c);
      String name = cell.isEmpty() && c > 0 ? "Unnamed: " + c : cell;
      String distinct = name;
      while (seen.contains(distinct) || (!distinct.equals(cell) && taken.contains(distinct))) {
        distinct = name + "." + repeats.merge(name, 1, Integer::sum);
      }
      seen.add(distinct);
      if (!distinct.equals(cell)) {
        changes.add(c + " '" + distinct + "'");
      }
      cells.set(c, distinct);
    }
    return new ColumnNames(cells, changes);
  }
}
