package org.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.data.Dataset;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Zoo;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparsify.DropScope;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.Target;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Long enough for a difference of one bit to spread over all weights, and for what is left of a
 * momentum that nothing feeds any more to become subnormal.
 */
class ThousandStepsTest {
  private static final int STEPS = 1000;
  private static final int DEAD = 3;

  enum Method {
    PLAIN,
    WEIGHT,
    UNIT,
    SILENCED_UNIT,
    BLOCK;

    Sparsifier make() {
      return switch (this) {
        case PLAIN -> Sparsifier.NONE;
        case WEIGHT -> targeted(Granularity.WEIGHT, UnitMode.WEIGHTS);
        case UNIT -> targeted(Granularity.UNIT, UnitMode.WEIGHTS);
        case SILENCED_UNIT -> targeted(Granularity.UNIT, UnitMode.OUTPUT);
        case BLOCK -> targeted(Granularity.BLOCK_4, UnitMode.WEIGHTS);
      };
    }

    private static Sparsifier targeted(Granularity by, UnitMode mode) {
      return new TargetedDropout(
          by,
          new Target.Proportion(Fraction.of("0.75")),
          0.66,
          DropScope.UNIT,
          Ramp.NONE,
          mode,
          Set.of("fc1", "fc2"));
    }
  }

  /** Trains and returns all that later steps would depend on. */
  private static Map<String, Tensor> train(Method method, int threads) {
    Dataset data = Blobs.dataset(600, 3);
    Graph graph = Zoo.mlp(Blobs.SHAPE, 37, 18, Blobs.CLASSES);
    Initializer.HE_NORMAL.initialize(graph, 11);
    for (int unit = 0; unit < DEAD; unit++) {
      graph.parameter("fc1.bias").value().set(0, unit, -1000); // never gets through the rectifier
    }
    try (ThreadPool workers = new ThreadPool(threads)) {
      var options = Blobs.options(1000, 24, new SgdOptions(Blobs.falling(0.05), 0.9, true, 0, 0));
      Trainer trainer =
          new Trainer(graph, method.make(), options, data, data, Blobs.PREPROCESSING, workers);
      Map<String, Tensor> state = trainer.state();
      state.get("momentum/fc1.weight").fill(1e-3f);
      trainer.run(TrainingListener.NONE, () -> trainer.clock().step() == STEPS);
      return state;
    }
  }

  private static String digest(Map<String, Tensor> state) {
    List<String> digests = new ArrayList<>();
    state.forEach((name, t) -> digests.add(name + " " + Arrays.hashCode(t.toArray())));
    return String.join(", ", digests);
  }

  @ParameterizedTest
  @EnumSource
  void threadsAndKernelsDoNotChangeABit(Method method) throws Exception {
    String digest = digest(train(method, 1));
    assertEquals(digest, digest(train(method, 3)));
    assertEquals(digest, inAnotherJvm(method, "-Despalier.kernels=scalar"));
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsSubnormal(Method method) {
    Map<String, Tensor> state = train(method, 1);
    state.forEach(
        (name, t) -> {
          for (float x : t.toArray()) {
            assertTrue(x == 0 || Math.abs(x) >= Float.MIN_NORMAL, name + ": " + x);
          }
        });
    // Without flushing a few of the smallest subnormals would be left, which 0.9 rounds to
    // themselves.
    Tensor momentum = state.get("momentum/fc1.weight");
    for (int unit = 0; unit < DEAD; unit++) {
      for (int c = 0; c < momentum.cols(); c++) {
        assertEquals(0f, momentum.get(unit, c));
      }
    }
  }

  private static String inAnotherJvm(Method method, String flag)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                flag,
                "-cp",
                System.getProperty("java.class.path"),
                Digest.class.getName(),
                method.name())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.strip();
  }

  /** Trains by the method that is named and prints the digest of what came of it. */
  static final class Digest {
    private Digest() {}

    public static void main(String[] args) {
      System.out.println(digest(train(Method.valueOf(args[0]), 1)));
    }
  }
}
