package org.espalier.kernel.conv;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.tensor.Nchw16n;

/**
 * Which pixels meet in the gradient of a weight, for each place of the window and band of rows of
 * the output: a list of pairs, those left out whose input lies in the padding. Bands that look
 * alike share their lists. Where maps are small a list goes over several groups of images, one
 * behind the other.
 */
final class PixelPairs {
  /** Pairs of a list, about: a tile's operands fit into the nearest cache. */
  private static final int PAIRS = 64;

  /** The lists of bands that look alike. */
  private static final class Kind {
    /** For each row of the window the first row of the band whose input is inside. */
    final int[] tops;

    /** The row behind the last of them. */
    final int[] bottoms;

    final int[] starts;
    final int[] counts;

    Kind(int[] tops, int[] bottoms, int window) {
      this.tops = tops;
      this.bottoms = bottoms;
      starts = new int[window];
      counts = new int[window];
    }
  }

  private final ConvGeometry geometry;
  private final int rows;
  private final int groups;
  private final Kind[] bands;
  private final int[] pixels;

  PixelPairs(ConvGeometry geometry) {
    this.geometry = geometry;
    Nchw16n output = geometry.output();
    rows = Math.clamp(PAIRS / output.width(), 1, output.height());
    groups = Math.max(1, PAIRS / output.pixels());
    bands = new Kind[Math.ceilDiv(output.height(), rows)];
    List<Kind> kinds = new ArrayList<>();
    for (int b = 0; b < bands.length; b++) {
      bands[b] = kind(kinds, b);
    }
    int length = 0;
    for (Kind kind : kinds) {
      length += measure(kind, length);
    }
    pixels = new int[2 * length];
    for (Kind kind : kinds) {
      write(kind);
    }
  }

  private Kind kind(List<Kind> kinds, int band) {
    int first = band * rows;
    int end = Math.min(first + rows, geometry.output().height());
    int[] tops = new int[geometry.kernelHeight()];
    int[] bottoms = new int[geometry.kernelHeight()];
    for (int i = 0; i < tops.length; i++) {
      int shift = i - geometry.padding();
      tops[i] = Math.clamp(firstInside(shift) - first, 0, end - first);
      bottoms[i] =
          Math.clamp(endInside(shift, geometry.input().height()) - first, tops[i], end - first);
    }
    for (Kind kind : kinds) {
      if (Arrays.equals(kind.tops, tops) && Arrays.equals(kind.bottoms, bottoms)) {
        return kind;
      }
    }
    Kind kind = new Kind(tops, bottoms, geometry.kernelHeight() * geometry.kernelWidth());
    kinds.add(kind);
    return kind;
  }

  /** Says where the lists of a kind lie, and returns how many pairs they have together. */
  private int measure(Kind kind, int start) {
    int next = start;
    for (int k = 0; k < kind.starts.length; k++) {
      int i = k / geometry.kernelWidth();
      int j = k % geometry.kernelWidth();
      kind.starts[k] = 2 * next;
      kind.counts[k] = (kind.bottoms[i] - kind.tops[i]) * Math.max(0, right(j) - left(j));
      next += groups * kind.counts[k];
    }
    return next - start;
  }

  private void write(Kind kind) {
    Nchw16n input = geometry.input();
    Nchw16n output = geometry.output();
    int stride = geometry.stride();
    for (int k = 0; k < kind.starts.length; k++) {
      int i = k / geometry.kernelWidth();
      int j = k % geometry.kernelWidth();
      int at = kind.starts[k];
      for (int g = 0; g < groups; g++) {
        for (int r = kind.tops[i]; r < kind.bottoms[i]; r++) {
          for (int c = left(j); c < right(j); c++) {
            int row = r * stride - geometry.padding() + i;
            int col = c * stride - geometry.padding() + j;
            pixels[at++] =
                g * output.channels() * output.ld() + (r * output.width() + c) * Nchw16n.LANES;
            pixels[at++] =
                g * input.channels() * input.ld() + (row * input.width() + col) * Nchw16n.LANES;
          }
        }
      }
    }
  }

  private int left(int j) {
    return firstInside(j - geometry.padding());
  }

  private int right(int j) {
    int end = endInside(j - geometry.padding(), geometry.input().width());
    return Math.min(geometry.output().width(), end);
  }

  /** Returns the first output whose input, shifted, lies in the map. */
  private int firstInside(int shift) {
    return Math.max(0, Math.ceilDiv(-shift, geometry.stride()));
  }

  /** Returns the output behind the last one whose input, shifted, lies in the map. */
  private int endInside(int shift, int extent) {
    return Math.ceilDiv(extent - shift, geometry.stride());
  }

  /** Returns how many groups of images a list goes over; its first part goes over fewer. */
  int groups() {
    return groups;
  }

  /** Returns how many bands a map has. */
  int bands() {
    return bands.length;
  }

  /** Returns the lists; offsets count from the first row of the band and of its window. */
  int[] pixels() {
    return pixels;
  }

  /** Returns where the list of a band and a place of the window starts. */
  int start(int band, int place) {
    return bands[band].starts[place];
  }

  /** Returns how many pairs of a list belong to each group. */
  int perGroup(int band, int place) {
    return bands[band].counts[place];
  }

  /** Returns the first row of a band. */
  int firstRow(int band) {
    return band * rows;
  }
}
