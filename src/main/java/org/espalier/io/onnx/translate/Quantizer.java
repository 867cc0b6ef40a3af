package org.espalier.io.onnx.translate;

import java.util.Arrays;
import java.util.Optional;
import org.espalier.io.onnx.read.ElementType;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/**
 * Makes real numbers of the whole ones that a node reads, and says of real ones by which whole ones
 * the node gives them. Scales and zero points are inputs of the node, named here by their places.
 */
final class Quantizer {
  private final Site site;

  Quantizer(Site site) {
    this.site = site;
  }

  /**
   * Returns the real numbers that an input's numbers stand for; of known ones those of an axis may
   * have a scale of their own.
   *
   * @param axis that of the scales, if there are several
   * @param blockSize how many of its indices share one, or 0
   */
  Value real(int input, int scale, int zero, long axis, long blockSize)
      throws MixedBatch, Unsupported {
    requireType(input, zero);
    return switch (site.input(input)) {
      case Value.Computed x -> real(x, scale, zero, axis);
      case Value.Wholes known when site.input(scale) instanceof Value.Computed ->
          real(known, scale, zero, axis);
      case Value.Wholes known -> {
        Value.Reals scales = scales(scale);
        yield new Scaling(known.shape(), scales, zeros(zero, scales), axis, blockSize).reals(known);
      }
      case Value.Reals _ ->
          throw new IllegalArgumentException("input " + input + " holds real numbers");
    };
  }

  /** The same of an input that has one scale if it is computed. */
  Value real(int input, int scale, int zero) throws MixedBatch, Unsupported {
    return real(input, scale, zero, 1, 0);
  }

  private Value real(Value x, int scale, int zero, long axis) throws MixedBatch, Unsupported {
    if (site.input(scale) instanceof Value.Reals known && known.values().length == 1) {
      Grid grid = grid(scale, zero);
      if (x instanceof Value.Computed computed
          && computed.grid().scale() == grid.scale()
          && computed.grid().zero() == grid.zero()) {
        return computed.on(Grid.NONE);
      }
    }
    Value number = site.has(zero) ? site.emit(Arithmetic.SUB, x, along(x, zero, axis)) : x;
    return site.emit(Arithmetic.MUL, number, along(x, scale, axis));
  }

  /** Returns an input of one number, or of one for each index of an axis, so that it broadcasts. */
  private Value along(Value x, int input, long axis) throws MixedBatch, Unsupported {
    Value values = site.input(input);
    Shape shape = Site.shape(values);
    if (Site.isBatched(values)) {
      throw new MixedBatch("has a scale for each example");
    }
    if (shape.size() == 1) {
      return site.reshape(values);
    }
    int at = Site.normalAxis(x, axis);
    Shape scaled = Site.shape(x);
    int extent = scaled.dim(Site.axis(x, axis));
    if (shape.rank() != 1 || shape.dim(0) != extent) {
      throw new IllegalArgumentException(
          "input " + input + " of " + shape + ", not " + Shape.of(extent));
    }
    int[] dims = new int[x.rank() - at];
    Arrays.fill(dims, 1);
    dims[0] = extent;
    return site.reshape(values, dims);
  }

  /**
   * Returns an input's numbers less their zero point, on a grid on which 0 stands for 0.
   *
   * @param axis of a zero point for each index
   */
  Value lessZero(int input, int zero, long axis) throws MixedBatch, Unsupported {
    requireType(input, zero);
    Value x = site.input(input);
    if (x instanceof Value.Wholes known
        && (!site.has(zero) || site.input(zero) instanceof Value.Wholes)) {
      Shape shape = site.has(zero) ? Site.shape(site.input(zero)) : Shape.of();
      float[] ones = new float[shape.size()];
      Arrays.fill(ones, 1);
      Value.Reals scales = new Value.Reals(shape, ones);
      Value.Reals less =
          new Scaling(known.shape(), scales, zeros(zero, scales), axis, 0).reals(known);
      return new Value.Reals(less.shape(), less.values(), Value.Steps.ONE);
    }
    if (x instanceof Value.Reals) {
      throw new IllegalArgumentException("input " + input + " holds real numbers");
    }
    return site.has(zero) ? site.emit(Arithmetic.SUB, x, along(x, zero, axis)) : x;
  }

  /**
   * Returns a bias of whole numbers, whose scale is the product of the input's and the weight's.
   *
   * @param factor by which that product is multiplied
   */
  Value.Reals bias(int input, int scale, int weightScale, float factor) throws Unsupported {
    if (!(site.input(input) instanceof Value.Wholes known)) {
      throw new Unsupported("input " + input + ", a bias, isn't constant or not whole");
    }
    Value.Reals one = scales(scale);
    Value.Reals units = scales(weightScale);
    int n = known.values().length;
    if (one.values().length != 1 || (units.values().length != 1 && units.values().length != n)) {
      throw new IllegalArgumentException(
          "a bias " + known.shape() + " of scales " + one.shape() + " and " + units.shape());
    }
    float[] reals = new float[n];
    for (int i = 0; i < n; i++) {
      double step = (double) one.values()[0] * units.values()[units.values().length == 1 ? 0 : i];
      reals[i] = (float) (known.values()[i] * (step * factor));
    }
    return new Value.Reals(known.shape(), reals);
  }

  /** Returns the numbers by which a node gives real ones, of the type of its zero point. */
  Value number(Value real, int scale, int zero) throws MixedBatch, Unsupported {
    return number(real, scale, zero, 1, 0);
  }

  /**
   * The same; of known ones those of an axis may have a scale of their own. What is computed stays
   * real; it is rounded only if that is asked for, but a range that begins or ends at 0 still cuts,
   * since exporters leave out rectifiers before it.
   */
  Value number(Value real, int scale, int zero, long axis, long blockSize)
      throws MixedBatch, Unsupported {
    NumberRange range = NumberRange.of(type(zero));
    if (!(real instanceof Value.Computed computed)) {
      Value.Reals known = Site.reals(real, "a constant");
      Value.Reals scales = scales(scale);
      return new Scaling(known.shape(), scales, zeros(zero, scales), axis, blockSize)
          .numbers(known, range);
    }
    Value.Computed x = site.numbers(computed);
    if (scales(scale).values().length != 1) {
      return channels(x, scale, zero, axis, range);
    }
    Grid grid = grid(scale, zero);
    float low = range.least() - grid.zero();
    float high = range.most() - grid.zero();
    Value cut = x;
    if (site.rounds()) {
      Value.Reals step = new Value.Reals(Shape.of(), grid.scale());
      Value rounded = site.emit(new Activation(Function.ROUND), site.emit(Arithmetic.DIV, x, step));
      cut = site.emit(new Activation(Function.CLIP, low, high), rounded);
      cut = site.emit(Arithmetic.MUL, cut, step);
    } else if (low == 0 && !site.isRectified(x)) {
      cut = site.emit(new Operator.Relu(), x);
    } else if (high == 0) {
      cut = site.emit(new Activation(Function.CLIP, Float.NEGATIVE_INFINITY, 0), x);
    }
    return ((Value.Computed) cut).on(grid);
  }

  /** Channels that each have a scale are on no grid: their numbers are computed. */
  private Value channels(Value x, int scale, int zero, long axis, NumberRange range)
      throws MixedBatch, Unsupported {
    Value number = site.emit(Arithmetic.DIV, x, along(x, scale, axis));
    if (site.rounds()) {
      number = site.emit(new Activation(Function.ROUND), number);
    }
    if (site.has(zero)) {
      zeros(zero, scales(scale));
      number = site.emit(Arithmetic.ADD, number, along(x, zero, axis));
    }
    return site.emit(new Activation(Function.CLIP, range.least(), range.most()), number);
  }

  /** Returns the type of numbers that a node gives: that of its zero point, or what it says. */
  private ElementType type(int zero) throws Unsupported {
    if (site.has(zero)) {
      Optional<ElementType> type = site.type(zero);
      return type.orElseThrow(() -> new Unsupported("a zero point of unknown type"));
    }
    long said = site.node().integer("output_dtype", 0);
    return said == 0
        ? ElementType.UINT8
        : ElementType.ofCode(said).orElseThrow(() -> new Unsupported("output_dtype " + said));
  }

  /** Returns a scale and zero point that are one for all. */
  private Grid grid(int scale, int zero) throws Unsupported {
    Value.Reals scales = scales(scale);
    return new Grid(scales.values()[0], zeros(zero, scales)[0]);
  }

  /** Returns scales that must be known and above 0. */
  Value.Reals scales(int input) throws Unsupported {
    if (!(site.input(input) instanceof Value.Reals known)) {
      throw new Unsupported("input " + input + ", a scale, isn't constant or not real");
    }
    for (float scale : known.values()) {
      if (!(scale > 0 && scale <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException("a scale of " + scale);
      }
    }
    return known;
  }

  /** Returns zero points that must be known, one for each scale. */
  long[] zeros(int input, Value.Reals scales) throws Unsupported {
    if (!site.has(input)) {
      return new long[scales.values().length];
    }
    if (!(site.input(input) instanceof Value.Wholes known)) {
      throw new Unsupported("input " + input + ", a zero point, isn't constant or not whole");
    }
    if (known.values().length != scales.values().length
        || (known.values().length != 1 && !known.shape().equals(scales.shape()))) {
      throw new IllegalArgumentException(
          "zero points " + known.shape() + " of scales " + scales.shape());
    }
    return known.values();
  }

  /** Refuses zero points of another type than the numbers. */
  private void requireType(int input, int zero) {
    Optional<ElementType> type = site.type(input);
    Optional<ElementType> other = site.type(zero);
    if (type.isPresent() && other.isPresent() && type.get() != other.get()) {
      throw new IllegalArgumentException(
          "a zero point of type " + other.get() + " for numbers of type " + type.get());
    }
  }
}
