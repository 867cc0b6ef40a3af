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

/**
 * What ONNX Runtime's quantisation writes besides ONNX's own operators, in a domain of its own:
 * operators of real numbers over whole ones that stand for them.
 */
final class MicrosoftRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  private static final String DOMAIN = "com.microsoft.";

  static {
    put("QuantizeLinear", QuantizationRules::quantize);
    put("DequantizeLinear", QuantizationRules::dequantize);
    put("QLinearAdd", site -> binary(site, Arithmetic.ADD));
    put("QLinearMul", site -> binary(site, Arithmetic.MUL));
    put("QLinearConcat", MicrosoftRules::concat);
    put("QLinearSigmoid", site -> unary(site, x -> site.emit(new Activation(Function.SIGMOID), x)));
    put(
        "QLinearLeakyRelu",
        site -> {
          float slope = site.node().real("alpha", 0.01f);
          unary(site, x -> site.emit(new Activation(Function.LEAKY_RELU, slope, 0), x));
        });
    put(
        "QLinearSoftmax",
        site -> {
          long opset = site.node().integer("opset", 0);
          unary(site, x -> ReductionRules.softmax(site, x, opset, false));
        });
    put("QLinearAveragePool", site -> pool(site, x -> PoolRules.pool(site, x, false)));
    put(
        "QLinearGlobalAveragePool",
        site -> pool(site, x -> PoolRules.global(site, x, Reduction.Kind.MEAN)));
    put("QGemm", MicrosoftRules::gemm);
    put("MatMulIntegerToFloat", MicrosoftRules::matMulIntegerToFloat);
    put("DynamicQuantizeMatMul", MicrosoftRules::dynamicMatMul);
  }

  private MicrosoftRules() {}

  private static void put(String name, Rule rule) {
    ALL.put(DOMAIN + name, rule);
  }

  /** What is made of real numbers. */
  @FunctionalInterface
  private interface OfReal {
    Value of(Value x) throws MixedBatch, Unsupported;
  }

  private static void unary(Site site, OfReal function) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    site.give(quantizer.number(function.of(quantizer.real(0, 1, 2)), 3, 4));
  }

  private static void pool(Site site, OfReal function) throws MixedBatch, Unsupported {
    if (site.node().integer("channels_last", 0) != 0) {
      throw new Unsupported("channels_last");
    }
    unary(site, function);
  }

  private static void binary(Site site, Arithmetic function) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    Value a = quantizer.real(0, 1, 2);
    Value b = quantizer.real(3, 4, 5);
    site.give(quantizer.number(ElementwiseRules.binary(site, function, a, b), 6, 7));
  }

  private static void concat(Site site) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    List<Value> values = new ArrayList<>();
    for (int i = 2; i < site.inputs(); i += 3) {
      values.add(quantizer.real(i, i + 1, i + 2));
    }
    if (values.isEmpty()) {
      throw new IllegalArgumentException("nothing to put together");
    }
    Value all = MovementRules.concat(site, values, site.node().integer("axis", 0));
    site.give(quantizer.number(all, 0, 1));
  }

  /** Without a scale the result is real. */
  private static void gemm(Site site) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    Value a = quantizer.real(0, 1, 2);
    boolean transposed = site.node().integer("transB", 0) != 0;
    Value b = quantizer.real(3, 4, 5, transposed ? 0 : 1, 0);
    float alpha = site.node().real("alpha", 1);
    Optional<Value> bias =
        site.has(6) ? Optional.of(quantizer.bias(6, 1, 4, alpha)) : Optional.empty();
    Value product = LayerRules.gemm(site, a, b, bias);
    site.give(site.has(7) ? quantizer.number(product, 7, 8) : product);
  }

  private static void matMulIntegerToFloat(Site site) throws MixedBatch, Unsupported {
    Quantizer quantizer = new Quantizer(site);
    Value a = quantizer.real(0, 2, 4);
    giveSum(site, LayerRules.matMul(site, a, quantizer.real(1, 3, 5, -1, 0)), 6);
  }

  private static void dynamicMatMul(Site site) throws MixedBatch, Unsupported {
    Value b = new Quantizer(site).real(1, 2, 3, -1, 0);
    List<Value> parts = QuantizationRules.dynamic(site, site.input(0));
    Value number = site.emit(Arithmetic.SUB, parts.get(0), parts.get(2));
    Value a = site.emit(Arithmetic.MUL, number, parts.get(1));
    giveSum(site, LayerRules.matMul(site, a, b), 4);
  }

  private static void giveSum(Site site, Value product, int bias) throws MixedBatch, Unsupported {
    site.give(
        site.has(bias)
            ? ElementwiseRules.binary(site, Arithmetic.ADD, product, site.input(bias))
            : product);
  }
}
