package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.Movement;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;

/** Operators over the rows and columns of feature maps, or over the places of sequences. */
final class Spatial {
  /** The most examples of a fixed batch that are computed one by one. */
  private static final int MOST_EXAMPLES = 64;

  private Spatial() {}

  /** Something that is made of maps {@code [channels, height, width]}. */
  @FunctionalInterface
  interface OnMaps {
    /** Makes other maps of maps. */
    Value of(Value maps) throws MixedBatch, Unsupported;
  }

  /**
   * Applies an operator to the maps of each example; sequences {@code [channels, width]} are maps
   * of one row meanwhile.
   */
  static Value apply(Site site, Value x, OnMaps operator) throws MixedBatch, Unsupported {
    if (x.rank() != 3 && x.rank() != 4) {
      throw new Unsupported(x.rank() - 2 + " spatial axes");
    }
    boolean sequence = x.rank() == 3;
    if (Site.isBatched(x)) {
      return example(site, x, sequence, operator);
    }
    Shape shape = Site.shape(x);
    int examples = shape.dim(0);
    if (examples < 1 || examples > MOST_EXAMPLES) {
      throw new Unsupported("a fixed batch of " + examples);
    }
    int[] rest = Arrays.copyOfRange(shape.dims(), 1, shape.rank());
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < examples; i++) {
      Value one = examples == 1 ? x : site.emit(new Movement.Slice(0, i, 1, 1), x);
      Value y = example(site, site.reshape(one, rest), sequence, operator);
      int[] dims = Site.shape(y).dims();
      int[] behind = new int[dims.length + 1];
      behind[0] = 1;
      System.arraycopy(dims, 0, behind, 1, dims.length);
      results.add(site.reshape(y, behind));
    }
    return examples == 1
        ? results.getFirst()
        : site.emit(new Movement.Concat(0, examples), results, Map.of());
  }

  private static Value example(Site site, Value x, boolean sequence, OnMaps operator)
      throws MixedBatch, Unsupported {
    if (!sequence) {
      return operator.of(x);
    }
    Shape shape = Site.shape(x);
    Value y = operator.of(site.reshape(x, shape.dim(0), 1, shape.dim(1)));
    Shape maps = Site.shape(y);
    return site.reshape(y, maps.dim(0), maps.dim(2));
  }

  /** Returns the last extents of maps, one or both of them. */
  static int[] extents(Value maps, int axes) {
    int[] dims = Site.shape(maps).dims();
    return Arrays.copyOfRange(dims, dims.length - axes, dims.length);
  }

  /**
   * What a window reads along each axis.
   *
   * @param kernel how many elements
   * @param strides how far it moves
   * @param pads how far it may reach before the elements, then behind them
   * @param dilations distances of what it reads
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
  record Reach(int[] kernel, int[] strides, int[] pads, int[] dilations) {
    /** Returns the window over one axis, as a single row, or over two. */
    Window window() {
      return kernel.length == 1 ? window(-1, 0) : window(0, 1);
    }

    /** Returns the window over two of the axes as rows and columns; −1 is one of one element. */
    Window window(int rows, int columns) {
      int n = kernel.length;
      return new Window(
          rows < 0 ? 1 : kernel[rows],
          columns < 0 ? 1 : kernel[columns],
          rows < 0 ? 1 : strides[rows],
          columns < 0 ? 1 : strides[columns],
          rows < 0 ? 0 : pads[rows],
          columns < 0 ? 0 : pads[columns],
          rows < 0 ? 0 : pads[n + rows],
          columns < 0 ? 0 : pads[n + columns],
          rows < 0 ? 1 : dilations[rows],
          columns < 0 ? 1 : dilations[columns]);
    }
  }

  /** Returns what the window of a node reads of so many elements along each axis. */
  static Reach reach(Site site, int[] kernel, int[] extents) throws Unsupported {
    int n = kernel.length;
    int[] strides = numbers(site, "strides", n, 1);
    int[] dilations = numbers(site, "dilations", n, 1);
    int[] pads = numbers(site, "pads", 2 * n, 0);
    String auto = site.node().text("auto_pad", "NOTSET");
    switch (auto) {
      case "NOTSET", "" -> {}
      case "VALID" -> Arrays.fill(pads, 0);
      case "SAME_UPPER", "SAME_LOWER" -> {
        for (int i = 0; i < n; i++) {
          if (strides[i] < 1) {
            throw new IllegalArgumentException("strides " + Arrays.toString(strides));
          }
          long window = (kernel[i] - 1L) * dilations[i] + 1;
          long places = Math.ceilDiv(extents[i], strides[i]);
          int all = Math.toIntExact(Math.max(0, (places - 1) * strides[i] + window - extents[i]));
          pads[i] = auto.equals("SAME_UPPER") ? all / 2 : all - all / 2;
          pads[n + i] = all - pads[i];
        }
      }
      default -> throw new Unsupported("auto_pad " + auto);
    }
    return new Reach(kernel, strides, pads, dilations);
  }

  /** Returns whole numbers of an attribute, as many as there must be. */
  static int[] numbers(Site site, String attribute, int n, int missing) {
    int[] values = new int[n];
    Optional<long[]> said = site.node().integers(attribute);
    if (said.isPresent() && said.get().length != n) {
      throw new IllegalArgumentException(
          attribute + " " + Arrays.toString(said.get()) + ", not " + n + " numbers");
    }
    for (int i = 0; i < n; i++) {
      values[i] = said.isEmpty() ? missing : Math.toIntExact(said.get()[i]);
    }
    return values;
  }
}
