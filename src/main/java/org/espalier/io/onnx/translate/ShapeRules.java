package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.io.onnx.read.ElementType;
import org.espalier.io.onnx.read.OnnxNode;
import org.espalier.io.onnx.read.OnnxTensor;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.tensor.Shape;

/** Constants, shapes, types, and what is computed with them. */
final class ShapeRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  static {
    ALL.put("Constant", ShapeRules::constant);
    ALL.put("ConstantOfShape", ShapeRules::constantOfShape);
    ALL.put("Shape", ShapeRules::shape);
    ALL.put("Size", ShapeRules::size);
    ALL.put("Range", ShapeRules::range);
    ALL.put(
        "Cast", site -> site.give(cast(site.input(0), type(site.node().integer("to", 0)), site)));
    ALL.put("CastLike", ShapeRules::castLike);
    ALL.put("NonZero", ShapeRules::nonZero);
    ALL.put("Mod", ShapeRules::mod);
    ALL.put(
        "IsNaN",
        site ->
            site.give(
                site.emit(
                    new Activation(Function.NOT),
                    site.emit(Arithmetic.EQUAL, site.input(0), site.input(0)))));
  }

  private ShapeRules() {}

  private static void constant(Site site) throws Unsupported {
    OnnxNode node = site.node();
    Optional<OnnxTensor> tensor = node.tensor("value");
    if (tensor.isEmpty()) {
      tensor = node.tensor("sparse_value");
    }
    if (tensor.isPresent()) {
      site.allow(tensor.get().size());
      site.give(Constants.of(tensor.get(), Optional.empty()));
    } else if (node.has("value_float")) {
      site.give(new Value.Reals(Shape.of(), node.real("value_float", 0)));
    } else if (node.has("value_int")) {
      site.give(new Value.Wholes(Shape.of(), node.integer("value_int", 0)));
    } else if (node.has("value_floats")) {
      float[] values = node.reals("value_floats").orElseThrow();
      site.give(new Value.Reals(Shape.of(values.length), values));
    } else if (node.has("value_ints")) {
      long[] values = node.integers("value_ints").orElseThrow();
      site.give(new Value.Wholes(Shape.of(values.length), values));
    } else {
      throw new Unsupported("a constant of texts, or of nothing");
    }
  }

  private static void constantOfShape(Site site) throws MixedBatch, Unsupported {
    long[] dims = site.wholes(0);
    long size = 1;
    for (long dim : dims) {
      if (dim == Value.BATCH) {
        throw new MixedBatch("makes values for each example");
      }
      if (dim < 0) {
        throw new IllegalArgumentException("extents " + Arrays.toString(dims));
      }
      size = Math.multiplyExact(size, dim);
    }
    site.allow(size);
    Shape shape = Constants.shape(dims);
    Optional<OnnxTensor> tensor = site.node().tensor("value");
    if (tensor.isPresent() && tensor.get().type().isWhole()) {
      long[] all = new long[shape.size()];
      Arrays.fill(all, tensor.get().integers()[0]);
      site.give(new Value.Wholes(shape, all));
    } else {
      float[] all = new float[shape.size()];
      Arrays.fill(all, tensor.isPresent() ? tensor.get().floats()[0] : 0);
      site.give(new Value.Reals(shape, all));
    }
  }

  private static void shape(Site site) throws Unsupported {
    Value x = site.input(0);
    int rank = x.rank();
    long start = site.node().integer("start", 0);
    long end = site.node().integer("end", rank);
    int from = Math.clamp(start < 0 ? start + rank : start, 0, rank);
    int to = Math.clamp(end < 0 ? end + rank : end, from, rank);
    int skipped = Site.isBatched(x) ? 1 : 0;
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = i < skipped ? Value.BATCH : Site.shape(x).dim(i - skipped);
    }
    site.give(new Value.Wholes(Shape.of(to - from), Arrays.copyOfRange(dims, from, to)));
  }

  private static void size(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    if (Site.isBatched(x)) {
      throw new MixedBatch("counts the elements of all examples");
    }
    site.give(new Value.Wholes(Shape.of(), Site.shape(x).size()));
  }

  private static void range(Site site) throws MixedBatch, Unsupported {
    if (site.input(0) instanceof Value.Wholes) {
      long start = whole(site, 0);
      long limit = whole(site, 1);
      long step = whole(site, 2);
      if (step == 0) {
        throw new IllegalArgumentException("a range with steps of 0");
      }
      long n = Math.max(0, Math.ceilDiv(Math.subtractExact(limit, start), step));
      site.allow(n);
      long[] values = new long[Math.toIntExact(n)];
      for (int i = 0; i < values.length; i++) {
        values[i] = start + i * step;
      }
      site.give(new Value.Wholes(Shape.of(values.length), values));
      return;
    }
    double start = site.scalar(0, 0);
    double step = site.scalar(2, 1);
    double n = Math.max(0, Math.ceil((site.scalar(1, 0) - start) / step));
    if (!(n <= Integer.MAX_VALUE)) {
      throw new IllegalArgumentException("a range of " + n);
    }
    site.allow((long) n);
    float[] values = new float[(int) n];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (start + i * step);
    }
    site.give(new Value.Reals(Shape.of(values.length), values));
  }

  private static long whole(Site site, int i) throws MixedBatch, Unsupported {
    long[] values = site.wholes(i);
    if (values.length != 1) {
      throw new IllegalArgumentException("input " + i + " has " + values.length + " values");
    }
    if (values[0] == Value.BATCH) {
      throw new MixedBatch("computes with the number of examples");
    }
    return values[0];
  }

  private static ElementType type(long code) throws Unsupported {
    ElementType[] types = ElementType.values();
    if (code <= 0 || code >= types.length || !types[(int) code].isReadable()) {
      throw new Unsupported("type " + (code > 0 && code < types.length ? types[(int) code] : code));
    }
    return types[(int) code];
  }

  /** Real numbers stay as they are whatever their precision; what is computed is real. */
  private static Value cast(Value x, ElementType to, Site site) throws MixedBatch, Unsupported {
    return switch (x) {
      case Value.Computed _ when to == ElementType.BOOL ->
          site.emit(new Activation(Function.NOT), site.emit(new Activation(Function.NOT), x));
      case Value.Computed _ when to.isWhole() -> throw new Unsupported("rounding to " + to);
      case Value.Computed computed -> computed;
      case Value.Reals known when to.isWhole() -> {
        long[] whole = new long[known.values().length];
        for (int i = 0; i < whole.length; i++) {
          float v = known.values()[i];
          whole[i] = to == ElementType.BOOL ? (v == 0 ? 0 : 1) : (long) v;
        }
        yield new Value.Wholes(known.shape(), whole);
      }
      case Value.Reals known -> known;
      case Value.Wholes known when to == ElementType.BOOL -> {
        long[] truth = new long[known.values().length];
        for (int i = 0; i < truth.length; i++) {
          truth[i] = known.values()[i] == 0 ? 0 : 1;
        }
        yield new Value.Wholes(known.shape(), truth);
      }
      case Value.Wholes known when to.isWhole() -> known;
      case Value.Wholes known -> {
        if (known.hasBatch()) {
          throw new MixedBatch("computes with the number of examples");
        }
        yield Site.reals(known, "a constant");
      }
    };
  }

  private static void castLike(Site site) throws MixedBatch, Unsupported {
    Value like = site.input(1);
    site.give(
        cast(
            site.input(0),
            like instanceof Value.Wholes ? ElementType.INT64 : ElementType.FLOAT,
            site));
  }

  private static void nonZero(Site site) throws Unsupported {
    Value.Reals x = site.reals(0);
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < x.values().length; i++) {
      if (x.values()[i] != 0) {
        places.add(i);
      }
    }
    int rank = x.shape().rank();
    site.allow((long) rank * places.size());
    long[] indices = new long[rank * places.size()];
    for (int i = 0; i < places.size(); i++) {
      int left = places.get(i);
      for (int axis = rank - 1; axis >= 0; axis--) {
        indices[axis * places.size() + i] = left % x.shape().dim(axis);
        left /= x.shape().dim(axis);
      }
    }
    site.give(new Value.Wholes(Shape.of(rank, places.size()), indices));
  }

  private static void mod(Site site) throws MixedBatch, Unsupported {
    long x = whole(site, 0);
    long y = whole(site, 1);
    long result = site.node().integer("fmod", 0) != 0 ? x % y : Math.floorMod(x, y);
    site.give(new Value.Wholes(Site.shape(site.input(0)), result));
  }
}
