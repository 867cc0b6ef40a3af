package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;

/** Windows over maps, and whole maps. */
final class PoolRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  static {
    ALL.put("MaxPool", site -> site.give(pool(site, site.input(0), true)));
    ALL.put("AveragePool", site -> site.give(pool(site, site.input(0), false)));
    ALL.put(
        "GlobalAveragePool", site -> site.give(global(site, site.input(0), Reduction.Kind.MEAN)));
    ALL.put("GlobalMaxPool", site -> site.give(global(site, site.input(0), Reduction.Kind.MAX)));
  }

  private PoolRules() {}

  /** Pools maps by the window of a node. */
  static Value pool(Site site, Value x, boolean max) throws MixedBatch, Unsupported {
    int[] kernel =
        Arrays.stream(
                site.node()
                    .integers("kernel_shape")
                    .orElseThrow(() -> new Unsupported("attribute kernel_shape is missing")))
            .mapToInt(Math::toIntExact)
            .toArray();
    int n = x.rank() - 2;
    if (kernel.length != n || n < 1 || n > 3) {
      throw new Unsupported(kernel.length + " and " + n + " spatial axes");
    }
    site.withhold(1, "output Indices");
    if (n == 3) {
      return volumes(site, x, kernel, max);
    }
    return Spatial.apply(
        site,
        x,
        maps -> {
          Window window = Spatial.reach(site, kernel, Spatial.extents(maps, n)).window();
          return site.emit(operator(site, window, max), maps);
        });
  }

  private static Operator operator(Site site, Window window, boolean max) {
    boolean ceil = site.node().integer("ceil_mode", 0) != 0;
    boolean counts = site.node().integer("count_include_pad", 0) != 0;
    return max
        ? new Operator.MaxPool(window, ceil)
        : new Operator.AveragePool(window, ceil, counts || (!window.isPadded() && !ceil));
  }

  /**
   * Windows over three axes: what a window gives over rows and columns, and then over these along
   * the first axis, since the number of pixels that count is a product, too.
   */
  private static Value volumes(Site site, Value x, int[] kernel, boolean max)
      throws MixedBatch, Unsupported {
    int[] dims = Site.shape(x).dims();
    int last = dims.length - 1;
    int depth = dims[last - 2];
    site.allowSize(Site.shape(x));
    int maps = Site.shape(x).size() / (depth * dims[last - 1] * dims[last]);
    Spatial.Reach reach = Spatial.reach(site, kernel, Spatial.extents(x, kernel.length));
    Value planes = site.reshape(x, maps * depth, dims[last - 1], dims[last]);
    Value pooled = site.emit(operator(site, reach.window(1, 2), max), planes);
    Shape plane = Site.shape(pooled);
    Value columns = site.reshape(pooled, maps, depth, plane.dim(1) * plane.dim(2));
    Value deep = site.emit(operator(site, reach.window(0, -1), max), columns);
    dims[last - 2] = Site.shape(deep).dim(1);
    dims[last - 1] = plane.dim(1);
    dims[last] = plane.dim(2);
    return site.reshape(deep, dims);
  }

  /** Makes one number of each map. */
  static Value global(Site site, Value x, Reduction.Kind kind) throws MixedBatch, Unsupported {
    if (x.rank() < 3) {
      throw new IllegalArgumentException("maps of " + x.rank() + " axes");
    }
    if (Site.isBatched(x) && x.rank() == 4 && kind == Reduction.Kind.MEAN) {
      return site.emit(new Operator.GlobalAveragePool(), x);
    }
    List<Integer> axes = new ArrayList<>();
    for (int i = 2; i < x.rank(); i++) {
      axes.add(Site.axis(x, i));
    }
    return site.emit(new Reduction.Reduce(kind, axes, true), x);
  }
}
