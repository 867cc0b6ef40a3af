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
import org.espalier.model.Elementwise;
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
    if (tensor.isPresent() && tensor.get().size() != 1) {
      throw new IllegalArgumentException("a value of " + tensor.get().size() + " elements");
    }
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
    return ElementType.ofCode(code).orElseThrow(() -> new Unsupported("type " + code));
  }

  /**
   * Known numbers become exactly what the type holds. What is computed is real, whatever its
   * precision, and stays as it is; it counts as whole only if its operator gives whole numbers.
   */
  private static Value cast(Value x, ElementType to, Site site) throws MixedBatch, Unsupported {
    if (!to.isReadable()) {
      throw new Unsupported("type " + to);
    }
    return switch (x) {
      case Value.Computed _ when to == ElementType.BOOL ->
          site.emit(new Activation(Function.NOT), site.emit(new Activation(Function.NOT), x));
      case Value.Computed computed when site.isTruth(computed) -> computed;
      case Value.Computed computed
          when site.isWhole(computed) && (to == ElementType.INT64 || to == ElementType.INT32) ->
          computed;
      case Value.Computed _ when to.isWhole() -> throw new Unsupported("rounding to " + to);
      case Value.Computed computed -> computed;
      case Value.Reals known when to.isWhole() -> {
        long[] whole = new long[known.values().length];
        for (int i = 0; i < whole.length; i++) {
          float v = known.values()[i];
          whole[i] = to == ElementType.BOOL ? (v == 0 ? 0 : 1) : narrowed((long) v, to);
        }
        yield new Value.Wholes(known.shape(), whole);
      }
      case Value.Reals known -> rounded(known, to, site);
      case Value.Wholes known when to.isWhole() -> {
        long[] values = known.values();
        long[] narrow = new long[values.length];
        for (int i = 0; i < narrow.length; i++) {
          boolean batch = values[i] == Value.BATCH && to != ElementType.BOOL;
          narrow[i] = batch ? Value.BATCH : narrowed(values[i], to);
        }
        yield Arrays.equals(values, narrow) ? known : new Value.Wholes(known.shape(), narrow);
      }
      case Value.Wholes known -> {
        if (known.hasBatch()) {
          throw new MixedBatch("computes with the number of examples");
        }
        yield rounded(Site.reals(known, "a constant"), to, site);
      }
    };
  }

  /** Returns what a type of whole numbers keeps of one. */
  private static long narrowed(long v, ElementType to) {
    return switch (to) {
      case BOOL -> v == 0 ? 0 : 1;
      case UINT4 -> v & 0xf;
      case INT4 -> v << 60 >> 60;
      case UINT8 -> v & 0xff;
      case INT8 -> (byte) v;
      case UINT16 -> v & 0xffff;
      case INT16 -> (short) v;
      case UINT32 -> v & 0xffff_ffffL;
      case INT32 -> (int) v;
      case INT64, UINT64 -> v;
      case UNDEFINED,
          FLOAT,
          STRING,
          FLOAT16,
          DOUBLE,
          COMPLEX64,
          COMPLEX128,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT4E2M1,
          FLOAT8E8M0,
          UINT2,
          INT2 ->
          throw new IllegalArgumentException("no whole numbers: " + to);
    };
  }

  /** Rounds to half precision; a weight that nothing of is lost stays that of the file. */
  private static Value.Reals rounded(Value.Reals known, ElementType to, Site site)
      throws Unsupported {
    if (to != ElementType.FLOAT16 && to != ElementType.BFLOAT16) {
      return known;
    }
    float[] values = known.values();
    site.allow(values.length);
    float[] half = new float[values.length];
    for (int i = 0; i < half.length; i++) {
      half[i] =
          to == ElementType.FLOAT16
              ? Float.float16ToFloat(Float.floatToFloat16(values[i]))
              : brain(values[i]);
    }
    return Arrays.equals(values, half) ? known : new Value.Reals(known.shape(), half);
  }

  /** Rounds to the upper half of the bits, of two equally near to the even one. */
  private static float brain(float v) {
    if (Float.isNaN(v)) {
      return v;
    }
    int bits = Float.floatToRawIntBits(v);
    return Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff_0000);
  }

  /** Where zeros and ones may be truth values or not, it must make no difference. */
  private static void castLike(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    Value like = site.input(1);
    Optional<ElementType> type = site.type(1);
    if (type.isPresent()) {
      site.give(cast(x, type.get(), site));
      return;
    }
    if (like instanceof Value.Wholes known && areTruth(known) && !isTruth(x, site)) {
      throw new Unsupported("a cast to truth values or whole numbers");
    }
    site.give(cast(x, like instanceof Value.Wholes ? ElementType.INT64 : ElementType.FLOAT, site));
  }

  private static boolean areTruth(Value.Wholes known) {
    return Arrays.stream(known.values()).allMatch(v -> v == 0 || v == 1);
  }

  private static boolean isTruth(Value x, Site site) {
    return switch (x) {
      case Value.Computed computed -> site.isTruth(computed);
      case Value.Wholes known -> areTruth(known);
      case Value.Reals known -> {
        boolean truth = true;
        for (float v : known.values()) {
          truth &= v == 0 || v == 1;
        }
        yield truth;
      }
    };
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

  /** The remainder has the sign of the divisor, or with {@code fmod} that of the dividend. */
  private static void mod(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    Value y = site.input(1);
    Value rest = site.emit(Arithmetic.REMAINDER, x, y);
    if (site.node().integer("fmod", 0) == 0) {
      Value zero = new Value.Wholes(Shape.of(), 0);
      Value restBelow = site.emit(Arithmetic.LESS, rest, zero);
      Value otherSign = site.emit(Arithmetic.XOR, restBelow, site.emit(Arithmetic.LESS, y, zero));
      Value moved = site.emit(Arithmetic.AND, rest, otherSign);
      rest = site.emit(new Elementwise.Where(), moved, site.emit(Arithmetic.ADD, rest, y), rest);
    }
    site.give(rest);
  }
}
