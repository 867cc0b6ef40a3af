package org.espalier.report;

import java.util.List;

/**
 * A section of a report. Charts and histograms stand side by side where there is room; paragraphs
 * and tables take the whole width.
 *
 * @param title the heading
 * @param blocks what it holds
 */
record Section(String title, List<Block> blocks) {
  /** Copies the list. */
  public Section {
    blocks = List.copyOf(blocks);
  }

  /** Returns a section with the given blocks. */
  public static Section of(String title, Block... blocks) {
    return new Section(title, List.of(blocks));
  }
}
