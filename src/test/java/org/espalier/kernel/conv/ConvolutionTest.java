package org.espalier.kernel.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.KernelAssertions;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.scalar.ScalarConv;
import org.espalier.kernel.simd.Lanes;
import org.espalier.kernel.simd.conv.SimdConv;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConvolutionTest {
  /** Named, not chosen: these tests are of the vector kernels wherever they run. */
  private static final ConvKernels SIMD = new SimdConv();

  private static final int[] THREADS = {1, 2, 3};
  private static ThreadPool[] pools = {};

  @BeforeAll
  static void startPools() {
    pools = Arrays.stream(THREADS).mapToObj(ThreadPool::new).toArray(ThreadPool[]::new);
  }

  @AfterAll
  static void closePools() {
    for (ThreadPool w : pools) {
      w.close();
    }
  }

  private static ThreadPool pool(SplittableRandom random) {
    return pools[random.nextInt(pools.length)];
  }

  private static ConvCase anyCase(SplittableRandom random) {
    double hostility = random.nextInt(3) == 0 ? 0.02 : 0;
    return new ConvCase(random, ConvCase.anyGeometry(random), random.nextInt(1, 50), hostility);
  }

  /** The vector kernels, or the scalar ones with tiles of any size. */
  private static ConvKernels anyKernels(SplittableRandom random) {
    if (random.nextInt(4) > 0) {
      return SIMD;
    }
    return new ScalarConv(
        random.nextInt(1, 9), 4 << random.nextInt(3), random.nextInt(1, 5), random.nextInt(1, 5));
  }

  private static Tensor guarded(Tensor like, Nchw16n planes, int images) {
    Tensor t = planes.over(images, new float[like.data().length]);
    Arrays.fill(t.data(), KernelAssertions.GUARD);
    return t;
  }

  /** Compares the images' values and sees that nothing between the rows was written. */
  private static void assertSameMaps(
      Nchw16n planes, int images, Tensor want, Tensor got, String what) {
    KernelAssertions.assertSameBits(
        ConvCase.values(planes, images, want), ConvCase.values(planes, images, got), () -> what);
    for (int i = 0; i < got.offset(); i++) {
      assertEquals(KernelAssertions.GUARD, got.data()[i], what);
    }
    for (int r = 0; r < got.rows(); r++) {
      for (int i = got.cols(); i < got.ld(); i++) {
        assertEquals(KernelAssertions.GUARD, got.data()[got.row(r) + i], what);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void forwardHasTheBitsOfTheSpecification(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      ConvCase c = anyCase(random);
      Nchw16n out = c.geometry.output();
      BitMask keep = random.nextBoolean() ? c.keep : null;
      Tensor bias = random.nextBoolean() ? c.bias : null;
      Clamp clamp = RandomInputs.clamp(random);
      Tensor want = guarded(c.dy, out, c.images);
      Tensor got = guarded(c.dy, out, c.images);
      ScalarConv.forward(c.geometry, c.images, c.x, c.w, keep, bias, clamp, want);
      new Convolution(c.geometry, c.images, pool(random), anyKernels(random))
          .forward(c.images, c.x, c.w, keep, null, null, bias, clamp, got);
      assertSameMaps(out, c.images, want, got, "seed " + seed + ": " + c);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void inputGradientHasTheBitsOfTheSpecification(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      ConvCase c = anyCase(random);
      Nchw16n in = c.geometry.input();
      BitMask keep = random.nextBoolean() ? c.keep : null;
      boolean resume = random.nextBoolean();
      Tensor want = guarded(c.x, in, c.images);
      if (resume) {
        for (int r = 0; r < want.rows(); r++) {
          System.arraycopy(c.x.data(), c.x.row(r), want.data(), want.row(r), c.x.cols());
        }
      }
      Tensor got = in.over(c.images, want.data().clone());
      ScalarConv.inputGradient(c.geometry, c.images, c.dy, c.w, keep, resume, want);
      new Convolution(c.geometry, c.images, pool(random), anyKernels(random))
          .inputGradient(c.images, c.dy, c.w, keep, null, null, resume, got);
      assertSameMaps(in, c.images, want, got, "seed " + seed + ": " + c);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void weightAndBiasGradientsHaveTheBitsOfTheSpecification(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      ConvCase c = anyCase(random);
      boolean resume = random.nextBoolean();
      Tensor want = resume ? c.w.copy() : guarded(c.w);
      Tensor got = want.copy();
      Convolution conv = new Convolution(c.geometry, 50, pool(random), anyKernels(random));
      String what = "seed " + seed + ": " + c;
      ScalarConv.weightGradient(c.geometry, c.images, c.dy, c.x, resume, want);
      conv.weightGradient(c.images, c.dy, c.x, null, null, resume, got);
      KernelAssertions.assertSameBits(want.data(), got.data(), () -> what);
      Tensor wantBias = c.bias.copy();
      Tensor gotBias = c.bias.copy();
      ScalarConv.biasGradient(c.geometry, c.images, c.dy, resume, wantBias);
      conv.biasGradient(c.images, c.dy, resume, gotBias);
      KernelAssertions.assertSameBits(wantBias.data(), gotBias.data(), () -> what);
    }
  }

  private static Tensor guarded(Tensor like) {
    Tensor t = Tensor.zeros(like.shape());
    t.fill(KernelAssertions.GUARD);
    return t;
  }

  /** What a subset leaves out holds zeros; then the whole product has the same bits. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void subsetsGiveTheBitsOfTheWholeWithZeros(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 40; round++) {
      ConvCase c = new ConvCase(random, ConvCase.anyGeometry(random), random.nextInt(1, 40), 0);
      ConvGeometry g = c.geometry;
      Subset units = random.nextInt(4) == 0 ? null : ConvCase.some(random, g.outputs());
      Subset inputs = random.nextInt(4) == 0 ? null : ConvCase.some(random, g.input().channels());
      clear(c.x, g.input(), inputs);
      clear(c.dy, g.output(), units);
      Convolution conv = new Convolution(g, c.images, pool(random), anyKernels(random));
      Convolution whole = new Convolution(g, c.images, pool(random), SIMD);
      Tensor bias = random.nextBoolean() ? c.bias : null;
      Clamp clamp = RandomInputs.clamp(random);
      boolean resume = random.nextBoolean();
      String what = "seed " + seed + ": " + c;
      for (int again = 0; again < 2; again++) { // the second time with everything
        Subset u = again == 0 ? units : null;
        Subset i = again == 0 ? inputs : null;

        Tensor zeroRows = c.w.copy();
        for (int o = 0; o < g.outputs(); o++) {
          if (u != null && !u.bits().get(0, o)) {
            zeroRows.fillRow(o, 0f);
          }
        }
        Tensor want = guarded(c.dy, g.output(), c.images);
        Tensor got = guarded(c.dy, g.output(), c.images);
        whole.forward(c.images, c.x, zeroRows, null, null, null, bias, clamp, want);
        conv.forward(c.images, c.x, c.w, null, u, i, bias, clamp, got);
        assertSameMaps(g.output(), c.images, want, got, what);

        Tensor start = ConvCase.maps(random, g.input(), c.images, 0);
        Tensor wantDx = g.input().over(c.images, start.data().clone());
        Tensor gotDx = g.input().over(c.images, start.data().clone());
        whole.inputGradient(c.images, c.dy, c.w, null, null, null, resume, wantDx);
        for (int row = 0; row < wantDx.rows(); row++) {
          if (i != null && !i.bits().get(0, row % g.input().channels())) {
            if (resume) {
              System.arraycopy(
                  start.data(), start.row(row), wantDx.data(), wantDx.row(row), start.cols());
            } else {
              wantDx.fillRow(row, 0f);
            }
          }
        }
        conv.inputGradient(c.images, c.dy, c.w, null, u, i, resume, gotDx);
        KernelAssertions.assertSameBits(
            ConvCase.values(g.input(), c.images, wantDx),
            ConvCase.values(g.input(), c.images, gotDx),
            () -> what);

        Tensor wantDw = c.w.copy();
        Tensor gotDw = c.w.copy();
        whole.weightGradient(c.images, c.dy, c.x, null, null, resume, wantDw);
        for (int o = 0; o < g.outputs(); o++) {
          if (u != null && !u.bits().get(0, o)) {
            System.arraycopy(c.w.data(), c.w.row(o), wantDw.data(), wantDw.row(o), c.w.cols());
          }
        }
        conv.weightGradient(c.images, c.dy, c.x, u, i, resume, gotDw);
        KernelAssertions.assertSameBits(wantDw.data(), gotDw.data(), () -> what);
      }
    }
  }

  private static void clear(Tensor maps, Nchw16n planes, @Nullable Subset kept) {
    for (int row = 0; row < maps.rows(); row++) {
      if (kept != null && !kept.bits().get(0, row % planes.channels())) {
        Arrays.fill(maps.data(), maps.row(row), maps.row(row) + maps.cols(), 0f);
      }
    }
  }

  /** Sums in double and the sum of magnitudes, by loops that know no lanes and no tiles. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void isNearTheSumsInDouble(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 40; round++) {
      ConvCase c = new ConvCase(random, ConvCase.anyGeometry(random), random.nextInt(1, 40), 0);
      ConvGeometry g = c.geometry;
      DoubleConv exact = new DoubleConv(c);
      Convolution conv = new Convolution(g, c.images, pool(random), SIMD);
      Tensor y = guarded(c.dy, g.output(), c.images);
      Tensor dx = guarded(c.x, g.input(), c.images);
      Tensor dw = guarded(c.w);
      conv.forward(c.images, c.x, c.w, null, null, null, null, Clamp.NONE, y);
      conv.inputGradient(c.images, c.dy, c.w, null, null, null, false, dx);
      conv.weightGradient(c.images, c.dy, c.x, null, null, false, dw);
      String what = "seed " + seed + ": " + c;
      exact.y.assertNear(ConvCase.values(g.output(), c.images, y), "y, " + what);
      exact.dx.assertNear(ConvCase.values(g.input(), c.images, dx), "dx, " + what);
      exact.dw.assertNear(dw.toArray(), "dw, " + what);
    }
  }

  /** {@code <conv(x), dy> = <x, dX(dy)> = <w, dW(x, dy)>}. */
  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void theGradientsAreAdjoint(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 40; round++) {
      ConvCase c = new ConvCase(random, ConvCase.anyGeometry(random), random.nextInt(1, 40), 0);
      ConvGeometry g = c.geometry;
      Convolution conv = new Convolution(g, c.images, pool(random), SIMD);
      Tensor y = g.output().zeros(c.images);
      Tensor dx = g.input().zeros(c.images);
      Tensor dw = Tensor.zeros(g.outputs(), g.fanIn());
      conv.forward(c.images, c.x, c.w, null, null, null, null, Clamp.NONE, y);
      conv.inputGradient(c.images, c.dy, c.w, null, null, null, false, dx);
      conv.weightGradient(c.images, c.dy, c.x, null, null, false, dw);
      float[] dys = ConvCase.values(g.output(), c.images, c.dy);
      float[] xs = ConvCase.values(g.input(), c.images, c.x);
      double outputs = dot(ConvCase.values(g.output(), c.images, y), dys);
      double inputs = dot(xs, ConvCase.values(g.input(), c.images, dx));
      double weights = dot(c.w.toArray(), dw.toArray());
      DoubleConv exact = new DoubleConv(c);
      double bound = exact.y.bound(dys);
      String what = "seed " + seed + ": " + c;
      assertEquals(outputs, inputs, bound + exact.dx.bound(xs), what);
      assertEquals(outputs, weights, bound + exact.dw.bound(c.w.toArray()), what);
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** Shapes at which several pieces, bands, strips and blocks are needed. */
  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    var random = new SplittableRandom(9);
    for (int[] shape :
        new int[][] {{40, 12, 40, 33}, {3, 33, 20, 49}, {130, 4, 24, 16}, {20, 5, 140, 33}}) {
      Nchw16n in = new Nchw16n(shape[0], shape[1], shape[1]);
      ConvCase c = new ConvCase(random, new ConvGeometry(in, shape[2], 3, 3, 1, 1, 1), shape[3], 0);
      ConvGeometry g = c.geometry;
      Tensor y = g.output().zeros(c.images);
      Tensor dx = in.zeros(c.images);
      Tensor dw = Tensor.zeros(g.outputs(), g.fanIn());
      Tensor db = Tensor.zeros(1, g.outputs());
      ScalarConv.forward(g, c.images, c.x, c.w, null, c.bias, Clamp.RELU, y);
      ScalarConv.inputGradient(g, c.images, c.dy, c.w, null, false, dx);
      ScalarConv.weightGradient(g, c.images, c.dy, c.x, false, dw);
      ScalarConv.biasGradient(g, c.images, c.dy, false, db);
      for (ThreadPool workers : pools) {
        Convolution conv = new Convolution(g, c.images, workers, SIMD);
        String what = workers.threads() + " threads: " + c;
        Tensor got = guarded(c.dy, g.output(), c.images);
        conv.forward(c.images, c.x, c.w, null, null, null, c.bias, Clamp.RELU, got);
        assertSameMaps(g.output(), c.images, y, got, what);
        got = guarded(c.x, in, c.images);
        conv.inputGradient(c.images, c.dy, c.w, null, null, null, false, got);
        assertSameMaps(in, c.images, dx, got, what);
        got = guarded(c.w);
        conv.weightGradient(c.images, c.dy, c.x, null, null, false, got);
        KernelAssertions.assertSameBits(dw.toArray(), got.toArray(), () -> what);
        got = guarded(c.bias);
        conv.biasGradient(c.images, c.dy, false, got);
        KernelAssertions.assertSameBits(db.toArray(), got.toArray(), () -> what);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void allocatesNothing(int pool) {
    assumeTrue(
        Lanes.BITS <= FloatVector.SPECIES_PREFERRED.vectorBitSize(),
        "this CPU has no vectors of " + Lanes.BITS + " bits");
    var random = new SplittableRandom(3);
    Nchw16n in = new Nchw16n(13, 6, 5);
    ConvCase c = new ConvCase(random, new ConvGeometry(in, 21, 3, 3, 1, 1, 1), 45, 0);
    ConvGeometry g = c.geometry;
    Convolution conv = new Convolution(g, c.images, pools[pool], SIMD);
    Tensor y = g.output().zeros(c.images);
    Tensor dx = in.zeros(c.images);
    Tensor dw = Tensor.zeros(g.outputs(), g.fanIn());
    Tensor db = Tensor.zeros(1, g.outputs());
    Subset units = ConvCase.some(random, g.outputs());
    Subset inputs = ConvCase.some(random, in.channels());
    var bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int rounds = 0;
    long allocated;
    do {
      long before = bean.getTotalThreadAllocatedBytes();
      for (int i = 0; i < 100; i++) {
        for (int images = 15; images <= 45; images += 30) {
          conv.forward(images, c.x, c.w, c.keep, units, null, c.bias, Clamp.RELU, y);
          conv.forward(images, c.x, c.w, null, null, inputs, null, Clamp.NONE, y);
          conv.inputGradient(images, c.dy, c.w, c.keep, null, inputs, false, dx);
          conv.inputGradient(images, c.dy, c.w, null, units, null, true, dx);
          conv.weightGradient(images, c.dy, c.x, units, null, false, dw);
          conv.weightGradient(images, c.dy, c.x, null, inputs, true, dw);
          conv.biasGradient(images, c.dy, true, db);
        }
      }
      allocated = bean.getTotalThreadAllocatedBytes() - before;
    } while (allocated > 0 && ++rounds < 10_000);
    assertEquals(0, allocated, THREADS[pool] + " threads");
  }

  @Test
  void refusesWhatDoesNotFit() {
    var random = new SplittableRandom(1);
    Nchw16n in = new Nchw16n(3, 5, 5);
    ConvCase c = new ConvCase(random, new ConvGeometry(in, 4, 3, 3, 1, 1, 1), 20, 0);
    Convolution conv = new Convolution(c.geometry, 20, pools[0], SIMD);
    Tensor y = c.geometry.output().zeros(20);
    assertRefused("21 images", () -> conv.biasGradient(21, y, false, c.bias));
    assertRefused("x is", () -> forward(conv, in.zeros(16), c.w, null, y));
    assertRefused("y is", () -> forward(conv, c.x, c.w, null, in.zeros(20)));
    assertRefused("w is", () -> forward(conv, c.x, Tensor.zeros(4, 26), null, y));
    assertRefused("keep is", () -> forward(conv, c.x, c.w, new BitMask(3, 27), y));
    assertRefused(
        "bias is",
        () -> conv.forward(20, c.x, c.w, null, null, null, Tensor.zeros(1, 3), Clamp.NONE, y));
    assertRefused(
        "units are",
        () -> conv.forward(20, c.x, c.w, null, new Subset(3), null, null, Clamp.NONE, y));
    assertRefused(
        "inputs are",
        () -> conv.forward(20, c.x, c.w, null, null, new Subset(4), null, Clamp.NONE, y));
    assertRefused("rows", () -> forward(conv, Tensor.zeros(6, 26 * 16), c.w, null, y));
  }

  private static void forward(
      Convolution conv, Tensor x, Tensor w, @Nullable BitMask keep, Tensor y) {
    conv.forward(20, x, w, keep, null, null, null, Clamp.NONE, y);
  }

  private static void assertRefused(String reason, Runnable run) {
    String message = assertThrows(IllegalArgumentException.class, run::run).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
