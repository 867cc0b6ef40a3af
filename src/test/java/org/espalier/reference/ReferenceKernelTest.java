package org.espalier.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.espalier.kernel.KernelAssertions;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class ReferenceKernelTest {
  private static final Shape MAPS = Shape.of(2, 3, 4);
  private static final Window WINDOW = Window.of(2, 2, 1, 1);

  /** An operator and the shapes of its inputs, one of each kind. */
  private record Sample(Operator operator, List<Shape> shapes) {
    Sample(Operator operator, Shape... shapes) {
      this(operator, List.of(shapes));
    }
  }

  private static List<Sample> samples() {
    List<Sample> all =
        new ArrayList<>(
            List.of(
                new Sample(new Operator.Linear(4, 3), MAPS),
                new Sample(new Operator.Conv2d(2, 2, WINDOW, 1, true), MAPS),
                new Sample(new Operator.BatchNorm(2, 0.9, 1e-5), MAPS),
                new Sample(new Operator.Relu(), MAPS),
                new Sample(new Operator.Add(), MAPS, MAPS),
                new Sample(new Operator.Shortcut(3, 2), MAPS),
                new Sample(new Operator.MaxPool(WINDOW, true), MAPS),
                new Sample(new Operator.AveragePool(WINDOW, true, false), MAPS),
                new Sample(new Operator.GlobalAveragePool(), MAPS),
                new Sample(new Operator.Flatten(), MAPS),
                new Sample(new Elementwise.Where(), MAPS, Shape.of(4), Shape.of()),
                new Sample(new Movement.Concat(1, 2), MAPS, MAPS),
                new Sample(new Movement.Slice(2, 3, -1, 4), MAPS),
                new Sample(new Movement.Gather(1, List.of(2, 0)), MAPS),
                new Sample(new Movement.Transpose(List.of(2, 0, 1)), MAPS),
                new Sample(new Movement.Reshape(Shape.of(24)), MAPS),
                new Sample(new Movement.Expand(Shape.of(2, 2, 3, 4)), MAPS),
                new Sample(new Movement.Constant(MAPS)),
                new Sample(new Reduction.Softmax(1, true), MAPS),
                new Sample(new Reduction.Standardize(List.of(1, 2), 1e-5), MAPS),
                new Sample(new Reduction.LocalResponse(3, 1, 0.75f, 1), MAPS),
                new Sample(new Reduction.MatMul(), MAPS, Shape.of(4, 5)),
                new Sample(new Resampling.ConvTranspose2d(2, 3, WINDOW, 0, 1, 1, true), MAPS)));
    for (Elementwise.Function function : Elementwise.Function.values()) {
      all.add(new Sample(new Elementwise.Activation(function, 1, 1), MAPS));
    }
    for (Elementwise.Arithmetic arithmetic : Elementwise.Arithmetic.values()) {
      all.add(new Sample(new Elementwise.Binary(arithmetic), MAPS, Shape.of(3, 1)));
    }
    for (Movement.Padding padding : Movement.Padding.values()) {
      List<Integer> around = List.of(1, 2, 0);
      all.add(new Sample(new Movement.Pad(padding, around, around, 1), MAPS));
    }
    for (Reduction.Kind kind : Reduction.Kind.values()) {
      all.add(new Sample(new Reduction.Reduce(kind, List.of(0, 2), false), MAPS));
    }
    for (Resampling.Interpolation interpolation : Resampling.Interpolation.values()) {
      all.add(
          new Sample(
              new Resampling.Resize(
                  List.of(2, 6, 3),
                  List.of(1f, 2f, 0.75f),
                  interpolation,
                  Resampling.Coordinates.HALF_PIXEL,
                  Resampling.Rounding.FLOOR,
                  -0.75f,
                  false),
              MAPS));
    }
    return all;
  }

  private static Map<String, float[]> parameters(Operator operator) {
    Map<String, float[]> parameters = new HashMap<>();
    for (Operator.ParameterSpec spec : operator.parameters()) {
      parameters.put(spec.role(), OperatorRun.ascending(spec.shape().size()));
    }
    return parameters;
  }

  private static Runnable call(Sample sample) {
    ReferenceKernel kernel =
        ReferenceKernel.of(sample.operator(), sample.shapes(), parameters(sample.operator())::get);
    float[][] inputs =
        sample.shapes().stream()
            .map(shape -> OperatorRun.random(1, shape.size()))
            .toArray(float[][]::new);
    int[] offsets = new int[inputs.length];
    float[] output = new float[sample.operator().outputShape(sample.shapes()).size()];
    return () -> kernel.compute(inputs, offsets, output, 0);
  }

  private static Stream<Class<?>> kinds(Class<?> type) {
    return type.isSealed()
        ? Stream.of(type.getPermittedSubclasses()).flatMap(ReferenceKernelTest::kinds)
        : Stream.of(type);
  }

  @Test
  void everyOperatorIsSampled() {
    Set<Class<?>> sampled = new HashSet<>();
    samples().forEach(sample -> sampled.add(sample.operator().getClass()));
    assertEquals(kinds(Operator.class).collect(Collectors.toSet()), sampled);
  }

  @Test
  void noOperatorReadsOrWritesWhatIsNotItsOwn() {
    for (Sample sample : samples()) {
      float[][] inputs =
          sample.shapes().stream()
              .map(shape -> OperatorRun.random(1, shape.size()))
              .toArray(float[][]::new);
      Map<String, float[]> parameters = parameters(sample.operator());
      float[] y = OperatorRun.run(sample.operator(), parameters, sample.shapes(), inputs);
      for (float value : y) {
        assertEquals(
            false, Math.abs(value) > 1000, () -> "a guard cell was read by " + sample.operator());
      }
    }
  }

  @Test
  void nothingIsAllocated() {
    Map<String, Runnable> kernels = new HashMap<>();
    samples().forEach(sample -> kernels.put(sample.operator().toString(), call(sample)));
    KernelAssertions.assertAllocateNothing(kernels);
  }

  @Test
  void operatorsThatDontFitAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            ReferenceKernel.of(new Operator.Linear(3, 2), List.of(Shape.of(4)), _ -> new float[6]));
  }
}
