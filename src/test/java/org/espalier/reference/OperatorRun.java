package org.espalier.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.espalier.kernel.KernelAssertions;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/** Runs operators on arrays in whose midst the values lie, between guard cells. */
final class OperatorRun {
  private OperatorRun() {}

  /** Returns what an operator without parameters makes of inputs. */
  static float[] run(Operator operator, List<Shape> shapes, float[]... inputs) {
    return run(operator, Map.of(), shapes, inputs);
  }

  /** Returns what an operator with one input makes of it. */
  static float[] run(Operator operator, Shape shape, float... input) {
    return run(operator, Map.of(), List.of(shape), input);
  }

  /** Returns what an operator makes of inputs; the cells around the output stay as they are. */
  static float[] run(
      Operator operator, Map<String, float[]> parameters, List<Shape> shapes, float[]... inputs) {
    ReferenceKernel kernel = ReferenceKernel.of(operator, shapes, parameters::get);
    float[][] arrays = new float[inputs.length][];
    int[] offsets = new int[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      assertEquals(shapes.get(i).size(), inputs[i].length, "values of input " + i);
      offsets[i] = 3 + i;
      arrays[i] = KernelAssertions.guarded(inputs[i].length + 8 + i);
      System.arraycopy(inputs[i], 0, arrays[i], offsets[i], inputs[i].length);
    }
    int n = operator.outputShape(shapes).size();
    float[] output = KernelAssertions.guarded(n + 9);
    kernel.compute(arrays, offsets, output, 5);
    for (int i : IntStream.concat(IntStream.range(0, 5), IntStream.range(5 + n, n + 9)).toArray()) {
      assertEquals(KernelAssertions.GUARD, output[i], "a cell that isn't the output's");
    }
    return Arrays.copyOfRange(output, 5, 5 + n);
  }

  /** Returns 1, 2, 3 and so on. */
  static float[] ascending(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = i + 1;
    }
    return x;
  }

  /** Returns normal numbers. */
  static float[] random(long seed, int n) {
    Random random = new Random(seed);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  /** Returns small whole numbers, of which sums of products are exact in any order. */
  static float[] whole(long seed, int n) {
    Random random = new Random(seed);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextInt(-9, 10);
    }
    return x;
  }

  static void assertBits(float[] expected, float[] actual) {
    KernelAssertions.assertSameBits(
        expected, actual, () -> Arrays.toString(actual) + " for " + Arrays.toString(expected));
  }
}
