package org.espalier.infer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.espalier.model.Operator;
import org.espalier.model.Step;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;

/**
 * How many pixels of zeros stand around maps: as many as the windows need that read them, whose
 * step is 1, or that are read in place; others read a copy with a border of its own. Maps of equal
 * width that are made of each other pixel by pixel have rows of equal distance, so that the widest
 * border among them decides how far their rows are apart.
 */
final class MapBorders {
  private final Map<String, Integer> borders = new HashMap<>();

  /** By a name, that of maps whose rows are as far apart; at the end of such a chain itself. */
  private final Map<String, String> parents = new HashMap<>();

  /** By the name at the end of a chain, the widest border. */
  private final Map<String, Integer> slacks = new HashMap<>();

  /**
   * Finds the borders of what steps give and read.
   *
   * @param sources by name, the shapes of the maps that they read of others
   * @param readsInPlace whether a convolution with strides reads maps where they lie
   */
  MapBorders(List<Step> steps, Map<String, Shape> sources, Predicate<Step> readsInPlace) {
    Map<String, Shape> shapes = new HashMap<>(sources);
    steps.forEach(step -> shapes.put(step.name(), step.output()));
    for (String name : shapes.keySet()) {
      borders.put(name, 0);
      parents.put(name, name);
    }
    for (Step step : steps) {
      Shape first = step.inputs().isEmpty() ? null : shapes.get(step.inputs().getFirst());
      if (step.operator() instanceof Operator.Conv2d conv && first != null) {
        boolean strided = conv.window().strideY() > 1 || conv.window().strideX() > 1;
        if (!strided || readsInPlace.test(step)) {
          int border =
              strided
                  ? inPlace(conv.window(), first.dim(1), first.dim(2))
                  : needed(conv.window(), first.dim(1), first.dim(2));
          borders.merge(step.inputs().getFirst(), border, Math::max);
        }
      }
      for (String input : step.inputs()) {
        Shape shape = shapes.get(input);
        if (shape != null && shape.dim(2) == step.output().dim(2)) {
          parents.put(root(input), root(step.name()));
        }
      }
    }
    borders.forEach((name, border) -> slacks.merge(root(name), border, Math::max));
  }

  /** Returns the border that a window needs of maps, or of what they are repacked to. */
  static int needed(Window w, int height, int width) {
    int up = Math.ceilDiv(w.top(), w.strideY());
    int left = Math.ceilDiv(w.left(), w.strideX());
    int down = Math.floorDiv(w.rows() - 1 - w.top(), w.strideY());
    int right = Math.floorDiv(w.columns() - 1 - w.left(), w.strideX());
    int below = w.outputRows(height, false) + down - Math.ceilDiv(height, w.strideY());
    int behind = w.outputColumns(width, false) + right - Math.ceilDiv(width, w.strideX());
    return Math.max(Math.max(up, left), Math.max(Math.max(below, behind), 0));
  }

  /** Returns the border that a window with strides needs of maps that it reads where they lie. */
  private static int inPlace(Window w, int height, int width) {
    int lastRow = (w.outputRows(height, false) - 1) * w.strideY() + w.rows() - 1 - w.top();
    int lastColumn = (w.outputColumns(width, false) - 1) * w.strideX() + w.columns() - 1 - w.left();
    int beyond = Math.max(lastRow - (height - 1), lastColumn - (width - 1));
    return Math.max(Math.max(w.top(), w.left()), Math.max(beyond, 0));
  }

  private String root(String name) {
    String at = name;
    for (String next = parent(at); !next.equals(at); next = parent(at)) {
      parents.put(at, parent(next));
      at = next;
    }
    return at;
  }

  private String parent(String name) {
    return parents.getOrDefault(name, name);
  }

  /** Returns the border of maps. */
  int of(String name) {
    return borders.getOrDefault(name, 0);
  }

  /** Returns how many pixels stand between the rows of maps at least. */
  int slack(String name) {
    return slacks.getOrDefault(root(name), 0);
  }

  /** Returns whether maps have this name. */
  boolean isName(String name) {
    return borders.containsKey(name);
  }
}
