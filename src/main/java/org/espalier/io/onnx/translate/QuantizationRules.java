package org.espalier.io.onnx.translate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/**
 * Whole numbers that stand for real ones by a scale and a zero point. Weights become the real
 * numbers, whose zeros are exact. Activations stay real; they are rounded only if that is asked
 * for, but a range that begins or ends at 0 still cuts, since exporters leave out rectifiers before
 * it.
 */
final class QuantizationRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  static {
    ALL.put("QuantizeLinear", QuantizationRules::quantize);
    ALL.put("DequantizeLinear", QuantizationRules::dequantize);
  }

  private QuantizationRules() {}

  /** What stays is the real value: what dequantises it later gets it as it is. */
  private static void quantize(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    if (!(x instanceof Value.Computed)) {
      throw new Unsupported("a constant is quantised");
    }
    Value.Reals scale = site.reals(1);
    if (scale.values().length != 1) {
      throw new Unsupported("activations with a scale for each channel");
    }
    boolean signed = site.isSigned(2);
    float zero = site.has(2) ? site.reals(2).values()[0] : 0;
    float low = (signed ? Byte.MIN_VALUE : 0) - zero;
    float high = (signed ? Byte.MAX_VALUE : 255) - zero;
    float step = scale.values()[0];
    if (!(step > 0)) {
      throw new IllegalArgumentException("a scale of " + step);
    }
    if (site.options().exactQuantization()) {
      Value steps = site.emit(Arithmetic.DIV, x, new Value.Reals(Shape.of(), step));
      Value rounded = site.emit(new Activation(Function.ROUND), steps);
      Value cut = site.emit(new Activation(Function.CLIP, low, high), rounded);
      site.give(site.emit(Arithmetic.MUL, cut, new Value.Reals(Shape.of(), step)));
    } else if (low == 0) {
      site.give(site.emit(new Operator.Relu(), x));
    } else if (high == 0) {
      site.give(site.emit(new Activation(Function.CLIP, Float.NEGATIVE_INFINITY, 0), x));
    } else {
      site.give(x);
    }
  }

  private static void dequantize(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    if (x instanceof Value.Computed) {
      site.give(x);
      return;
    }
    if (!(x instanceof Value.Wholes known)) {
      throw new IllegalArgumentException("real numbers are dequantised");
    }
    float[] scale = site.reals(1).values();
    float[] zero = site.has(2) ? site.reals(2).values() : new float[scale.length];
    int[] dims = known.shape().dims();
    int outer = known.values().length;
    int inner = 1;
    int extent = 1;
    int block = 1;
    if (scale.length > 1) {
      int axis = Site.normalAxis(x, site.node().integer("axis", 1));
      extent = dims[axis];
      inner = Shape.of(Arrays.copyOfRange(dims, axis + 1, dims.length)).size();
      outer = extent * inner == 0 ? 0 : known.values().length / (extent * inner);
      block = Math.toIntExact(Math.max(1, site.node().integer("block_size", 0)));
      boolean blocks = block > 1 && scale.length != extent;
      long expected = blocks ? (long) outer * Math.ceilDiv(extent, block) * inner : extent;
      if (scale.length != expected || zero.length != scale.length) {
        throw new IllegalArgumentException(
            scale.length + " scales and " + zero.length + " zero points, not " + expected);
      }
      block = blocks ? block : 0;
    }
    float[] reals = new float[known.values().length];
    for (int i = 0; i < reals.length; i++) {
      int at = 0;
      if (scale.length > 1) {
        int along = i / inner % extent;
        at =
            block == 0
                ? along
                : (i / (inner * extent) * Math.ceilDiv(extent, block) + along / block) * inner
                    + i % inner;
      }
      reals[i] = (known.values()[i] - zero[at]) * scale[at];
    }
    site.give(new Value.Reals(known.shape(), reals));
  }
}
