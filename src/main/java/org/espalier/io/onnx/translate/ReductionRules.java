package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.espalier.io.onnx.read.ElementType;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Reduction;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** Sums and the like, and normalisations by them. */
final class ReductionRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  /** Since when the axes of all but the sum are an input. */
  private static final int AXES_ARE_INPUT = 18;

  static {
    reduce("ReduceSum", Reduction.Kind.SUM, 13);
    reduce("ReduceMean", Reduction.Kind.MEAN, AXES_ARE_INPUT);
    reduce("ReduceMax", Reduction.Kind.MAX, AXES_ARE_INPUT);
    reduce("ReduceMin", Reduction.Kind.MIN, AXES_ARE_INPUT);
    reduce("ReduceProd", Reduction.Kind.PROD, AXES_ARE_INPUT);
    reduce("ReduceL1", Reduction.Kind.L1, AXES_ARE_INPUT);
    reduce("ReduceL2", Reduction.Kind.L2, AXES_ARE_INPUT);
    reduce("ReduceSumSquare", Reduction.Kind.SUM_SQUARE, AXES_ARE_INPUT);
    reduce("ReduceLogSum", Reduction.Kind.LOG_SUM, AXES_ARE_INPUT);
    reduce("ReduceLogSumExp", Reduction.Kind.LOG_SUM_EXP, AXES_ARE_INPUT);
    ALL.put("Softmax", site -> site.give(softmax(site, site.input(0), site.opset(), false)));
    ALL.put("LogSoftmax", site -> site.give(softmax(site, site.input(0), site.opset(), true)));
    ALL.put("LRN", ReductionRules::localResponse);
    ALL.put("InstanceNormalization", ReductionRules::instance);
    ALL.put("LayerNormalization", ReductionRules::layer);
    ALL.put("GroupNormalization", ReductionRules::group);
    ALL.put("RMSNormalization", ReductionRules::rootMeanSquare);
    ALL.put("MeanVarianceNormalization", ReductionRules::meanVariance);
  }

  private ReductionRules() {}

  private static void reduce(String name, Reduction.Kind kind, int axesAreInput) {
    ALL.put(
        name,
        site -> {
          Value x = site.input(0);
          long[] axes =
              site.opset() >= axesAreInput
                  ? site.has(1) ? site.wholes(1) : new long[0]
                  : site.node().integers("axes").orElse(new long[0]);
          if (axes.length == 0) {
            if (site.node().integer("noop_with_empty_axes", 0) != 0) {
              site.give(site.emit(new Reduction.Reduce(kind, List.of(), true), x));
              return;
            }
            axes = LongStream.range(0, x.rank()).toArray();
          }
          TreeSet<Integer> normal = new TreeSet<>();
          for (long axis : axes) {
            normal.add(Site.axis(x, axis));
          }
          boolean keep = site.node().integer("keepdims", 1) != 0;
          Reduction.Reduce operator = new Reduction.Reduce(kind, List.copyOf(normal), keep);
          boolean none = Site.shape(x).size() == 0;
          boolean truth = site.type(0).equals(Optional.of(ElementType.BOOL));
          site.give(none && truth ? ofNoTruth(site, operator) : site.emit(operator, x));
        });
  }

  /** The largest of no truth values is false, the smallest true. */
  private static Value ofNoTruth(Site site, Reduction.Reduce operator) throws Unsupported {
    Shape shape = operator.outputShape(Site.shape(site.input(0)));
    site.allow(shape.size());
    long[] values = new long[shape.size()];
    Arrays.fill(values, operator.kind() == Reduction.Kind.MIN ? 1 : 0);
    return new Value.Wholes(shape, values);
  }

  /** Up to version 12 all axes from the given one on are one. */
  static Value softmax(Site site, Value x, long opset, boolean log) throws MixedBatch, Unsupported {
    if (opset >= 13) {
      int axis = Site.axis(x, site.node().integer("axis", -1));
      return site.emit(new Reduction.Softmax(axis, log), x);
    }
    int axis = Site.axis(x, site.node().integer("axis", 1));
    Shape shape = Site.shape(x);
    int rows = 1;
    for (int i = 0; i < axis; i++) {
      rows *= shape.dim(i);
    }
    if (axis == shape.rank() - 1) {
      return site.emit(new Reduction.Softmax(axis, log), x);
    }
    Value flat = site.reshape(x, rows, rows == 0 ? 0 : shape.size() / rows);
    return site.reshape(site.emit(new Reduction.Softmax(1, log), flat), shape.dims());
  }

  private static void localResponse(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    Reduction.LocalResponse operator =
        new Reduction.LocalResponse(
            Math.toIntExact(site.node().integer("size", 0)),
            site.node().real("alpha", 1e-4f),
            site.node().real("beta", 0.75f),
            site.node().real("bias", 1));
    if (Site.isBatched(x)) {
      site.give(site.emit(operator, x));
    } else {
      site.give(Spatial.apply(site, x, maps -> site.emit(operator, maps)));
    }
  }

  /** Returns factors and what is added, for each channel where the axes begin with the batch. */
  private static Value scaled(
      Site site, Value x, int axis, @Nullable Value scale, @Nullable Value shift)
      throws MixedBatch, Unsupported {
    Value y = x;
    int behind = Math.max(0, x.rank() - 1 - axis);
    if (scale != null) {
      y = site.emit(Arithmetic.MUL, y, spread(site, scale, behind));
    }
    return shift == null ? y : site.emit(Arithmetic.ADD, y, spread(site, shift, behind));
  }

  private static Value spread(Site site, Value values, int behind) throws MixedBatch, Unsupported {
    Shape shape = Site.shape(values);
    int[] dims = Arrays.copyOf(shape.dims(), shape.rank() + behind);
    Arrays.fill(dims, shape.rank(), dims.length, 1);
    return site.reshape(values, dims);
  }

  private static List<Integer> axesFrom(Value x, long first) throws MixedBatch {
    List<Integer> axes = new ArrayList<>();
    for (int i = Site.normalAxis(x, first); i < x.rank(); i++) {
      axes.add(Site.axis(x, i));
    }
    return axes;
  }

  private static void instance(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    double epsilon = site.node().real("epsilon", 1e-5f);
    Value y = site.emit(new Reduction.Standardize(axesFrom(x, 2), epsilon), x);
    site.give(scaled(site, y, 1, site.reals(1), site.reals(2)));
  }

  private static void layer(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    float epsilon = site.node().real("epsilon", 1e-5f);
    List<Integer> axes = axesFrom(x, site.node().integer("axis", -1));
    Value y = site.emit(new Reduction.Standardize(axes, epsilon), x);
    Value scale = site.has(1) ? site.input(1) : null;
    Value shift = site.has(2) ? site.input(2) : null;
    site.give(scaled(site, y, x.rank() - 1, scale, shift));
    if (site.asks(1) || site.asks(2)) {
      Value mean = site.emit(new Reduction.Reduce(Reduction.Kind.MEAN, axes, true), x);
      site.give(1, mean);
      Value deviations = site.emit(Arithmetic.SUB, x, mean);
      Value root = root(site, deviations, axes, epsilon);
      site.give(2, site.emit(new Activation(Function.RECIPROCAL), root));
    }
  }

  /** Returns the root of the mean of squares and what is added to it. */
  private static Value root(Site site, Value x, List<Integer> axes, float epsilon)
      throws MixedBatch, Unsupported {
    Value squares = site.emit(Arithmetic.MUL, x, x);
    Value mean = site.emit(new Reduction.Reduce(Reduction.Kind.MEAN, axes, true), squares);
    Value more = site.emit(Arithmetic.ADD, mean, new Value.Reals(Shape.of(), epsilon));
    return site.emit(new Activation(Function.SQRT), more);
  }

  private static void group(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    int groups = Math.toIntExact(site.node().integer("num_groups", 1));
    if (x.rank() < 2) {
      throw new IllegalArgumentException("maps of " + x.rank() + " axes");
    }
    Shape shape = Site.shape(x);
    int examples = Site.isBatched(x) ? 1 : shape.dim(0);
    int channels = shape.dim(Site.axis(x, 1));
    site.allowSize(shape);
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(groups + " groups of " + channels + " channels");
    }
    double epsilon = site.node().real("epsilon", 1e-5f);
    int rows = examples * groups;
    Value flat = site.reshape(x, rows, shape.size() / rows);
    Value y = site.emit(new Reduction.Standardize(List.of(1), epsilon), flat);
    Value back = site.reshape(y, shape.dims());
    Value scale = perChannel(site.reals(1), groups, channels);
    site.give(scaled(site, back, 1, scale, perChannel(site.reals(2), groups, channels)));
  }

  /** Up to version 20 there is a number for each group, then for each channel. */
  private static Value perChannel(Value.Reals perGroup, int groups, int channels) {
    int n = perGroup.values().length;
    if (n == channels) {
      return perGroup;
    }
    if (n != groups) {
      throw new IllegalArgumentException(
          n + " numbers for " + groups + " groups of " + channels + " channels");
    }
    float[] all = new float[channels];
    for (int c = 0; c < channels; c++) {
      all[c] = perGroup.values()[c / (channels / groups)];
    }
    return new Value.Reals(Shape.of(channels), all);
  }

  private static void rootMeanSquare(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    List<Integer> axes = axesFrom(x, site.node().integer("axis", -1));
    float epsilon = site.node().real("epsilon", 1e-5f);
    Value y = site.emit(Arithmetic.DIV, x, root(site, x, axes, epsilon));
    site.give(scaled(site, y, x.rank() - 1, site.input(1), null));
  }

  /** The 1e-9 that is added to the deviation, as its square to the variance. */
  private static void meanVariance(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    TreeSet<Integer> axes = new TreeSet<>();
    for (long axis : site.node().integers("axes").orElse(new long[] {0, 2, 3})) {
      axes.add(Site.axis(x, axis));
    }
    site.give(site.emit(new Reduction.Standardize(List.copyOf(axes), 1e-18), x));
  }
}
