package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Window;

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
    if (site.node().outputs().size() > 1 && !site.node().outputs().get(1).isEmpty()) {
      throw new Unsupported("output Indices");
    }
    int[] kernel =
        Arrays.stream(
                site.node()
                    .integers("kernel_shape")
                    .orElseThrow(() -> new Unsupported("attribute kernel_shape is missing")))
            .mapToInt(Math::toIntExact)
            .toArray();
    int n = x.rank() - 2;
    if (kernel.length != n || n < 1 || n > 2) {
      throw new Unsupported(kernel.length + " and " + n + " spatial axes");
    }
    boolean ceil = site.node().integer("ceil_mode", 0) != 0;
    boolean counts = site.node().integer("count_include_pad", 0) != 0;
    return Spatial.apply(
        site,
        x,
        maps -> {
          Window window = Spatial.window(site, kernel, Spatial.extents(maps, n));
          return site.emit(
              max
                  ? new Operator.MaxPool(window, ceil)
                  : new Operator.AveragePool(window, ceil, counts || (!window.isPadded() && !ceil)),
              maps);
        });
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
