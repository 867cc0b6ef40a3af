package org.espalier.kernel.gemm;

import static org.espalier.kernel.KernelAssertions.assertAllocatesNothing;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.KernelAssertions;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.kernel.gemm.Gemm.Epilogue;
import org.espalier.kernel.gemm.Gemm.Form;
import org.espalier.kernel.scalar.ScalarGemm;
import org.espalier.kernel.simd.gemm.SimdGemm;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fresh-jvm")
class GemmTest {
  /** Named, not chosen: these tests are of the vector kernels wherever they run. */
  private static final GemmKernels SIMD = new SimdGemm();

  private static final int[] THREADS = {1, 2, 3, 7};

  /** Around the borders of tiles, panels, mask words; primes. */
  private static final int[] SIZES = {
    1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 31, 32, 33, 47, 61, 64, 65, 96, 101, 127,
    130
  };

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

  @ParameterizedTest
  @EnumSource(
      value = Epilogue.class,
      names = {"NONE", "MASK"})
  void aProductInPartsHasTheBitsOfTheWhole(Epilogue epilogue) {
    var random = new SplittableRandom(5);
    for (int i = 0; i < 150; i++) {
      int m = SIZES[random.nextInt(SIZES.length)];
      int n = SIZES[random.nextInt(SIZES.length)];
      int k = SIZES[random.nextInt(SIZES.length)];
      var c = new Case(random, Form.TN, epilogue, false, m, n, k, 0.01);
      Gemm gemm = new Gemm(pools[i % pools.length], Form.TN, epilogue, SIMD);
      for (int from = 0; from < k; ) {
        int to = Math.min(k, from + random.nextInt(1, 40));
        gemm.resume(from > 0);
        Tensor a = rows(c.a, from, to);
        Tensor b = rows(c.b, from, to);
        gemm.run(m, n, to - from, a, b, null, c.c, null, c.maskC);
        from = to;
      }
      String what = epilogue + " " + m + "x" + n + "x" + k;
      KernelAssertions.assertSameBits(c.expected(), c.c.data(), () -> what);
    }
  }

  private static Tensor rows(Tensor t, int from, int to) {
    Tensor part = Tensor.zeros(to - from, t.cols());
    for (int r = from; r < to; r++) {
      System.arraycopy(t.data(), t.row(r), part.data(), part.row(r - from), t.cols());
    }
    return part;
  }

  @Test
  void whatHasABiasOrNoExamplesInItsSumsCannotBeResumed() {
    for (Form form : Form.values()) {
      for (Epilogue epilogue : Epilogue.values()) {
        boolean can = form == Form.TN && (epilogue == Epilogue.NONE || epilogue == Epilogue.MASK);
        Gemm gemm = new Gemm(pools[0], form, epilogue, SIMD);
        if (can) {
          gemm.resume(true);
        } else {
          assertThrows(IllegalArgumentException.class, () -> gemm.resume(true));
        }
      }
    }
  }

  /** One product with all its arguments. */
  private static final class Case {
    final Form form;
    final Epilogue epilogue;
    final int m;
    final int n;
    final int k;
    final Tensor a;
    final Tensor b;
    final @Nullable BitMask maskB;
    final @Nullable Tensor bias;
    final @Nullable BitMask maskC;
    final Tensor c;

    Case(
        SplittableRandom random,
        Form form,
        Epilogue epilogue,
        boolean masked,
        int m,
        int n,
        int k,
        double hostility) {
      this.form = form;
      this.epilogue = epilogue;
      this.m = m;
      this.n = n;
      this.k = k;
      // tensors may be larger than what is multiplied
      int mm = m + random.nextInt(3) * 7;
      int nn = n + random.nextInt(3) * 9;
      int kk = k + random.nextInt(3) * 11;
      boolean tn = form == Form.TN;
      boolean nt = form == Form.NT;
      a = RandomInputs.matrix(random, tn ? kk : mm, tn ? mm : kk, hostility);
      b = RandomInputs.matrix(random, nt ? nn : kk, nt ? kk : nn, hostility);
      maskB = masked ? RandomInputs.mask(random, b.rows(), b.cols(), 0.5) : null;
      bias =
          switch (epilogue) {
            case NONE, MASK -> null;
            case BIAS, BIAS_RELU -> bias(random, n, hostility);
            case ROW_BIAS, ROW_BIAS_RELU -> bias(random, m, hostility);
          };
      maskC = epilogue == Epilogue.MASK ? RandomInputs.mask(random, mm, nn, 0.5) : null;
      c = Tensor.zeros(mm, nn);
      Arrays.fill(c.data(), KernelAssertions.GUARD);
    }

    private static Tensor bias(SplittableRandom random, int n, double hostility) {
      Tensor bias = Tensor.zeros(Shape.of(n));
      RandomInputs.fill(random, bias.data(), hostility);
      return bias;
    }

    /** What the specification gives, guard cells included. */
    float[] expected() {
      Tensor want = Tensor.zeros(c.shape());
      Arrays.fill(want.data(), KernelAssertions.GUARD);
      switch (form) {
        case NN -> ScalarGemm.nn(m, n, k, a, b, maskB, want);
        case NT -> ScalarGemm.nt(m, n, k, a, b, maskB, want);
        case TN -> ScalarGemm.tn(m, n, k, a, b, maskB, want);
      }
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          want.set(i, j, finished(want.get(i, j), i, j));
        }
      }
      return want.data();
    }

    private float finished(float sum, int i, int j) {
      return switch (epilogue) {
        case NONE -> sum;
        case BIAS -> sum + bias.get(0, j);
        case BIAS_RELU -> relu(sum + bias.get(0, j));
        case ROW_BIAS -> sum + bias.get(0, i);
        case ROW_BIAS_RELU -> relu(sum + bias.get(0, i));
        case MASK -> maskC.get(i, j) ? sum : 0f;
      };
    }

    private static float relu(float x) {
      return x <= 0 ? 0f : x;
    }

    void run(Gemm gemm) {
      gemm.run(m, n, k, a, b, maskB, c, bias, maskC);
    }

    @Override
    public String toString() {
      return form + " " + epilogue + " " + m + "x" + n + "x" + k + (maskB == null ? "" : " masked");
    }
  }

  private static int size(SplittableRandom random) {
    return SIZES[random.nextInt(SIZES.length)];
  }

  private static <E extends Enum<E>> E any(SplittableRandom random, E[] values) {
    return values[random.nextInt(values.length)];
  }

  private ThreadPool pool(SplittableRandom random) {
    return pools[random.nextInt(pools.length)];
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void equalsTheSpecificationBitForBit(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      double hostility = round % 3 == 0 ? 0.02 : round % 3 == 1 ? 0.3 : 0;
      Case x =
          new Case(
              random,
              any(random, Form.values()),
              any(random, Epilogue.values()),
              random.nextBoolean(),
              size(random),
              size(random),
              size(random),
              hostility);
      x.run(new Gemm(pool(random), x.form, x.epilogue, SIMD));
      assertArrayEquals(x.expected(), x.c.data(), "seed " + seed + ": " + x);
      Arrays.fill(x.c.data(), KernelAssertions.GUARD);
      x.run(new Gemm(pool(random), x.form, x.epilogue, new ScalarGemm()));
      assertArrayEquals(x.expected(), x.c.data(), "seed " + seed + ": scalar " + x);
    }
  }

  @ParameterizedTest
  @EnumSource
  void equalsTheSpecificationWhereKIsCut(Form form) {
    var random = new SplittableRandom(form.ordinal());
    for (int k : new int[] {513, 1025, 1600}) {
      for (boolean masked : new boolean[] {false, true}) {
        for (int[] mn : new int[][] {{13, 37}, {37, 13}, {130, 3}, {1, 40}, {40, 1}}) {
          Case x = new Case(random, form, Epilogue.NONE, masked, mn[0], mn[1], k, 0.001);
          x.run(new Gemm(pool(random), form, Epilogue.NONE, SIMD));
          assertArrayEquals(x.expected(), x.c.data(), x.toString());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void equalsTheSpecificationWhereOperandsExceedTheBuffers(Form form) {
    var random = new SplittableRandom(form.ordinal());
    for (int[] mn : new int[][] {{9, 2500}, {2500, 9}}) {
      Case x = new Case(random, form, Epilogue.BIAS, false, mn[0], mn[1], 600, 0);
      x.run(new Gemm(pool(random), form, Epilogue.BIAS, SIMD));
      assertArrayEquals(x.expected(), x.c.data(), x.toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void emptyExtents(Form form) {
    var random = new SplittableRandom(5);
    for (int[] mnk : new int[][] {{0, 3, 4}, {3, 0, 4}, {3, 20, 0}, {1, 20, 0}, {20, 1, 0}}) {
      for (Epilogue epilogue : Epilogue.values()) {
        Case x = new Case(random, form, epilogue, false, mnk[0], mnk[1], mnk[2], 0.1);
        x.run(new Gemm(pools[1], form, epilogue, SIMD));
        assertArrayEquals(x.expected(), x.c.data(), x.toString());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneObjectServesProductsOfAllSizes(Epilogue epilogue) {
    var random = new SplittableRandom(epilogue.ordinal());
    for (Form form : Form.values()) {
      Gemm gemm = new Gemm(pools[2], form, epilogue, SIMD);
      for (int round = 0; round < 15; round++) {
        boolean masked = random.nextBoolean();
        Case x =
            new Case(random, form, epilogue, masked, size(random), size(random), size(random), 0.1);
        x.run(gemm);
        assertArrayEquals(x.expected(), x.c.data(), x.toString());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void packedOperandsGiveTheSameBits(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      int out = size(random);
      int in = round % 7 == 0 ? 1030 : size(random);
      int batch = round % 3 == 0 ? 1 : size(random);
      Tensor w = RandomInputs.matrix(random, out, in, 0.02);
      BitMask mask = random.nextBoolean() ? RandomInputs.mask(random, out, in, 0.5) : null;
      PackedMatrix packed = PackedMatrix.of(w, mask, SIMD);
      assertEquals(out, packed.rows());
      assertEquals(in, packed.cols());
      boolean relu = random.nextBoolean();
      String what = "seed " + seed + ": " + out + "x" + in + ", batch " + batch;

      Tensor bias = RandomInputs.matrix(random, 1, out, 0.1);
      Tensor x = RandomInputs.matrix(random, batch + random.nextInt(2), in, 0.02);
      Tensor want = guarded(batch + 1, out);
      Tensor got = guarded(batch + 1, out);
      ScalarGemm.nt(batch, out, in, x, w, mask, want);
      new ScalarGemm()
          .biasColumns(
              batch,
              out,
              bias.data(),
              bias.offset(),
              Clamp.rectifier(relu),
              want.data(),
              want.offset(),
              want.ld());
      new Gemm(pool(random), Form.NT, relu ? Epilogue.BIAS_RELU : Epilogue.BIAS, SIMD)
          .run(batch, x, packed, got, bias);
      assertArrayEquals(want.data(), got.data(), what);

      Tensor xt = Tensor.zeros(in, batch);
      Tensor unpacked = Tensor.zeros(out, in);
      for (int i = 0; i < in; i++) {
        for (int b = 0; b < batch; b++) {
          xt.set(i, b, x.get(b, i));
        }
        for (int o = 0; o < out; o++) {
          unpacked.set(o, i, mask == null || mask.get(o, i) ? w.get(o, i) : 0f);
        }
      }
      Tensor wantT = guarded(out + 1, batch);
      Tensor gotT = guarded(out + 1, batch);
      ScalarGemm.nn(out, batch, in, unpacked, xt, null, wantT);
      new ScalarGemm()
          .biasRows(
              out,
              batch,
              bias.data(),
              bias.offset(),
              Clamp.rectifier(relu),
              wantT.data(),
              wantT.offset(),
              wantT.ld());
      new Gemm(pool(random), Form.NN, relu ? Epilogue.ROW_BIAS_RELU : Epilogue.ROW_BIAS, SIMD)
          .run(batch, packed, xt, gotT, bias);
      assertArrayEquals(wantT.data(), gotT.data(), what + ", transposed");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void listedRowsGiveTheBitsOfAMaskThatHidesTheOthers(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 40; round++) {
      GemmKernels kernels = round % 4 == 0 ? new ScalarGemm() : SIMD;
      int batch = round % 5 == 0 ? 1 : size(random);
      int out = size(random);
      int in = round % 7 == 0 ? 1030 : size(random);
      Subset units = new Subset(out);
      BitMask mask = new BitMask(out, in);
      int density = random.nextInt(4);
      for (int u = 0; u < out; u++) {
        units.bits().set(0, u, random.nextInt(3) < density);
        mask.setRow(u, units.bits().get(0, u));
      }
      units.refresh();
      int n = units.count();
      String what = "seed " + seed + ": " + n + " of " + out + "x" + in + ", batch " + batch;
      Tensor w = RandomInputs.matrix(random, out, in, 0);
      Tensor x = RandomInputs.matrix(random, batch, in, 0);
      Tensor dy = RandomInputs.matrix(random, batch, out, 0);
      Tensor closed = RandomInputs.matrix(random, batch, out, 0);
      for (int b = 0; b < batch; b++) {
        for (int i = 0; i < n; i++) {
          closed.set(b, i, dy.get(b, units.indices()[i]));
        }
      }

      Tensor y = guarded(batch, out);
      Tensor got = guarded(batch, out);
      ScalarGemm.nt(batch, out, in, x, w, mask, y);
      new Gemm(pool(random), Form.NT, Epilogue.NONE, kernels).run(batch, n, in, x, w, units, got);
      for (int b = 0; b < batch; b++) {
        for (int i = 0; i < out; i++) {
          float want = i < n ? y.get(b, units.indices()[i]) : KernelAssertions.GUARD;
          assertEquals(want, got.get(b, i), what);
        }
      }

      Tensor wantX = guarded(batch, in);
      Tensor gotX = guarded(batch, in);
      ScalarGemm.nn(batch, in, out, dy, w, mask, wantX);
      new Gemm(pool(random), Form.NN, Epilogue.NONE, kernels)
          .run(batch, in, n, closed, w, units, gotX);
      assertArrayEquals(wantX.data(), gotX.data(), what);

      Tensor wantW = guarded(out, in);
      Tensor gotW = guarded(out, in);
      ScalarGemm.tn(out, in, batch, dy, x, null, wantW);
      for (int u = 0; u < out; u++) {
        if (!units.bits().get(0, u)) {
          wantW.fillRow(u, KernelAssertions.GUARD);
        }
      }
      new Gemm(pool(random), Form.TN, Epilogue.NONE, kernels)
          .runInto(n, in, batch, closed, x, gotW, units);
      assertArrayEquals(wantW.data(), gotW.data(), what);
    }
  }

  private static Tensor guarded(int rows, int cols) {
    Tensor t = Tensor.zeros(rows, cols);
    Arrays.fill(t.data(), KernelAssertions.GUARD);
    return t;
  }

  @ParameterizedTest
  @EnumSource
  void anyNumberOfThreadsGivesTheSameBits(Form form) {
    var random = new SplittableRandom(9);
    for (boolean masked : new boolean[] {false, true}) {
      Case x = new Case(random, form, Epilogue.BIAS_RELU, masked, 150, 203, 700, 0.001);
      float[] want = x.expected();
      for (ThreadPool pool : pools) {
        Gemm gemm = new Gemm(pool, form, Epilogue.BIAS_RELU, SIMD);
        for (int round = 0; round < 20; round++) {
          Arrays.fill(x.c.data(), KernelAssertions.GUARD);
          x.run(gemm);
          assertArrayEquals(want, x.c.data(), pool.threads() + " threads");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void isWithinTheErrorBoundOfADoubleSum(Form form) {
    var random = new SplittableRandom(4);
    int k = 777;
    Case x = new Case(random, form, Epilogue.NONE, false, 33, 50, k, 0);
    x.run(new Gemm(pools[0], form, Epilogue.NONE, SIMD));
    for (int i = 0; i < x.m; i++) {
      for (int j = 0; j < x.n; j++) {
        double sum = 0;
        double magnitude = 0;
        for (int p = 0; p < k; p++) {
          double product =
              (double) (form == Form.TN ? x.a.get(p, i) : x.a.get(i, p))
                  * (form == Form.NT ? x.b.get(j, p) : x.b.get(p, j));
          sum += product;
          magnitude += Math.abs(product);
        }
        double bound = k * 0x1p-24 / (1 - k * 0x1p-24) * magnitude + 1e-12 * magnitude;
        assertTrue(Math.abs(x.c.get(i, j) - sum) <= bound, i + ", " + j);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void allocatesNothing(Form form) {
    var random = new SplittableRandom(3);
    for (Epilogue epilogue : new Epilogue[] {Epilogue.BIAS_RELU, Epilogue.MASK}) {
      for (boolean masked : new boolean[] {false, true}) {
        for (int[] mn : new int[][] {{31, 70}, {70, 10}, {1, 60}}) {
          Case x = new Case(random, form, epilogue, masked, mn[0], mn[1], 61, 0);
          Gemm gemm = new Gemm(pools[0], form, epilogue, SIMD);
          assertAllocatesNothing(() -> x.run(gemm));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void narrowOperandsGiveTheBitsOfTheRoundedWeights(Precision precision) {
    var random = new SplittableRandom(4);
    for (int round = 0; round < 60; round++) {
      int out = size(random);
      int in = round % 7 == 0 ? 1030 : size(random);
      int batch = round % 3 == 0 ? 1 : size(random);
      Tensor w = RandomInputs.matrix(random, out, in, 0);
      for (int r = 0; r < out; r++) { // rows of very different size, zeros, -0
        float scale = Math.scalb(1f, random.nextInt(3) == 0 ? random.nextInt(-140, 100) : -4);
        for (int c = 0; c < in; c++) {
          w.set(r, c, random.nextInt(4) == 0 ? -0f : w.get(r, c) * scale);
        }
      }
      Tensor rounded = precision.roundRows("w", w);
      PackedMatrix wide = PackedMatrix.of(rounded, null, SIMD);
      PackedMatrix narrow = PackedMatrix.narrow(rounded, precision, SIMD);
      assertEquals(precision, narrow.precision());
      int ints = Math.ceilDiv(in, precision.perInt()) + (precision == Precision.FP32 ? 0 : 1);
      assertEquals(4L * Math.ceilDiv(out, SIMD.nr()) * SIMD.nr() * ints, narrow.bytes());
      String what = out + "x" + in + ", batch " + batch;
      Tensor x = RandomInputs.matrix(random, batch, in, 0.02);
      Tensor xt = Tensor.zeros(in, batch);
      for (int i = 0; i < in; i++) {
        for (int b = 0; b < batch; b++) {
          xt.set(i, b, x.get(b, i));
        }
      }
      Tensor want = guarded(batch + 1, out);
      Tensor got = guarded(batch + 1, out);
      Gemm nt = new Gemm(pool(random), Form.NT, Epilogue.NONE, SIMD);
      nt.run(batch, x, wide, want, null);
      nt.run(batch, x, narrow, got, null);
      assertArrayEquals(want.data(), got.data(), what);
      Tensor wantT = guarded(out + 1, batch);
      Tensor gotT = guarded(out + 1, batch);
      Gemm nn = new Gemm(pool(random), Form.NN, Epilogue.NONE, SIMD);
      nn.run(batch, wide, xt, wantT, null);
      nn.run(batch, narrow, xt, gotT, null);
      assertArrayEquals(wantT.data(), gotT.data(), what);
    }
  }

  @Test
  void packedProductsAllocateNothing() {
    var random = new SplittableRandom(3);
    PackedMatrix w = PackedMatrix.of(RandomInputs.matrix(random, 43, 61, 0), null, SIMD);
    Tensor x = RandomInputs.matrix(random, 9, 61, 0);
    Tensor xt = RandomInputs.matrix(random, 61, 9, 0);
    Tensor y = Tensor.zeros(9, 43);
    Tensor yt = Tensor.zeros(43, 9);
    Tensor bias = RandomInputs.matrix(random, 1, 43, 0);
    Tensor rounded = Precision.INT8.roundRows("w", RandomInputs.matrix(random, 43, 61, 0));
    PackedMatrix narrow = PackedMatrix.narrow(rounded, Precision.INT8, SIMD);
    Gemm nt = new Gemm(pools[0], Form.NT, Epilogue.BIAS_RELU, SIMD);
    Gemm nn = new Gemm(pools[0], Form.NN, Epilogue.ROW_BIAS_RELU, SIMD);
    assertAllocatesNothing(
        () -> {
          nt.run(1, x, w, y, bias);
          nt.run(9, x, w, y, bias);
          nn.run(1, w, xt, yt, bias);
          nn.run(9, w, xt, yt, bias);
          nt.run(1, x, narrow, y, bias);
          nt.run(9, x, narrow, y, bias);
        });
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor a = Tensor.zeros(4, 5);
    Tensor b = Tensor.zeros(5, 6);
    Tensor c = Tensor.zeros(4, 6);
    Gemm nn = new Gemm(pools[0], Form.NN, Epilogue.NONE);
    nn.run(4, 6, 5, a, b, c);
    assertThrows(IllegalArgumentException.class, () -> nn.run(5, 6, 5, a, b, c));
    assertThrows(IllegalArgumentException.class, () -> nn.run(4, 7, 5, a, b, c));
    assertThrows(IllegalArgumentException.class, () -> nn.run(4, 6, 6, a, b, c));
    assertThrows(IllegalArgumentException.class, () -> nn.run(-1, 6, 5, a, b, c));
    assertThrows(IllegalArgumentException.class, () -> nn.run(4, 6, 5, a, b, Tensor.zeros(4, 5)));
    assertThrows(
        IllegalArgumentException.class,
        () -> nn.run(4, 6, 5, a, b, new BitMask(5, 5), c, null, null));
    assertThrows(
        IllegalArgumentException.class,
        () -> nn.run(4, 6, 5, a, b, null, c, Tensor.zeros(Shape.of(6)), null));
    assertThrows(
        IllegalArgumentException.class,
        () -> nn.run(4, 6, 5, a, b, null, c, null, new BitMask(4, 6)));
    assertThrows(IllegalArgumentException.class, () -> nn.run(4, a, PackedMatrix.of(b), c, null));
    Gemm biased = new Gemm(pools[0], Form.NN, Epilogue.BIAS);
    assertThrows(IllegalArgumentException.class, () -> biased.run(4, 6, 5, a, b, c));
    assertThrows(
        IllegalArgumentException.class,
        () -> biased.run(4, 6, 5, a, b, null, c, Tensor.zeros(Shape.of(5)), null));
    Subset all = new Subset(5);
    all.bits().setAll(true);
    all.refresh();
    nn.run(4, 6, 5, a, b, all, c);
    assertThrows(IllegalArgumentException.class, () -> nn.run(4, 6, 4, a, b, all, c));
    assertThrows(IllegalArgumentException.class, () -> nn.run(4, 6, 5, a, b, all, a));
    assertThrows(IllegalArgumentException.class, () -> nn.runInto(4, 6, 5, a, b, c, all));
    assertThrows(IllegalArgumentException.class, () -> biased.run(4, 6, 5, a, b, all, c));
    Gemm masked = new Gemm(pools[0], Form.NN, Epilogue.MASK);
    assertThrows(IllegalArgumentException.class, () -> masked.run(4, 6, 5, a, b, c));
    assertThrows(
        IllegalArgumentException.class,
        () -> masked.run(4, 6, 5, a, b, null, c, null, new BitMask(3, 6)));
    assertThrows(IllegalArgumentException.class, () -> PackedMatrix.of(b, new BitMask(6, 5)));
  }
}
