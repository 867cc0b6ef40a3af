package org.espalier.io.onnx.translate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;

/** Operators with weights. */
final class LayerRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  static {
    ALL.put("Gemm", LayerRules::gemm);
    ALL.put("MatMul", site -> site.give(matMul(site, site.input(0), site.input(1))));
    ALL.put("Conv", LayerRules::conv);
    ALL.put("ConvTranspose", LayerRules::convTranspose);
    ALL.put("BatchNormalization", LayerRules::batchNorm);
  }

  private LayerRules() {}

  private static void gemm(Site site) throws MixedBatch, Unsupported {
    Optional<Value> c = site.has(2) ? Optional.of(site.input(2)) : Optional.empty();
    site.give(gemm(site, site.input(0), site.input(1), c));
  }

  /** Multiplies two matrices as a node says, and adds a third. */
  static Value gemm(Site site, Value a, Value b, Optional<Value> added)
      throws MixedBatch, Unsupported {
    boolean transA = site.node().integer("transA", 0) != 0;
    boolean transB = site.node().integer("transB", 0) != 0;
    float alpha = site.node().real("alpha", 1);
    float beta = site.node().real("beta", 1);
    if (a.rank() != 2 || b.rank() != 2) {
      throw new IllegalArgumentException("a product of " + a.rank() + " and " + b.rank() + " axes");
    }
    if (Site.isBatched(b)) {
      throw new MixedBatch("sums over examples or multiplies them with each other");
    }
    Value left = transA ? MovementRules.transpose(site, a, List.of(1, 0)) : a;
    Value product;
    if (left instanceof Value.Computed && b instanceof Value.Reals known) {
      Value.Reals rows = transB ? known : transposed(known);
      Value.Reals weight = alpha == 1 ? rows : scaled(rows, alpha);
      Optional<Value.Reals> bias =
          added.isPresent() ? units(added.get(), weight.shape().dim(0), beta) : Optional.empty();
      product = linear(site, left, weight, bias);
      if (added.isEmpty() || bias.isPresent()) {
        return product;
      }
    } else {
      Value right = transB ? MovementRules.transpose(site, b, List.of(1, 0)) : b;
      product = site.emit(new Reduction.MatMul(), left, right);
      if (alpha != 1) {
        product = site.emit(Arithmetic.MUL, product, new Value.Reals(Shape.of(), alpha));
      }
    }
    if (added.isEmpty()) {
      return product;
    }
    Value c = added.get();
    if (beta != 1) {
      c = site.emit(Arithmetic.MUL, c, new Value.Reals(Shape.of(), beta));
    }
    return ElementwiseRules.binary(site, Arithmetic.ADD, product, c);
  }

  /** Multiplies as NumPy does. */
  static Value matMul(Site site, Value a, Value b) throws MixedBatch, Unsupported {
    if (a instanceof Value.Computed x
        && b instanceof Value.Reals known
        && known.rank() == 2
        && x.shape().rank() > 0) {
      return linear(site, a, transposed(known), Optional.empty());
    }
    if (Site.isBatched(a) && Site.isBatched(b) && (a.rank() < 3 || b.rank() < 3)) {
      throw new MixedBatch("multiplies examples with each other");
    }
    if (Site.isBatched(b) && b.rank() < 3) {
      throw new MixedBatch("sums over examples");
    }
    if (Site.isBatched(a) && a.rank() < 3 && b.rank() > 2) {
      throw new MixedBatch("repeats examples");
    }
    return site.emit(new Reduction.MatMul(), a, b);
  }

  private static Value linear(Site site, Value x, Value.Reals weight, Optional<Value.Reals> bias)
      throws MixedBatch, Unsupported {
    Operator.Linear layer =
        new Operator.Linear(weight.shape().dim(1), weight.shape().dim(0), bias.isPresent());
    Map<String, Value.Reals> parameters = new HashMap<>(Map.of(Operator.WEIGHT, weight));
    bias.ifPresent(b -> parameters.put(Operator.BIAS, b));
    return site.emit(layer, List.of(x), parameters);
  }

  private static Value.Reals transposed(Value.Reals matrix) {
    int rows = matrix.shape().dim(0);
    int cols = matrix.shape().dim(1);
    float[] turned = new float[rows * cols];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        turned[c * rows + r] = matrix.values()[r * cols + c];
      }
    }
    Optional<Value.Origin> origin =
        matrix.origin().map(o -> new Value.Origin(o.tensor(), !o.transposed()));
    Optional<Value.Steps> steps = matrix.steps().map(s -> s.transposed(List.of(1, 0)));
    return new Value.Reals(Shape.of(cols, rows), turned, origin, steps);
  }

  private static Value.Reals scaled(Value.Reals values, float factor) {
    float[] scaled = values.values().clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return new Value.Reals(values.shape(), scaled);
  }

  /** Returns a value for each unit, if known values are the same for all rows. */
  static Optional<Value.Reals> units(Value value, int units, float factor) throws Unsupported {
    if (value instanceof Value.Computed) {
      return Optional.empty();
    }
    Value.Reals known = Site.reals(value, "a bias");
    Shape shape = known.shape();
    int last = shape.rank() == 0 ? 1 : shape.dim(shape.rank() - 1);
    if (shape.size() != last || (last != units && last != 1)) {
      return Optional.empty();
    }
    float[] all = new float[units];
    for (int i = 0; i < units; i++) {
      all[i] = known.values()[last == 1 ? 0 : i] * factor;
    }
    boolean same = factor == 1 && last == units;
    return Optional.of(
        new Value.Reals(Shape.of(units), all, same ? known.origin() : Optional.empty()));
  }

  /** Returns the extents of a weight's window, rows first; of one axis, rows are one. */
  private static int[] kernel(Site site, Shape weight) throws Unsupported {
    if (weight.rank() != 3 && weight.rank() != 4) {
      throw new Unsupported(weight.rank() - 2 + " spatial axes");
    }
    int[] kernel = Arrays.copyOfRange(weight.dims(), 2, weight.rank());
    Optional<long[]> said = site.node().integers("kernel_shape");
    for (int i = 0; said.isPresent() && i < kernel.length; i++) {
      if (said.get().length != kernel.length || said.get()[i] != kernel[i]) {
        throw new IllegalArgumentException(
            "kernel_shape " + Arrays.toString(said.get()) + " of a weight " + weight);
      }
    }
    return kernel;
  }

  private static void conv(Site site) throws MixedBatch, Unsupported {
    Optional<Value.Reals> bias = site.has(2) ? Optional.of(site.reals(2)) : Optional.empty();
    site.give(conv(site, site.input(0), site.reals(1), bias));
  }

  /** Convolves by the window of a node. */
  static Value conv(Site site, Value x, Value.Reals weight, Optional<Value.Reals> bias)
      throws MixedBatch, Unsupported {
    Shape w = weight.shape();
    int[] kernel = kernel(site, w);
    int groups = Math.toIntExact(site.node().integer("group", 1));
    int outputs = w.dim(0);
    int inputs = Math.multiplyExact(w.dim(1), groups);
    Map<String, Value.Reals> parameters = new HashMap<>();
    int fanIn = w.size() / Math.max(1, outputs);
    parameters.put(
        Operator.WEIGHT,
        new Value.Reals(
            Shape.of(outputs, fanIn), weight.values(), weight.origin(), weight.steps()));
    bias.ifPresent(b -> parameters.put(Operator.BIAS, b));
    return Spatial.apply(
        site,
        x,
        maps -> {
          int[] extents = Spatial.extents(maps, kernel.length);
          Window window = Spatial.reach(site, kernel, extents).window();
          return site.emit(
              new Operator.Conv2d(inputs, outputs, window, groups, bias.isPresent()),
              List.of(maps),
              parameters);
        });
  }

  private static void convTranspose(Site site) throws MixedBatch, Unsupported {
    Value.Reals weight = site.reals(1);
    Shape w = weight.shape();
    int[] kernel = kernel(site, w);
    int n = kernel.length;
    int groups = Math.toIntExact(site.node().integer("group", 1));
    Map<String, Value.Reals> parameters = new HashMap<>();
    int rows = n == 1 ? 1 : kernel[0];
    parameters.put(
        Operator.WEIGHT,
        new Value.Reals(Shape.of(w.dim(0), w.dim(1), rows, kernel[n - 1]), weight.values()));
    if (site.has(2)) {
      parameters.put(Operator.BIAS, site.reals(2));
    }
    int outputs = Math.multiplyExact(w.dim(1), groups);
    site.give(
        Spatial.apply(
            site,
            site.input(0),
            maps -> {
              int[] extents = Spatial.extents(maps, n);
              int[] more = Spatial.numbers(site, "output_padding", n, 0);
              Window window = transposedWindow(site, kernel, extents, more);
              return site.emit(
                  new Resampling.ConvTranspose2d(
                      w.dim(0),
                      outputs,
                      window,
                      n == 1 ? 0 : more[0],
                      more[n - 1],
                      groups,
                      site.has(2)),
                  List.of(maps),
                  parameters);
            }));
  }

  /** What is cut off is said, or follows from the extents that the output shall have. */
  private static Window transposedWindow(Site site, int[] kernel, int[] extents, int[] more) {
    int n = kernel.length;
    int[] strides = Spatial.numbers(site, "strides", n, 1);
    int[] dilations = Spatial.numbers(site, "dilations", n, 1);
    int[] pads = Spatial.numbers(site, "pads", 2 * n, 0);
    String auto = site.node().text("auto_pad", "NOTSET");
    Optional<long[]> wanted = site.node().integers("output_shape");
    if (wanted.isPresent() && wanted.get().length != n && wanted.get().length != n + 2) {
      throw new IllegalArgumentException(
          "output_shape " + Arrays.toString(wanted.get()) + ", not " + n + " numbers");
    }
    for (int i = 0; i < n; i++) {
      boolean same = auto.startsWith("SAME");
      if (wanted.isPresent() || same) {
        long size =
            wanted.isPresent()
                ? wanted.get()[wanted.get().length - n + i]
                : Math.multiplyExact(extents[i], strides[i]);
        int window = (kernel[i] - 1) * dilations[i] + 1;
        long total = (long) strides[i] * (extents[i] - 1) + more[i] + window - size;
        int all = Math.toIntExact(Math.max(0, total));
        if (total < 0) {
          more[i] = Math.toIntExact(more[i] - total);
        }
        boolean upper = auto.equals("SAME_UPPER");
        pads[i] = upper ? all / 2 : all - all / 2;
        pads[n + i] = all - pads[i];
      }
    }
    return new Spatial.Reach(kernel, strides, pads, dilations).window();
  }

  private static void batchNorm(Site site) throws MixedBatch, Unsupported {
    if (site.node().integer("training_mode", 0) != 0
        || (site.opset() < 9 && site.node().integer("spatial", 1) == 0)) {
      throw new Unsupported("statistics of the batch, or of each pixel");
    }
    List<String> roles =
        List.of(
            Operator.WEIGHT, Operator.BIAS, Operator.BatchNorm.MEAN, Operator.BatchNorm.VARIANCE);
    Map<String, Value.Reals> parameters = new HashMap<>();
    for (int i = 0; i < roles.size(); i++) {
      parameters.put(roles.get(i), site.reals(i + 1));
    }
    Value.Reals variances = site.reals(4);
    double epsilon = Math.max(site.node().real("epsilon", 1e-5f), Float.MIN_NORMAL);
    for (float variance : variances.values()) {
      if (!(variance >= 0)) {
        throw new IllegalArgumentException("a variance of " + variance);
      }
    }
    Value x = site.input(0);
    int channels = variances.shape().size();
    Operator.BatchNorm norm = new Operator.BatchNorm(channels, 0.9, epsilon);
    if (Site.isBatched(x)) {
      site.give(site.emit(norm, List.of(x), parameters));
      return;
    }
    int[] dims = new int[Math.max(1, x.rank() - 1)];
    Arrays.fill(dims, 1);
    dims[0] = channels;
    float[] scale = new float[channels];
    float[] shift = new float[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = site.reals(1).values()[c] * norm.inverseDeviation(variances.values()[c]);
      shift[c] = Math.fma(-site.reals(3).values()[c], scale[c], site.reals(2).values()[c]);
    }
    Value scaled = site.emit(Arithmetic.MUL, x, new Value.Reals(Shape.of(dims), scale));
    site.give(site.emit(Arithmetic.ADD, scaled, new Value.Reals(Shape.of(dims), shift)));
  }
}
