package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/** Operators that only move elements. */
final class MovementRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  static {
    ALL.put("Identity", site -> site.give(site.input(0)));
    ALL.put("Dropout", MovementRules::dropout);
    ALL.put(
        "Concat",
        site ->
            site.give(
                concat(site, site.all(), site.node().integer("axis", site.opset() < 4 ? 1 : 0))));
    ALL.put("Slice", MovementRules::slice);
    ALL.put("Split", MovementRules::split);
    ALL.put("Transpose", MovementRules::transpose);
    ALL.put("Reshape", MovementRules::reshape);
    ALL.put("Flatten", MovementRules::flatten);
    ALL.put("Squeeze", MovementRules::squeeze);
    ALL.put("Unsqueeze", MovementRules::unsqueeze);
    ALL.put("Expand", MovementRules::expand);
    ALL.put("Tile", MovementRules::tile);
    ALL.put("Pad", MovementRules::pad);
    ALL.put("Gather", MovementRules::gather);
    ALL.put("DepthToSpace", MovementRules::depthToSpace);
    ALL.put("SpaceToDepth", MovementRules::spaceToDepth);
  }

  private MovementRules() {}

  private static void dropout(Site site) throws Unsupported {
    if (site.has(2) && site.wholes(2)[0] != 0) {
      throw new Unsupported("training_mode is on");
    }
    site.give(site.input(0));
    Value input = site.input(0);
    if (site.node().outputs().size() > 1 && !(input instanceof Value.Computed)) {
      Shape shape = Site.shape(input);
      long[] all = new long[shape.size()];
      Arrays.fill(all, 1);
      site.give(1, new Value.Wholes(shape, all));
    } else if (input instanceof Value.Computed computed) {
      float[] all = new float[computed.shape().size()];
      Arrays.fill(all, 1);
      site.give(1, new Value.Reals(computed.shape(), all));
    }
  }

  /** Puts values one behind the other. */
  static Value concat(Site site, List<Value> values, long axis) throws MixedBatch, Unsupported {
    Optional<Value> computed =
        values.stream().filter(value -> value instanceof Value.Computed).findFirst();
    int at = Site.axis(computed.orElse(values.getFirst()), axis);
    return site.emit(new Movement.Concat(at, values.size()), values, Map.of());
  }

  /** Starts, ends, axes and steps are attributes up to version 9, then inputs. */
  private static void slice(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    boolean attributes = site.opset() < 10;
    long[] starts = attributes ? required(site, "starts") : site.wholes(1);
    long[] ends = attributes ? required(site, "ends") : site.wholes(2);
    long[] axes =
        attributes
            ? site.node().integers("axes").orElse(null)
            : site.has(3) ? site.wholes(3) : null;
    long[] steps = !attributes && site.has(4) ? site.wholes(4) : null;
    if (starts.length != ends.length
        || (axes != null && axes.length != starts.length)
        || (steps != null && steps.length != starts.length)) {
      throw new IllegalArgumentException("starts, ends, axes and steps differ in number");
    }
    for (int i = 0; i < starts.length; i++) {
      x =
          slice(
              site,
              x,
              axes == null ? i : axes[i],
              starts[i],
              ends[i],
              steps == null ? 1 : steps[i]);
    }
    site.give(x);
  }

  private static long[] required(Site site, String attribute) throws Unsupported {
    return site.node()
        .integers(attribute)
        .orElseThrow(() -> new Unsupported("attribute " + attribute + " is missing"));
  }

  private static Value slice(Site site, Value x, long axis, long start, long end, long step)
      throws MixedBatch, Unsupported {
    int normal = Site.normalAxis(x, axis);
    if (Site.isBatched(x) && normal == 0) {
      boolean all = start == 0 && step == 1 && (end == Value.BATCH || end >= Integer.MAX_VALUE);
      if (all) {
        return x;
      }
      throw new MixedBatch("takes some of the examples");
    }
    int at = Site.axis(x, axis);
    int extent = Site.shape(x).dim(at);
    if (step == 0 || start == Value.BATCH || end == Value.BATCH || step == Value.BATCH) {
      throw new MixedBatch("computes with the number of examples");
    }
    long from = start < 0 ? start + extent : start;
    long to = end < 0 && end + extent >= 0 - (step < 0 ? 1L << 40 : 0) ? end + extent : end;
    long first = step > 0 ? Math.clamp(from, 0, extent) : Math.clamp(from, -1, extent - 1);
    long last = step > 0 ? Math.clamp(to, 0, extent) : Math.clamp(to, -1, extent - 1);
    long size = Math.max(0, Math.ceilDiv(last - first, step));
    int stride = size <= 1 ? 1 : Math.toIntExact(step);
    if (size == extent && stride == 1 && first == 0) {
      return x;
    }
    return site.emit(
        new Movement.Slice(
            at, size == 0 ? 0 : Math.toIntExact(first), stride, Math.toIntExact(size)),
        x);
  }

  /** Sizes are an attribute up to version 12, then an input; without them parts are equal. */
  private static void split(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    int parts = site.node().outputs().size();
    long axis = site.node().integer("axis", 0);
    int at = Site.axis(x, axis);
    int extent = Site.shape(x).dim(at);
    long[] sizes =
        site.opset() < 13
            ? site.node().integers("split").orElse(null)
            : site.has(1) ? site.wholes(1) : null;
    if (sizes == null && site.opset() < 2 && site.has(1)) {
      sizes = site.wholes(1);
    }
    if (sizes == null) {
      sizes = new long[parts];
      int size = Math.ceilDiv(extent, parts);
      for (int i = 0; i < parts; i++) {
        sizes[i] = Math.clamp((long) extent - (long) i * size, 0, size);
      }
    }
    long start = 0;
    if (sizes.length != parts || Arrays.stream(sizes).sum() != extent) {
      throw new IllegalArgumentException(
          "parts " + Arrays.toString(sizes) + " of " + extent + " for " + parts + " outputs");
    }
    for (int i = 0; i < parts; i++) {
      int size = Math.toIntExact(sizes[i]);
      int from = size == 0 ? 0 : Math.toIntExact(start);
      site.give(i, site.emit(new Movement.Slice(at, from, 1, size), x));
      start += sizes[i];
    }
  }

  private static void transpose(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    int rank = x.rank();
    List<Integer> axes = new ArrayList<>();
    Optional<long[]> perm = site.node().integers("perm");
    for (int i = 0; i < rank; i++) {
      int axis = i;
      boolean fits =
          perm.isEmpty()
              || (perm.get().length == rank && Arrays.stream(perm.get()).anyMatch(a -> a == axis));
      if (!fits) {
        throw new IllegalArgumentException(
            "perm " + Arrays.toString(perm.get()) + " of " + rank + " axes");
      }
      axes.add(perm.isEmpty() ? rank - 1 - i : Math.toIntExact(perm.get()[i]));
    }
    site.give(transpose(site, x, axes));
  }

  static Value transpose(Site site, Value x, List<Integer> axes) throws MixedBatch, Unsupported {
    List<Integer> own = axes;
    if (Site.isBatched(x)) {
      if (axes.getFirst() != 0) {
        throw new MixedBatch("moves the axis of the batch");
      }
      own = axes.subList(1, axes.size()).stream().map(axis -> axis - 1).toList();
    }
    boolean moves = false;
    for (int i = 0; i < own.size(); i++) {
      moves |= own.get(i) != i;
    }
    return moves ? site.emit(new Movement.Transpose(own), x) : x;
  }

  private static void reshape(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    long[] wanted = site.opset() < 5 && !site.has(1) ? required(site, "shape") : site.wholes(1);
    boolean zeros = site.node().integer("allowzero", 0) != 0;
    site.give(reshape(site, x, wanted, zeros));
  }

  /** Gives a value extents of which one may be −1 and, unless zeros count, 0 means as it is. */
  static Value reshape(Site site, Value x, long[] wanted, boolean zeros)
      throws MixedBatch, Unsupported {
    Shape shape = Site.shape(x);
    boolean batched = Site.isBatched(x);
    if (batched && wanted.length == 0) {
      throw new MixedBatch("drops the axis of the batch");
    }
    if (batched && wanted[0] != Value.BATCH && (wanted[0] < -1 || wanted[0] > Integer.MAX_VALUE)) {
      throw new IllegalArgumentException(Arrays.toString(wanted) + " of examples of " + shape);
    }
    int skipped = batched ? 1 : 0;
    int[] dims = new int[wanted.length - skipped];
    int free = -1;
    long product = 1;
    for (int i = 0; i < dims.length; i++) {
      long size = wanted[i + skipped];
      if (size == Value.BATCH) {
        throw new MixedBatch("moves the axis of the batch");
      }
      if (size == 0 && !zeros) {
        if (i >= shape.rank()) {
          throw new IllegalArgumentException(shape + " as " + Arrays.toString(wanted));
        }
        size = shape.dim(i);
      }
      if (size == -1) {
        if (free >= 0) {
          throw new IllegalArgumentException("two free extents in " + Arrays.toString(wanted));
        }
        free = i;
      } else {
        dims[i] = Math.toIntExact(size);
        product = Math.multiplyExact(product, size);
      }
    }
    if (free >= 0) {
      if (product == 0 || shape.size() % product != 0) {
        throw mismatch(batched, shape, wanted);
      }
      dims[free] = Math.toIntExact(shape.size() / product);
    } else if (product != shape.size()) {
      throw mismatch(batched, shape, wanted);
    }
    if (batched && free >= 0 && wanted[0] == -1) {
      throw new IllegalArgumentException("two free extents in " + Arrays.toString(wanted));
    }
    return site.reshape(x, dims);
  }

  private static MixedBatch mismatch(boolean batched, Shape shape, long... wanted)
      throws MixedBatch {
    if (!batched) {
      throw new IllegalArgumentException(shape + " as " + Arrays.toString(wanted));
    }
    return new MixedBatch("makes " + Arrays.toString(wanted) + " of examples of " + shape);
  }

  private static void flatten(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    long axis = site.node().integer("axis", 1);
    long positive = axis < 0 ? axis + x.rank() : axis;
    if (positive < 0 || positive > x.rank()) {
      throw new IllegalArgumentException("axis " + axis + " of " + x.rank());
    }
    Shape shape = Site.shape(x);
    if (Site.isBatched(x)) {
      if (positive == 1) {
        site.give(shape.rank() == 1 ? x : site.emit(new Operator.Flatten(), x));
        return;
      }
      throw new MixedBatch("makes rows of more or less than an example");
    }
    long rows = 1;
    for (int i = 0; i < positive; i++) {
      rows *= shape.dim(i);
    }
    int before = Math.toIntExact(rows);
    site.give(site.reshape(x, before, before == 0 ? 1 : shape.size() / before));
  }

  private static void squeeze(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    Shape shape = Site.shape(x);
    long[] axes =
        site.opset() < 13
            ? site.node().integers("axes").orElse(null)
            : site.has(1) ? site.wholes(1) : null;
    boolean[] gone = new boolean[shape.rank()];
    if (axes == null) {
      if (Site.isBatched(x)) {
        throw new MixedBatch("drops the axis of the batch if it is 1");
      }
      for (int i = 0; i < gone.length; i++) {
        gone[i] = shape.dim(i) == 1;
      }
    } else {
      for (long axis : axes) {
        int at = Site.axis(x, axis);
        if (shape.dim(at) != 1) {
          throw new IllegalArgumentException("axis " + axis + " of " + shape + " isn't 1");
        }
        gone[at] = true;
      }
    }
    List<Integer> dims = new ArrayList<>();
    for (int i = 0; i < gone.length; i++) {
      if (!gone[i]) {
        dims.add(shape.dim(i));
      }
    }
    site.give(site.reshape(x, dims.stream().mapToInt(i -> i).toArray()));
  }

  private static void unsqueeze(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    long[] axes = site.opset() < 13 ? required(site, "axes") : site.wholes(1);
    int rank = x.rank() + axes.length;
    boolean[] added = new boolean[rank];
    for (long axis : axes) {
      long at = axis < 0 ? axis + rank : axis;
      if (at < 0 || at >= rank || added[(int) at]) {
        throw new IllegalArgumentException("axes " + Arrays.toString(axes) + " of " + rank);
      }
      added[(int) at] = true;
    }
    int skipped = Site.isBatched(x) ? 1 : 0;
    if (skipped > 0 && added[0]) {
      throw new MixedBatch("moves the axis of the batch");
    }
    Shape shape = Site.shape(x);
    int[] dims = new int[rank - skipped];
    int from = 0;
    for (int i = 0; i < dims.length; i++) {
      dims[i] = added[i + skipped] ? 1 : shape.dim(from++);
    }
    site.give(site.reshape(x, dims));
  }

  private static void expand(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    long[] wanted = site.wholes(1);
    boolean batched = Site.isBatched(x);
    if (batched
        && (wanted.length > x.rank()
            || (wanted.length == x.rank() && wanted[0] != 1 && wanted[0] != Value.BATCH))) {
      throw new MixedBatch("repeats examples");
    }
    int skipped = batched && wanted.length == x.rank() ? 1 : 0;
    int[] dims = new int[wanted.length - skipped];
    for (int i = 0; i < dims.length; i++) {
      if (wanted[i + skipped] == Value.BATCH) {
        throw new MixedBatch("repeats values as often as there are examples");
      }
      dims[i] = Math.toIntExact(wanted[i + skipped]);
    }
    Shape shape = Shape.of(dims);
    site.give(site.emit(new Movement.Expand(shape), x));
  }

  private static void tile(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    long[] repeats = site.wholes(1);
    if (repeats.length != x.rank()) {
      throw new IllegalArgumentException(repeats.length + " repeats for " + x.rank() + " axes");
    }
    for (int axis = 0; axis < repeats.length; axis++) {
      if (repeats[axis] != 1) {
        x = repeated(site, x, Site.axis(x, axis), Math.toIntExact(repeats[axis]));
      }
    }
    site.give(x);
  }

  /** Repeats a value along an axis: it is repeated along one of its own before that. */
  private static Value repeated(Site site, Value x, int axis, int times)
      throws MixedBatch, Unsupported {
    int[] dims = Site.shape(x).dims();
    int[] apart = new int[dims.length + 1];
    System.arraycopy(dims, 0, apart, 0, axis);
    apart[axis] = 1;
    System.arraycopy(dims, axis, apart, axis + 1, dims.length - axis);
    Value single = site.reshape(x, apart);
    apart[axis] = times;
    Value several = site.emit(new Movement.Expand(Shape.of(apart)), single);
    dims[axis] = Math.multiplyExact(times, dims[axis]);
    return site.reshape(several, dims);
  }

  /** Amounts are an attribute up to version 10, then an input; negative ones cut off. */
  private static void pad(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    boolean attributes = site.opset() < 11;
    long[] pads =
        attributes ? required(site, site.opset() < 2 ? "paddings" : "pads") : site.wholes(1);
    float value = attributes ? site.node().real("value", 0) : site.scalar(2, 0);
    int rank = x.rank();
    long[] axes = null;
    if (site.has(3)) {
      axes = site.wholes(3);
    }
    int n = axes == null ? rank : axes.length;
    if (pads.length != 2 * n) {
      throw new IllegalArgumentException(pads.length + " paddings for " + n + " axes");
    }
    long[] before = new long[rank];
    long[] after = new long[rank];
    for (int i = 0; i < n; i++) {
      int axis = axes == null ? i : Site.normalAxis(x, axes[i]);
      before[axis] = pads[i];
      after[axis] = pads[n + i];
    }
    Movement.Padding mode =
        switch (site.node().text("mode", "constant")) {
          case "constant" -> Movement.Padding.CONSTANT;
          case "edge" -> Movement.Padding.EDGE;
          case "reflect" -> Movement.Padding.REFLECT;
          case "wrap" -> Movement.Padding.WRAP;
          default -> throw new Unsupported("mode " + site.node().text("mode", ""));
        };
    for (int axis = 0; axis < rank; axis++) {
      if (before[axis] < 0 || after[axis] < 0) {
        int at = Site.axis(x, axis);
        int extent = Site.shape(x).dim(at);
        x = slice(site, x, axis, Math.max(0, -before[axis]), extent - Math.max(0, -after[axis]), 1);
        before[axis] = Math.max(0, before[axis]);
        after[axis] = Math.max(0, after[axis]);
      }
    }
    site.give(pad(site, x, mode, before, after, value));
  }

  /** Adds elements around a value; the amounts count the batch's axis. */
  static Value pad(
      Site site, Value x, Movement.Padding mode, long[] before, long[] after, float value)
      throws MixedBatch, Unsupported {
    int skipped = Site.isBatched(x) ? 1 : 0;
    if (skipped > 0 && (before[0] != 0 || after[0] != 0)) {
      throw new MixedBatch("adds examples");
    }
    List<Integer> first = new ArrayList<>();
    List<Integer> last = new ArrayList<>();
    boolean any = false;
    for (int i = skipped; i < before.length; i++) {
      first.add(Math.toIntExact(before[i]));
      last.add(Math.toIntExact(after[i]));
      any |= before[i] != 0 || after[i] != 0;
    }
    return any ? site.emit(new Movement.Pad(mode, first, last, value), x) : x;
  }

  private static void gather(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    int axis = Site.axis(x, site.node().integer("axis", 0));
    if (!(site.input(1) instanceof Value.Wholes known)) {
      throw new Unsupported("indices aren't constant whole numbers");
    }
    Shape shape = Site.shape(x);
    List<Integer> indices = new ArrayList<>();
    for (long index : known.values()) {
      indices.add(Math.toIntExact(index < 0 ? index + shape.dim(axis) : index));
    }
    Value gathered = site.emit(new Movement.Gather(axis, indices), x);
    List<Integer> dims = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      if (i == axis) {
        for (int dim : known.shape().dims()) {
          dims.add(dim);
        }
      } else {
        dims.add(shape.dim(i));
      }
    }
    site.give(site.reshape(gathered, dims.stream().mapToInt(i -> i).toArray()));
  }

  private static void depthToSpace(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    int b = Math.toIntExact(site.node().integer("blocksize", 0));
    int[] d = maps(x, b);
    boolean crd = site.node().text("mode", "DCR").equals("CRD");
    int c = d[1] / b / b;
    Value split =
        crd ? parts(site, x, d[0], c, b, b, d[2], d[3]) : parts(site, x, d[0], b, b, c, d[2], d[3]);
    Value turned =
        transpose(site, split, crd ? List.of(0, 1, 4, 2, 5, 3) : List.of(0, 3, 4, 1, 5, 2));
    site.give(parts(site, turned, d[0], c, d[2] * b, d[3] * b));
  }

  private static void spaceToDepth(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    int b = Math.toIntExact(site.node().integer("blocksize", 0));
    int[] d = maps(x, b);
    boolean crd = site.node().text("mode", "DCR").equals("CRD");
    Value split = parts(site, x, d[0], d[1], d[2] / b, b, d[3] / b, b);
    Value turned =
        transpose(site, split, crd ? List.of(0, 1, 3, 5, 2, 4) : List.of(0, 3, 5, 1, 2, 4));
    site.give(parts(site, turned, d[0], d[1] * b * b, d[2] / b, d[3] / b));
  }

  /** Returns the four extents of maps, the first 1 where it is that of the batch. */
  private static int[] maps(Value x, int block) throws Unsupported {
    if (x.rank() != 4 || block < 1) {
      throw new Unsupported("blocks of " + block + " of " + x.rank() + " axes");
    }
    int[] dims = Site.shape(x).dims();
    return Site.isBatched(x) ? new int[] {1, dims[0], dims[1], dims[2]} : dims;
  }

  private static Value parts(Site site, Value x, int... dims) throws MixedBatch, Unsupported {
    return site.reshape(x, Site.isBatched(x) ? Arrays.copyOfRange(dims, 1, dims.length) : dims);
  }
}
