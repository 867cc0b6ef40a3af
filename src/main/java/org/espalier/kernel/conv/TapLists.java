package org.espalier.kernel.conv;

import org.espalier.kernel.contract.ConvKernels;
import org.espalier.tensor.Nchw16n;

/**
 * For each kind of row and column of a map the list of what its sums go over: every channel of the
 * source, and of it every place of the window that does not fall into the padding. A step is two
 * numbers, as {@link ConvKernels#tile} wants them.
 */
final class TapLists {
  private final Nchw16n source;
  private final ConvAxis rows;
  private final ConvAxis cols;
  private final int window;
  private final int windowWidth;
  private final int panelWidth;
  private final int[] starts;
  private final int[] taps;
  private boolean complete;

  /**
   * Makes room.
   *
   * @param panelWidth channels of a panel of weights
   */
  TapLists(
      Nchw16n source, ConvAxis rows, ConvAxis cols, int window, int windowWidth, int panelWidth) {
    this.source = source;
    this.rows = rows;
    this.cols = cols;
    this.window = window;
    this.windowWidth = windowWidth;
    this.panelWidth = panelWidth;
    starts = new int[rows.kinds() * cols.kinds()];
    int length = 0;
    for (int r = 0; r < rows.kinds(); r++) {
      for (int c = 0; c < cols.kinds(); c++) {
        starts[r * cols.kinds() + c] = length;
        length = Math.addExact(length, Math.multiplyExact(2 * source.channels(), perChannel(r, c)));
      }
    }
    taps = new int[length];
  }

  /** Writes the lists for the channels listed; the panels hold weights of these only. */
  void list(ChannelList channels, int groups) {
    if (complete && channels.isAll()) {
      return;
    }
    for (int r = 0; r < rows.kinds(); r++) {
      for (int c = 0; c < cols.kinds(); c++) {
        int at = starts[r * cols.kinds() + c];
        for (int g = 0; g < groups; g++) {
          for (int n = channels.start(g); n < channels.start(g + 1); n++) {
            at = list(r, c, channels.indices()[n], n - channels.start(g), at);
          }
        }
      }
    }
    complete = channels.isAll();
  }

  private int list(int r, int c, int channel, int place, int start) {
    int at = start;
    for (int i = 0; i < rows.taps(r).length; i++) {
      for (int j = 0; j < cols.taps(c).length; j++) {
        int pixel = rows.distances(r)[i] * source.width() + cols.distances(c)[j];
        int step = place * window + rows.taps(r)[i] * windowWidth + cols.taps(c)[j];
        taps[at++] = channel * source.ld() + pixel * Nchw16n.LANES;
        taps[at++] = step * panelWidth;
      }
    }
    return at;
  }

  /** Returns the lists. */
  int[] taps() {
    return taps;
  }

  /** Returns how many steps each channel contributes to a kind of row and column. */
  int perChannel(int rowKind, int colKind) {
    return rows.taps(rowKind).length * cols.taps(colKind).length;
  }

  /** Returns where the list of a kind of row and column starts. */
  int start(int rowKind, int colKind) {
    return starts[rowKind * cols.kinds() + colKind];
  }
}
