package org.espalier.kernel.conv;

import org.espalier.tensor.Subset;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a map that a run reads or writes, all or some: ascending, and where those of each
 * group of the convolution begin. Reused from run to run.
 */
final class ChannelList {
  private final int channels;
  private final int[] all;
  private final int[] starts;
  private int[] indices;
  private int count;

  /** Lists all channels. */
  ChannelList(int channels, int groups) {
    this.channels = channels;
    this.count = channels;
    all = new int[channels];
    for (int i = 0; i < channels; i++) {
      all[i] = i;
    }
    indices = all;
    starts = new int[groups + 1];
    set(null);
  }

  /** Lists the channels of a subset, or all. */
  void set(@Nullable Subset subset) {
    if (subset == null || subset.isAll()) {
      indices = all;
      count = channels;
    } else {
      indices = subset.indices();
      count = subset.count();
    }
    int groups = starts.length - 1;
    int n = 0;
    for (int g = 0; g < groups; g++) {
      starts[g] = n;
      int end = channels / groups * (g + 1);
      while (n < count && indices[n] < end) {
        n++;
      }
    }
    starts[groups] = n;
  }

  /** Whether no channel is left out. */
  boolean isAll() {
    return count == channels;
  }

  /** Returns how many channels are listed. */
  int count() {
    return count;
  }

  /** Returns the channels; the first {@link #count()} count. */
  int[] indices() {
    return indices;
  }

  /**
   * Returns where in the list the channels of group {@code g} begin, for {@code g} up to groups.
   */
  int start(int g) {
    return starts[g];
  }

  /** Returns how many channels of a group are listed. */
  int count(int g) {
    return starts[g + 1] - starts[g];
  }
}
