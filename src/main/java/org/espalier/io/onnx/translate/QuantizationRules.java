package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Reduction;
import org.espalier.tensor.Shape;

/**
 * Whole numbers that stand for real ones by a scale and a zero point. Weights become the real
 * numbers, whose zeros are exact. Activations stay real, on a {@link Grid} that says what the
 * file's numbers would be; they are rounded only if that is asked for.
 */
final class QuantizationRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  /** Steps between the numbers of a dynamic quantisation. */
  private static final float STEPS = 255;

  static {
    ALL.put("QuantizeLinear", QuantizationRules::quantize);
    ALL.put("DequantizeLinear", QuantizationRules::dequantize);
    ALL.put("DynamicQuantizeLinear", QuantizationRules::quantizeDynamically);
    ALL.put("QLinearConv", QuantizationRules::conv);
    ALL.put("QLinearMatMul", QuantizationRules::matMul);
    ALL.put("ConvInteger", QuantizationRules::convInteger);
    ALL.put("MatMulInteger", QuantizationRules::matMulInteger);
  }

  private QuantizationRules() {}

  static void quantize(Site site) throws MixedBatch, Unsupported {
    long axis = site.node().integer("axis", 1);
    long block = site.node().integer("block_size", 0);
    site.give(new Quantizer(site).number(site.input(0), 1, 2, axis, block));
  }

  static void dequantize(Site site) throws MixedBatch, Unsupported {
    long axis = site.node().integer("axis", 1);
    long block = site.node().integer("block_size", 0);
    site.give(new Quantizer(site).real(0, 1, 2, axis, block));
  }

  private static void quantizeDynamically(Site site) throws MixedBatch, Unsupported {
    List<Value> parts = dynamic(site, site.input(0));
    for (int i = 0; i < parts.size(); i++) {
      site.give(i, parts.get(i));
    }
  }

  /**
   * Returns numbers, their scale and their zero point. What isn't rounded may have any: then they
   * are the values themselves, 1 and 0.
   */
  static List<Value> dynamic(Site site, Value x) throws MixedBatch, Unsupported {
    if (x instanceof Value.Computed computed && !site.rounds()) {
      Value scale = new Value.Reals(Shape.of(), 1);
      Value zero = new Value.Wholes(Shape.of(), 0);
      return List.of(site.numbers(computed).on(Grid.DYNAMIC), scale, zero);
    }
    if (Site.isBatched(x)) {
      throw new MixedBatch("quantises all examples by one scale");
    }
    Value none = new Value.Reals(Shape.of(), 0);
    Value steps = new Value.Reals(Shape.of(), STEPS);
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      axes.add(i);
    }
    Value most = site.emit(new Reduction.Reduce(Reduction.Kind.MAX, axes, false), x);
    Value least = site.emit(new Reduction.Reduce(Reduction.Kind.MIN, axes, false), x);
    least = site.emit(Arithmetic.MIN, least, none);
    Value range = site.emit(Arithmetic.SUB, site.emit(Arithmetic.MAX, most, none), least);
    Value scale = site.emit(Arithmetic.DIV, range, steps);
    // Of zeros alone any scale will do, and 0 would make numbers of them that are none.
    scale = site.emit(Arithmetic.ADD, scale, site.emit(Arithmetic.EQUAL, range, none));
    Value zero = site.emit(Arithmetic.DIV, site.emit(Arithmetic.SUB, none, least), scale);
    zero = site.emit(new Activation(Function.ROUND), zero);
    Value rounded = site.emit(new Activation(Function.ROUND), site.emit(Arithmetic.DIV, x, scale));
    Value number = site.emit(Arithmetic.ADD, rounded, zero);
    return List.of(site.emit(new Activation(Function.CLIP, 0, STEPS), number), scale, zero);
  }

  private static void conv(Site site) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    Value x = quantizer.real(0, 1, 2);
    Value.Reals weight = Site.reals(quantizer.real(3, 4, 5, 0, 0), "a weight");
    Optional<Value.Reals> bias =
        site.has(8) ? Optional.of(quantizer.bias(8, 1, 4, 1)) : Optional.empty();
    site.give(quantizer.number(LayerRules.conv(site, x, weight, bias), 6, 7));
  }

  private static void matMul(Site site) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    Value a = quantizer.real(0, 1, 2, -2, 0);
    Value b = quantizer.real(3, 4, 5, -1, 0);
    site.give(quantizer.number(LayerRules.matMul(site, a, b), 6, 7));
  }

  private static void convInteger(Site site) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    Value x = quantizer.lessZero(0, 2, 1);
    Value.Reals weight = Site.reals(quantizer.lessZero(1, 3, 0), "a weight");
    site.give(LayerRules.conv(site, x, weight, Optional.empty()));
  }

  private static void matMulInteger(Site site) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    Value a = quantizer.lessZero(0, 2, -2);
    site.give(LayerRules.matMul(site, a, quantizer.lessZero(1, 3, -1)));
  }
}
