package org.espalier.io.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.model.Elementwise;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Resampling.Coordinates;
import org.espalier.model.Resampling.Interpolation;
import org.espalier.model.Resampling.Rounding;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/** A small network for each operator and each of its forms, with odd numbers. */
public final class OperatorGraphs {
  private static final Shape MAPS = Shape.of(4, 7, 6);
  private static final Window UNEVEN = new Window(3, 2, 2, 1, 1, 0, 0, 1, 1, 1);
  private static final Window DILATED = new Window(3, 2, 1, 2, 2, 1, 1, 0, 2, 3);
  private static final String X = Graph.INPUT;
  private static final String Y = "other";

  private final Map<String, Graph> graphs = new LinkedHashMap<>();

  private OperatorGraphs() {}

  /** Returns the networks by what they show. */
  public static Map<String, Graph> all() {
    OperatorGraphs all = new OperatorGraphs();
    all.layers();
    all.pools();
    all.elementwise();
    all.movements();
    all.reductions();
    all.products();
    all.resamplings();
    all.structures();
    all.graphs.values().forEach(OperatorGraphs::fill);
    return all.graphs;
  }

  private void add(String name, Graph.Builder net) {
    if (graphs.put(name, net.build()) != null) {
      throw new AssertionError(name);
    }
  }

  private void one(String name, Shape shape, Operator operator) {
    add(name, Graph.input(shape).add("y", operator));
  }

  private void two(String name, Shape x, Shape y, Operator operator) {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put(X, x);
    inputs.put(Y, y);
    add(name, Graph.inputs(inputs).add("y", operator, List.of(X, Y)));
  }

  private void constantRight(String name, Shape x, Shape y, Operator operator) {
    Graph.Builder net = Graph.input(x);
    net.add("c", new Movement.Constant(y), List.of());
    add(name, net.add("y", operator, List.of(X, "c")));
  }

  private void constantLeft(String name, Shape x, Shape y, Operator operator) {
    Graph.Builder net = Graph.input(y);
    net.add("c", new Movement.Constant(x), List.of());
    add(name, net.add("y", operator, List.of("c", X)));
  }

  private void layers() {
    one("linear", Shape.of(5), new Operator.Linear(5, 3));
    one("linear without bias", Shape.of(5), new Operator.Linear(5, 3, false));
    one("linear of rows", Shape.of(2, 4, 5), new Operator.Linear(5, 3));
    one("linear of rows without bias", Shape.of(4, 5), new Operator.Linear(5, 3, false));
    one("conv uneven", MAPS, new Operator.Conv2d(4, 6, UNEVEN, 2, true));
    one("conv dilated", MAPS, new Operator.Conv2d(4, 4, DILATED, 4, false));
    for (Shape shape : List.of(Shape.of(4), Shape.of(4, 3), MAPS, Shape.of(4, 2, 3, 2))) {
      one("batch norm " + shape, shape, new Operator.BatchNorm(4, 0.9, 1e-3));
    }
    one("relu", MAPS, new Operator.Relu());
    one("flatten", MAPS, new Operator.Flatten());
    one("flatten of a number", Shape.of(), new Operator.Flatten());
    one("shortcut", MAPS, new Operator.Shortcut(6, 2));
    one("shortcut of all", MAPS, new Operator.Shortcut(4, 3));
    one("global average pool", MAPS, new Operator.GlobalAveragePool());
    two("plus", MAPS, MAPS, new Operator.Add());
    constantRight("plus constant", MAPS, MAPS, new Operator.Add());
  }

  private void pools() {
    for (boolean ceil : new boolean[] {false, true}) {
      String how = ceil ? " ceil" : "";
      Window wide = new Window(2, 3, 3, 4, 1, 0, 0, 2, 1, 1);
      Window last = Window.of(2, 2, 3, 1); // behind the padding
      for (Window w : List.of(UNEVEN, DILATED, wide, last)) {
        String name = " " + w.height() + w.strideY() + w.strideX() + w.dilationX() + how;
        one("max pool" + name, MAPS, new Operator.MaxPool(w, ceil));
        one("average pool" + name, MAPS, new Operator.AveragePool(w, ceil, true));
        one("average pool uncounted" + name, MAPS, new Operator.AveragePool(w, ceil, false));
      }
    }
  }

  private void elementwise() {
    for (Function function : Function.values()) {
      float a =
          switch (function) {
            case CLIP, THRESHOLDED_RELU -> 0.25f;
            default -> 0.7f;
          };
      float b = 0.9f;
      one(name(function), Shape.of(3, 5), new Elementwise.Activation(function, a, b));
    }
    one("silu", Shape.of(5), new Elementwise.Activation(Function.SWISH, 1, 0));
    float most = Float.POSITIVE_INFINITY;
    one("half-open clip", Shape.of(5), new Elementwise.Activation(Function.CLIP, 0, most));
    for (Arithmetic function : Arithmetic.values()) {
      Operator operator = new Elementwise.Binary(function);
      String name = name(function);
      two(name, Shape.of(3, 4), Shape.of(3, 4), operator);
      two(name + " broadcast", Shape.of(2, 1, 4), Shape.of(3, 1), operator);
      two(name + " of ranks", Shape.of(4), Shape.of(2, 3, 4), operator);
      constantRight(name + " constant", Shape.of(2, 3, 4), Shape.of(3, 1), operator);
      constantRight(name + " number", Shape.of(2, 3), Shape.of(), operator);
      constantLeft(name + " larger constant", Shape.of(2, 3, 4), Shape.of(4), operator);
    }
    Graph.Builder where = Graph.inputs(inputs(Shape.of(2, 1, 4), Shape.of(3, 1)));
    where.add("c", new Movement.Constant(Shape.of(4)), List.of());
    add("where", where.add("y", new Elementwise.Where(), List.of(X, Y, "c")));
    Graph.Builder mask = Graph.inputs(inputs(Shape.of(3, 4), Shape.of(4)));
    mask.add("c", new Movement.Constant(Shape.of(3, 4)), List.of());
    add("where mask", mask.add("y", new Elementwise.Where(), List.of("c", X, Y)));
  }

  private static Map<String, Shape> inputs(Shape x, Shape y) {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put(X, x);
    inputs.put(Y, y);
    return inputs;
  }

  private void movements() {
    two("concat", Shape.of(2, 3), Shape.of(2, 4), new Movement.Concat(1, 2));
    two("concat rows", Shape.of(2, 3), Shape.of(1, 3), new Movement.Concat(0, 2));
    constantRight("concat constant", Shape.of(2, 3), Shape.of(2, 4), new Movement.Concat(1, 2));
    one("concat of one", Shape.of(3), new Movement.Concat(0, 1));
    Graph.Builder thrice = Graph.input(Shape.of(2, 3));
    add("concat thrice", thrice.add("y", new Movement.Concat(0, 3), List.of(X, X, X)));
    one("slice", MAPS, new Movement.Slice(1, 2, 1, 4));
    one("slice by steps", MAPS, new Movement.Slice(2, 1, 2, 3));
    one("slice backwards", MAPS, new Movement.Slice(1, 6, -1, 7));
    one("slice back by steps", MAPS, new Movement.Slice(1, 5, -2, 2));
    one("gather", MAPS, new Movement.Gather(1, List.of(3, 0, 0, 6)));
    for (Movement.Padding padding : Movement.Padding.values()) {
      Operator pad = new Movement.Pad(padding, List.of(0, 2, 1), List.of(1, 3, 0), 0.5f);
      one("pad " + name(padding), MAPS, pad);
    }
    one(
        "pad infinite",
        Shape.of(3),
        new Movement.Pad(
            Movement.Padding.CONSTANT, List.of(1), List.of(0), Float.NEGATIVE_INFINITY));
    one("transpose", MAPS, new Movement.Transpose(List.of(2, 0, 1)));
    one("reshape", MAPS, new Movement.Reshape(Shape.of(8, 21)));
    one("reshape to a number", Shape.of(1, 1), new Movement.Reshape(Shape.of()));
    one("expand", Shape.of(3, 1), new Movement.Expand(Shape.of(2, 1, 4)));
    one("expand less", Shape.of(2, 3, 4), new Movement.Expand(Shape.of(1, 4)));
  }

  private void reductions() {
    for (Reduction.Kind kind : Reduction.Kind.values()) {
      one("reduce " + name(kind), MAPS, new Reduction.Reduce(kind, List.of(0, 2), true));
      one("reduce " + name(kind) + " away", MAPS, new Reduction.Reduce(kind, List.of(1), false));
      one(
          "reduce " + name(kind) + " of all",
          MAPS,
          new Reduction.Reduce(kind, List.of(0, 1, 2), false));
      one(
          "reduce " + name(kind) + " of none",
          Shape.of(3),
          new Reduction.Reduce(kind, List.of(), true));
    }
    for (boolean log : new boolean[] {false, true}) {
      for (int axis = 0; axis < 3; axis++) {
        one("softmax " + axis + (log ? " log" : ""), MAPS, new Reduction.Softmax(axis, log));
      }
    }
    one("standardize maps", MAPS, new Reduction.Standardize(List.of(1, 2), 1e-3));
    one("standardize rows", MAPS, new Reduction.Standardize(List.of(2), 1e-5));
    one("standardize all", MAPS, new Reduction.Standardize(List.of(0, 1, 2), 1e-5));
    one("standardize a vector", Shape.of(9), new Reduction.Standardize(List.of(0), 1e-5));
    one("standardize columns", Shape.of(4, 9), new Reduction.Standardize(List.of(1), 1e-5));
    one("standardize nothing", Shape.of(4), new Reduction.Standardize(List.of(), 1e-5));
    for (Shape shape : List.of(Shape.of(6), Shape.of(6, 4), Shape.of(6, 4, 3))) {
      one("local response " + shape, shape, new Reduction.LocalResponse(3, 0.1f, 0.75f, 1.5f));
    }
  }

  private void products() {
    int[][][] pairs = {
      {{3}, {3}},
      {{3}, {3, 4}},
      {{2, 3}, {3}},
      {{2, 3}, {3, 4}},
      {{5, 2, 3}, {3, 4}},
      {{2, 3}, {5, 3, 4}},
      {{3}, {5, 3, 4}},
      {{5, 2, 3}, {3}},
      {{5, 1, 2, 3}, {6, 3, 4}},
      {{6, 2, 3}, {5, 1, 3, 4}},
      {{1, 2, 3}, {5, 3, 4}}
    };
    for (int[][] pair : pairs) {
      Shape x = Shape.of(pair[0]);
      Shape y = Shape.of(pair[1]);
      String name = "product " + x + y;
      two(name, x, y, new Reduction.MatMul());
      constantLeft(name + " constant left", x, y, new Reduction.MatMul());
      constantRight(name + " constant right", x, y, new Reduction.MatMul());
    }
  }

  private void resamplings() {
    List<List<Integer>> sizes = List.of(List.of(4, 14, 18), List.of(4, 3, 4), List.of(4, 9, 8));
    for (List<Integer> size : sizes) {
      List<Float> scales = new ArrayList<>();
      for (int i = 0; i < size.size(); i++) {
        scales.add((float) size.get(i) / MAPS.dim(i));
      }
      for (Coordinates coordinates : Coordinates.values()) {
        String name = " " + size + " " + name(coordinates);
        for (Rounding rounding : Rounding.values()) {
          one(
              "nearest" + name + " " + name(rounding),
              MAPS,
              resize(size, scales, Interpolation.NEAREST, coordinates, rounding));
        }
        for (Interpolation way : List.of(Interpolation.LINEAR, Interpolation.CUBIC)) {
          one(name(way) + name, MAPS, resize(size, scales, way, coordinates, Rounding.FLOOR));
        }
      }
    }
    one(
        "resize by a scale",
        MAPS,
        resize(
            List.of(4, 10, 9),
            List.of(1f, 1.5f, 1.6f),
            Interpolation.LINEAR,
            Coordinates.HALF_PIXEL,
            Rounding.FLOOR));
    one(
        "cubic inside",
        MAPS,
        new Resampling.Resize(
            List.of(4, 14, 12),
            List.of(1f, 2f, 2f),
            Interpolation.CUBIC,
            Coordinates.HALF_PIXEL,
            Rounding.FLOOR,
            -0.5f,
            true));
    one(
        "resize a row",
        Shape.of(3, 5),
        resize(
            List.of(3, 10),
            List.of(1f, 2f),
            Interpolation.LINEAR,
            Coordinates.ASYMMETRIC,
            Rounding.FLOOR));
    Shape maps = Shape.of(4, 5, 4);
    one(
        "conv transpose",
        maps,
        new Resampling.ConvTranspose2d(
            4, 6, new Window(3, 2, 2, 3, 1, 0, 0, 1, 1, 1), 1, 2, 2, true));
    one(
        "conv transpose dilated",
        maps,
        new Resampling.ConvTranspose2d(
            4, 3, new Window(3, 2, 1, 1, 0, 1, 2, 0, 2, 3), 0, 0, 1, false));
  }

  private static Operator resize(
      List<Integer> sizes,
      List<Float> scales,
      Interpolation interpolation,
      Coordinates coordinates,
      Rounding rounding) {
    return new Resampling.Resize(
        sizes, scales, interpolation, coordinates, rounding, -0.75f, false);
  }

  private void structures() {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put("image", MAPS);
    inputs.put("row", Shape.of(6));
    Graph.Builder net = Graph.inputs(inputs);
    net.add("sum", new Elementwise.Binary(Arithmetic.ADD), List.of("image", "row"));
    net.add("low", new Reduction.Reduce(Reduction.Kind.MIN, List.of(1, 2), false), List.of("sum"));
    net.add("table", new Movement.Constant(Shape.of(2, 3)), List.of());
    net.add("flat", new Operator.Flatten(), List.of("table"));
    net.add("positive", new Operator.Relu(), List.of("flat"));
    add("inputs and outputs", net.output("sum").output("low").output("flat").output("positive"));
    Graph.Builder constant = Graph.input(Shape.of(4, 5));
    constant.add("maps", new Movement.Constant(MAPS), List.of());
    constant.add("pooled", new Operator.GlobalAveragePool(), List.of("maps"));
    constant.add("row", new Movement.Reshape(Shape.of(4, 1)), List.of("pooled"));
    constant.add("rows", new Operator.Linear(1, 5), List.of("row"));
    add("layers of constants", constant.add("y", new Operator.Add(), List.of("rows", X)));
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Sets all parameters. */
  private static void fill(Graph graph) {
    SplittableRandom random = new SplittableRandom(7);
    for (Parameter p : graph.parameters()) {
      double least = p.kind() == Parameter.Kind.VARIANCE ? 0.5 : -1;
      float[] values = new float[p.value().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = draw(random, least);
      }
      Tensor t = p.value();
      t.copyFrom(values);
    }
  }

  /** Returns numbers for each input, some of them whole and some equal. */
  public static Map<String, float[]> inputs(Graph graph, int examples) {
    SplittableRandom random = new SplittableRandom(11);
    Map<String, float[]> inputs = new LinkedHashMap<>();
    graph
        .inputs()
        .forEach(
            (name, shape) -> {
              float[] values = new float[examples * shape.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = draw(random, -2);
              }
              inputs.put(name, values);
            });
    return inputs;
  }

  private static float draw(SplittableRandom random, double least) {
    double value = random.nextDouble(least, 2);
    return random.nextInt(4) == 0 && least < 0 ? (float) Math.rint(2 * value) / 2 : (float) value;
  }
}
