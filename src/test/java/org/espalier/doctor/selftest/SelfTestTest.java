package org.espalier.doctor.selftest;

import static org.espalier.kernel.KernelAssertions.assertAllocateNothing;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.espalier.kernel.KernelAssertions;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.LossKernels;
import org.espalier.kernel.scalar.ScalarLoss;
import org.espalier.kernel.simd.SimdLoss;
import org.espalier.kernel.simd.SimdOptimizer;
import org.espalier.kernel.simd.SimdPointwise;
import org.espalier.kernel.simd.SimdRandom;
import org.espalier.kernel.simd.SimdVector;
import org.espalier.kernel.simd.conv.SimdConv;
import org.espalier.kernel.simd.conv.SimdLayout;
import org.espalier.kernel.simd.conv.SimdNorm;
import org.espalier.kernel.simd.conv.SimdPool;
import org.espalier.kernel.simd.gemm.SimdGemm;
import org.espalier.kernel.simd.select.SimdSelect;
import org.espalier.kernel.simd.sparse.SimdSparse;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every implementation of every contract against the specification, with the cases of the
 * self-tests: at every length, and many more of them.
 */
class SelfTestTest {
  /** Rounds in which the kernels meet every length two dozen times. */
  private static final int ROUNDS = 2000;

  /** Rounds where a round takes long, and lengths mean nothing. */
  private static final int FEW_ROUNDS = 300;

  private static final Set<String> SLOW = Set.of("gemm", "conv", "sparse");

  static Stream<Named<SelfTest<?>>> families() {
    return Stream.of(
            SelfTests.vector(new SimdVector()),
            SelfTests.pointwise(new SimdPointwise()),
            SelfTests.gemm(new SimdGemm()),
            SelfTests.conv(new SimdConv()),
            SelfTests.loss(new SimdLoss()),
            SelfTests.optimizer(new SimdOptimizer()),
            SelfTests.select(new SimdSelect()),
            SelfTests.random(new SimdRandom()),
            SelfTests.sparse(new SimdSparse()),
            SelfTests.norm(new SimdNorm()),
            SelfTests.pool(new SimdPool()),
            SelfTests.layout(new SimdLayout()))
        .map(test -> Named.of(test.family(), test));
  }

  /** Those whose calls need no matrix or scratch of a size that the implementation decides. */
  static Stream<Named<SelfTest<?>>> familiesWithoutPreparation() {
    return families()
        .filter(family -> !SLOW.contains(family.getName()) && !family.getName().equals("select"));
  }

  @ParameterizedTest
  @MethodSource("families")
  <K> void simdEqualsTheSpecificationBitForBit(SelfTest<K> test) {
    int[] lengths = KernelAssertions.lengths().toArray();
    int rounds = SLOW.contains(test.family()) ? FEW_ROUNDS : ROUNDS;
    for (int round = 0; round < rounds; round++) {
      int length = lengths[round % lengths.length];
      Cases<K> cases = test.cases(new SplittableRandom(-1 - round), length);
      String where = "round " + round + ", length " + length;
      assertNull(cases.difference(test.specification(), test.kernels()), where);
    }
  }

  @ParameterizedTest
  @MethodSource("familiesWithoutPreparation")
  <K> void simdAllocatesNothing(SelfTest<K> test) {
    Map<String, Runnable> calls = new LinkedHashMap<>();
    // with and without masks and the like
    for (int seed = 0; seed < 8; seed++) {
      String of = ", seed " + seed;
      test.cases(new SplittableRandom(seed), 203)
          .calls()
          .forEach((name, call) -> calls.put(name + of, () -> call.accept(test.kernels())));
    }
    assertAllocateNothing(calls);
  }

  /** Whoever adds a kernel to a contract must add a case. */
  @ParameterizedTest
  @MethodSource("families")
  <K> void noKernelIsForgotten(SelfTest<K> test) {
    Class<?> contract = test.kernels().getClass().getInterfaces()[0];
    Set<String> called = new TreeSet<>();
    @SuppressWarnings("unchecked")
    K recorder =
        (K)
            Proxy.newProxyInstance(
                contract.getClassLoader(),
                new Class<?>[] {contract},
                (proxy, method, args) -> {
                  called.add(method.getName());
                  return invoke(method, test.kernels(), args);
                });
    for (int seed = 0; seed < 40; seed++) {
      test.cases(new SplittableRandom(seed), 40).calls().values().forEach(c -> c.accept(recorder));
    }
    Set<String> kernels =
        Arrays.stream(contract.getMethods())
            .filter(m -> Modifier.isAbstract(m.getModifiers()) && writesOrReads(m))
            .map(Method::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertFalse(kernels.isEmpty());
    kernels.removeAll(called);
    assertEquals(Set.of(), kernels);
  }

  /** A kernel has arrays; other methods say how an implementation wants its operands. */
  private static boolean writesOrReads(Method method) {
    return Arrays.stream(method.getParameterTypes()).anyMatch(Class::isArray);
  }

  private static Object invoke(Method method, Object target, Object[] args) throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void everyFamilyPassesItsSelfTest() {
    for (SelfTest<?> test : SelfTests.all()) {
      SelfTest.Result result = test.run();
      assertNull(result.difference(), () -> test.family() + ": " + result.difference());
      assertTrue(result.passed());
      assertTrue(result.comparisons() >= 400, test.family());
    }
  }

  /** Whoever adds a family to Kernels must add its self-test. */
  @Test
  void noFamilyIsForgotten() {
    List<String> tested = SelfTests.all().stream().map(SelfTest::family).sorted().toList();
    List<String> families =
        Arrays.stream(Kernels.class.getMethods())
            .filter(m -> Modifier.isStatic(m.getModifiers()))
            .map(Method::getName)
            .filter(name -> !name.equals("choice") && !name.equals("probe"))
            .sorted()
            .toList();
    assertEquals(families, tested);
  }

  /** The last value of a row, and the cell behind it. */
  @ParameterizedTest
  @ValueSource(ints = {16, 17})
  void aWrongKernelFailsItsSelfTest(int wrongAt) {
    var specification = new ScalarLoss();
    LossKernels wrong =
        new LossKernels() {
          @Override
          public float softmaxCrossEntropy(
              int n, float[] x, int xo, int label, float smoothing, float[] p, int po) {
            return specification.softmaxCrossEntropy(n, x, xo, label, smoothing, p, po);
          }

          @Override
          public void softmaxCrossEntropyBackward(
              int n,
              float[] p,
              int po,
              int label,
              float smoothing,
              float scale,
              float[] dx,
              int dxo) {
            specification.softmaxCrossEntropyBackward(n, p, po, label, smoothing, scale, dx, dxo);
            if (n == 17) {
              dx[dxo + wrongAt] = Math.nextUp(dx[dxo + wrongAt]);
            }
          }
        };
    SelfTest.Result result = SelfTests.loss(wrong).run();
    assertFalse(result.passed());
    String difference = result.difference();
    assertNotNull(difference);
    assertTrue(
        difference.matches("softmaxCrossEntropyBackward gave .* instead of .* at \\d+"),
        difference);
  }

  @Test
  void aKernelThatThrowsFailsItsSelfTest() {
    LossKernels broken =
        new LossKernels() {
          @Override
          public float softmaxCrossEntropy(
              int n, float[] x, int xo, int label, float smoothing, float[] p, int po) {
            throw new ArrayIndexOutOfBoundsException("index 99");
          }

          @Override
          public void softmaxCrossEntropyBackward(
              int n,
              float[] p,
              int po,
              int label,
              float smoothing,
              float scale,
              float[] dx,
              int dxo) {}
        };
    String difference = SelfTests.loss(broken).run().difference();
    assertNotNull(difference);
    assertTrue(difference.contains("index 99"), difference);
  }
}
