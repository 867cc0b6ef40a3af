package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.model.Column;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Parameter;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/** Small models for tests of files, and what makes two of them equal. */
final class SampleModels {
  /** Values whose bits a careless copy would change. */
  static final float[] HOSTILE = {
    -0f,
    Float.NaN,
    Float.intBitsToFloat(0x7fa00001), // a signalling NaN
    Float.intBitsToFloat(0xffc12345), // a NaN with sign and payload
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE
  };

  /** Those of them that a model may hold. */
  private static final float[] FINITE = {-0f, Float.MIN_VALUE, -Float.MIN_VALUE, 0x1p60f};

  private SampleModels() {}

  /** Returns a matrix in which an element is +0 with probability {@code zeros}. */
  static Tensor matrix(int rows, int cols, double zeros, long seed) {
    Tensor t = Tensor.zeros(Shape.of(rows, cols));
    fill(t, zeros, HOSTILE, new SplittableRandom(seed));
    return t;
  }

  private static void fill(Tensor t, double zeros, SplittableRandom random) {
    fill(t, zeros, FINITE, random);
  }

  private static void fill(Tensor t, double zeros, float[] odd, SplittableRandom random) {
    for (int r = 0; r < t.rows(); r++) {
      for (int c = 0; c < t.cols(); c++) {
        float value =
            random.nextInt(8) == 0
                ? odd[random.nextInt(odd.length)]
                : (float) random.nextDouble(-1, 1);
        t.set(r, c, random.nextDouble() < zeros ? 0 : value);
      }
    }
  }

  /**
   * Returns a perceptron with 24 inputs whose weights lie in a file as CSR, bitmask and dense, if
   * {@code zeros} is near 0.97.
   */
  static Model perceptron(double zeros, long seed) {
    Graph graph =
        Graph.input(Shape.of(1, 4, 6))
            .flatten()
            .linear("fc1", 100)
            .relu()
            .linear("fc2", 8)
            .relu()
            .linear("logits", 3)
            .build();
    SplittableRandom random = new SplittableRandom(seed);
    fill(graph.parameter("fc1.weight").value(), zeros, random);
    fill(graph.parameter("fc1.bias").value(), 0, random);
    fill(graph.parameter("fc2.weight").value(), zeros / 2, random);
    fill(graph.parameter("fc2.bias").value(), 1, random);
    fill(graph.parameter("logits.weight").value(), 0, random);
    fill(graph.parameter("logits.bias").value(), 0, random);
    return new Model(
        graph,
        new Preprocessing.Pixels(0.28604060f, 0.35302424f),
        List.of("shirt \"T\"", "Hose\n", "靴 👢"),
        Map.of("recipe", "{\"epochs\": 3}", "seed", "7", "empty", ""));
  }

  /** Returns a perceptron like {@link #perceptron} that takes the 24 columns of a table. */
  static Model table(double zeros, long seed) {
    Model images = perceptron(zeros, seed);
    List<Column> columns =
        IntStream.range(0, 24)
            .<Column>mapToObj(c -> new Column.Numbers("column " + c, c - 7.5f, 1 + c / 3f))
            .toList();
    return new Model(
        images.graph(), new Preprocessing.Columns(columns), images.classes(), images.provenance());
  }

  /**
   * Returns a model with its weights rounded; of those that don't fit, what is too large became 1
   * before.
   */
  static Model rounded(Model model, Precision precision) {
    Graph graph = model.graph().copy();
    for (Parameter p : graph.parameters()) {
      if (p.kind() == Parameter.Kind.WEIGHT) {
        Tensor t = p.value();
        for (int r = 0; r < t.rows(); r++) {
          for (int c = 0; c < t.cols(); c++) {
            t.set(r, c, Math.abs(t.get(r, c)) <= 1 ? t.get(r, c) : 1);
          }
        }
        t.copyFrom(precision.round(p.name(), t));
      }
    }
    return new Model(graph, model.preprocessing(), model.classes(), model.provenance());
  }

  /** Asserts that two models are the same, bit for bit. */
  static void assertSame(Model want, Model got, String message) {
    assertEquals(want.graph().inputShape(), got.graph().inputShape(), message);
    assertEquals(want.graph().nodes(), got.graph().nodes(), message);
    assertEquals(want.preprocessing(), got.preprocessing(), message);
    assertEquals(want.classes(), got.classes(), message);
    assertEquals(want.provenance(), got.provenance(), message);
    for (Parameter p : want.graph().parameters()) {
      Parameter q = got.graph().parameter(p.name());
      assertEquals(p.kind(), q.kind(), message);
      assertSameBits(p.value(), q.value(), message + ", " + p.name());
    }
    assertEquals(want.graph().parameters().size(), got.graph().parameters().size(), message);
  }

  static void assertSameBits(Tensor want, Tensor got, String message) {
    assertEquals(want.shape(), got.shape(), message);
    assertArrayEquals(bits(want), bits(got), message);
  }

  /** Returns the elements as raw bits, row by row. */
  static int[] bits(Tensor t) {
    int[] bits = new int[t.size()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(t.get(i / t.cols(), i % t.cols()));
    }
    return bits;
  }
}
