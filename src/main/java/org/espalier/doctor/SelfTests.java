package org.espalier.doctor;

import java.util.List;
import java.util.function.Consumer;
import org.espalier.doctor.SelfTest.Comparison;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.AdamStep;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.kernel.contract.LayoutKernels;
import org.espalier.kernel.contract.LossKernels;
import org.espalier.kernel.contract.NormKernels;
import org.espalier.kernel.contract.OptimizerKernels;
import org.espalier.kernel.contract.PoolKernels;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.kernel.contract.SelectKernels;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.kernel.contract.VectorKernels;
import org.espalier.kernel.conv.Convolution;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.kernel.gemm.Gemm.Epilogue;
import org.espalier.kernel.gemm.Gemm.Form;
import org.espalier.kernel.gemm.PackedMatrix;
import org.espalier.kernel.scalar.ScalarConv;
import org.espalier.kernel.scalar.ScalarGemm;
import org.espalier.kernel.scalar.ScalarLayout;
import org.espalier.kernel.scalar.ScalarLoss;
import org.espalier.kernel.scalar.ScalarNorm;
import org.espalier.kernel.scalar.ScalarOptimizer;
import org.espalier.kernel.scalar.ScalarPool;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.kernel.scalar.ScalarSelect;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.scalar.ScalarVector;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Precision;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The self-tests of all families of kernels. */
final class SelfTests {
  private SelfTests() {}

  /** Returns the self-tests of the kernels that {@link Kernels} chose. */
  static List<SelfTest<?>> all() {
    return List.of(
        vector(Kernels.vector()),
        gemm(Kernels.gemm()),
        conv(Kernels.conv()),
        loss(Kernels.loss()),
        optimizer(Kernels.optimizer()),
        select(Kernels.select()),
        random(Kernels.random()),
        sparse(Kernels.sparse()),
        norm(Kernels.norm()),
        pool(Kernels.pool()),
        planes(Kernels.planes()));
  }

  static SelfTest<VectorKernels> vector(VectorKernels kernels) {
    return new SelfTest<>("vector", new ScalarVector(), kernels, SelfTests::compareVector);
  }

  private static void compareVector(Comparison<VectorKernels> c) {
    int n = c.length();
    float[] x = c.hostileValues(n);
    float[] y = c.hostileValues(n);
    long[] bits = c.bits(n / 64 + 1);
    c.same("axpy", k -> with(y.clone(), z -> k.axpy(n, 0.7f, x, 0, z, 0)));
    c.same("add", k -> with(y.clone(), z -> k.add(n, x, 0, z, 0)));
    c.same("scale", k -> with(y.clone(), z -> k.scale(n, 0.7f, z, 0)));
    c.same("multiply", k -> with(new float[n], z -> k.multiply(n, x, 0, y, 0, z, 0)));
    c.same("keep", k -> with(y.clone(), z -> k.keep(n, z, 0, bits, 0, 2f)));
    int kept = 0;
    for (int i = 0; i < n; i++) {
      kept += (int) (bits[i >>> 6] >>> i & 1);
    }
    int count = kept;
    c.same("compress", k -> with(y.clone(), z -> k.compress(n, x, 0, bits, 0, count, z, 0)));
    c.same("expand", k -> with(y.clone(), z -> k.expand(n, x, 0, bits, 0, count, z, 0)));
    c.same("addSigns", k -> with(y.clone(), z -> k.addSigns(n, 0.7f, x, 0, z, 0)));
    c.same("relu", k -> with(new float[n], z -> k.relu(n, x, 0, z, 0)));
    c.same("reluBackward", k -> with(new float[n], z -> k.reluBackward(n, x, 0, y, 0, z, 0)));
    int half = n / 2;
    c.same(
        "reluBackwardSums",
        k -> with(y.clone(), z -> k.reluBackwardSums(1, half, x, 0, n, z, 0, n, true, z, half)));
    c.same("sum", k -> k.sum(n, x, 0));
    c.same("sumAbs", k -> k.sumAbs(n, x, 0));
    c.same("dot", k -> k.dot(n, x, 0, y, 0));
    c.same("squaredNorm", k -> k.squaredNorm(n, x, 0));
    c.same("maxAbs", k -> k.maxAbs(n, x, 0));
    c.same("isFinite", k -> k.isFinite(n, x, 0));
    int cols = n / 3;
    boolean resume = c.random().nextBoolean();
    c.same(
        "columnSums", k -> with(y.clone(), z -> k.columnSums(3, cols, x, 0, cols, resume, z, 0)));
    c.same(
        "columnSquares", k -> with(new float[n], z -> k.columnSquares(3, cols, x, 0, cols, z, 0)));
    byte[] bytes = new byte[n];
    c.random().nextBytes(bytes);
    c.same("fromBytes", k -> with(new float[n], z -> k.fromBytes(n, bytes, 0, 0.7f, -0.3f, z, 0)));
    c.same("exp", k -> with(new float[n], z -> k.exp(n, x, 0, z, 0)));
    c.same("log", k -> with(new float[n], z -> k.log(n, x, 0, z, 0)));
  }

  static SelfTest<GemmKernels> gemm(GemmKernels kernels) {
    return new SelfTest<>("gemm", new ScalarGemm(), kernels, SelfTests::compareGemm);
  }

  private static void compareGemm(Comparison<GemmKernels> c) {
    int m = c.random().nextInt(4) == 0 ? 1 : c.random().nextInt(1, 20); // 1: matrix times vector
    int n = c.random().nextInt(1, 40);
    int k = c.random().nextInt(1, 40);
    Tensor x = c.matrix(m, k);
    Tensor w = c.matrix(n, k);
    Tensor bias = c.matrix(1, n);
    BitMask keep = c.mask(n, k);
    c.same("NT, masked", g -> product(g, Form.NT, Epilogue.BIAS_RELU, x, w, keep, bias, null));
    c.same("NT", g -> product(g, Form.NT, Epilogue.BIAS, x, w, null, bias, null));
    for (Precision p : Precision.values()) {
      Tensor narrow = p.roundRows("w", w);
      c.same("NT, " + p, g -> narrow(g, p, x, narrow));
    }
    Tensor dy = c.matrix(m, n);
    c.same("NN, masked", g -> product(g, Form.NN, Epilogue.NONE, dy, w, keep, null, null));
    c.same("TN, masked", g -> product(g, Form.TN, Epilogue.MASK, dy, x, null, null, keep));
  }

  private static float[] narrow(GemmKernels kernels, Precision precision, Tensor x, Tensor w) {
    Tensor y = Tensor.zeros(x.rows(), w.rows());
    try (ThreadPool here = new ThreadPool(1)) {
      PackedMatrix packed = PackedMatrix.narrow(w, precision, kernels);
      new Gemm(here, Form.NT, Epilogue.NONE, kernels).run(x.rows(), x, packed, y, null);
    }
    return y.toArray();
  }

  private static float[] product(
      GemmKernels kernels,
      Form form,
      Epilogue epilogue,
      Tensor a,
      Tensor b,
      @Nullable BitMask keepB,
      @Nullable Tensor bias,
      @Nullable BitMask keepC) {
    int m = form == Form.TN ? a.cols() : a.rows();
    int n = form == Form.NT ? b.rows() : b.cols();
    int k = form == Form.TN ? a.rows() : a.cols();
    Tensor c = Tensor.zeros(m, n);
    try (ThreadPool here = new ThreadPool(1)) {
      new Gemm(here, form, epilogue, kernels).run(m, n, k, a, b, keepB, c, bias, keepC);
    }
    return c.toArray();
  }

  static SelfTest<ConvKernels> conv(ConvKernels kernels) {
    return new SelfTest<>("conv", new ScalarConv(), kernels, SelfTests::compareConv);
  }

  private static void compareConv(Comparison<ConvKernels> c) {
    int side = c.random().nextInt(3, 6);
    Nchw16n in = new Nchw16n(c.random().nextInt(1, 8), side, side);
    int outputs = c.random().nextInt(1, 12);
    int window = c.random().nextInt(1, 4);
    int padding = c.random().nextInt(window);
    ConvGeometry g =
        new ConvGeometry(in, outputs, window, window, c.random().nextInt(1, 3), padding, 1);
    int images = c.random().nextInt(1, 34);
    Tensor x = in.over(images, c.values(in.lengthOf(images)));
    Tensor dy = g.output().over(images, c.values(g.output().lengthOf(images)));
    Tensor w = c.matrix(outputs, g.fanIn());
    Tensor bias = c.matrix(1, outputs);
    BitMask keep = c.mask(outputs, g.fanIn());
    try (ThreadPool here = new ThreadPool(1)) {
      c.same(
          "forward",
          k -> {
            Tensor y = g.output().zeros(images);
            new Convolution(g, images, here, k)
                .forward(images, x, w, keep, null, null, bias, true, y);
            return examples(g.output(), images, y);
          });
      c.same(
          "inputGradient",
          k -> {
            Tensor dx = in.zeros(images);
            new Convolution(g, images, here, k)
                .inputGradient(images, dy, w, keep, null, null, false, dx);
            return examples(in, images, dx);
          });
      c.same(
          "weightGradient",
          k -> {
            Tensor dw = Tensor.zeros(outputs, g.fanIn());
            new Convolution(g, images, here, k)
                .weightGradient(images, dy, x, null, null, false, dw);
            return dw.toArray();
          });
      c.same(
          "biasGradient",
          k -> {
            Tensor db = Tensor.zeros(1, outputs);
            new Convolution(g, images, here, k).biasGradient(images, dy, false, db);
            return db.toArray();
          });
    }
  }

  /** Returns maps, +0 in the lanes that have no image. */
  private static float[] examples(Nchw16n planes, int images, Tensor maps) {
    float[] values = maps.toArray();
    int first = (Nchw16n.groups(images) - 1) * planes.channels() * maps.cols();
    for (int i = first; i < values.length; i++) {
      if (i % Nchw16n.LANES >= Nchw16n.lanes(images, Nchw16n.groups(images) - 1)) {
        values[i] = 0f;
      }
    }
    return values;
  }

  static SelfTest<LossKernels> loss(LossKernels kernels) {
    return new SelfTest<>("loss", new ScalarLoss(), kernels, SelfTests::compareLoss);
  }

  private static void compareLoss(Comparison<LossKernels> c) {
    int n = c.length() + 1;
    int label = c.random().nextInt(n);
    float smoothing = c.random().nextInt(2) * 0.1f;
    float[] x = c.hostileValues(n);
    float[] p = c.values(n);
    c.same(
        "softmaxCrossEntropy",
        k -> k.softmaxCrossEntropy(n, x, 0, label, smoothing, new float[n], 0));
    c.same(
        "softmax",
        k -> with(new float[n], z -> k.softmaxCrossEntropy(n, x, 0, label, smoothing, z, 0)));
    c.same(
        "softmaxCrossEntropyBackward",
        k ->
            with(
                new float[n],
                z -> k.softmaxCrossEntropyBackward(n, p, 0, label, smoothing, 0.1f, z, 0)));
  }

  static SelfTest<OptimizerKernels> optimizer(OptimizerKernels kernels) {
    return new SelfTest<>("optimizer", new ScalarOptimizer(), kernels, SelfTests::compareOptimizer);
  }

  private static void compareOptimizer(Comparison<OptimizerKernels> c) {
    int n = c.length();
    float[] wv = c.hostileValues(3 * n); // the weights, then their momentum or moments
    float[] g = c.hostileValues(n);
    long[] mask = c.random().nextBoolean() ? c.bits(n / 64 + 1) : null;
    boolean nesterov = c.random().nextBoolean();
    c.same(
        "sgd",
        k ->
            with(
                wv.clone(),
                z -> k.sgd(n, z, 0, g, 0, z, n, mask, 0, 0.5f, 0.1f, 0.9f, 0.01f, nesterov)));
    AdamStep factors = new AdamStep(0.9, 0.999, 1e-8);
    factors.set(3, 0.1);
    c.same(
        "adam",
        k ->
            with(
                wv.clone(),
                z -> k.adam(n, z, 0, g, 0, z, n, z, 2 * n, mask, 0, 0.5f, 0.01f, 0.99f, factors)));
    c.same("average", k -> with(wv.clone(), z -> k.average(n, z, 0, z, n, 0.99f, 0.01f)));
  }

  static SelfTest<SelectKernels> select(SelectKernels kernels) {
    return new SelfTest<>("select", new ScalarSelect(), kernels, SelfTests::compareSelect);
  }

  private static void compareSelect(Comparison<SelectKernels> c) {
    int n = c.length() + 1;
    int k = c.random().nextInt(1, n + 1);
    int words = n / Long.SIZE + 1;
    float[] x = c.hostileValues(n);
    SelectKernels specification = new ScalarSelect();
    long chosen = specification.threshold(n, x, 0, k, new int[specification.scratchSize(n)]);
    c.same("threshold", s -> s.threshold(n, x, 0, k, new int[s.scratchSize(n)]));
    c.same("keepMask", s -> withBits(words, z -> s.keepMask(n, x, 0, chosen, z, 0)));
    c.same("indices", s -> withInts(n, z -> s.indices(n, x, 0, chosen, z, 0)));
    int key = (int) (chosen >>> Integer.SIZE);
    c.same(
        "keepMaskWithin",
        s ->
            withBits(
                words,
                z ->
                    s.keepMaskWithin(
                        n,
                        x,
                        0,
                        k,
                        Math.max(0, key - 1000),
                        Math.min(Integer.MAX_VALUE - 1000, key) + 1000,
                        z,
                        0,
                        new int[s.scratchSize(n)])));
  }

  static SelfTest<RandomKernels> random(RandomKernels kernels) {
    return new SelfTest<>("random", new ScalarRandom(), kernels, SelfTests::compareRandom);
  }

  private static void compareRandom(Comparison<RandomKernels> c) {
    int n = c.length();
    long step = c.random().nextLong();
    int row = c.random().nextInt();
    RandomKey key = RandomKey.of(c.random().nextLong(), "self-test");
    double rate = c.random().nextDouble();
    int rows = c.random().nextInt(1, 10);
    BitMask mask = c.mask(rows, n);
    c.same("words", k -> withInts(n, z -> k.words(key, step, row, n, z, 0)));
    c.same("spare", k -> spared(k, key, step, row, rate, mask));
  }

  private static long[] spared(
      RandomKernels kernels, RandomKey key, long step, int row, double rate, BitMask mask) {
    long[] words = mask.words().clone();
    kernels.spare(key, step, row, mask.rows(), mask.cols(), rate, words, 0);
    return words;
  }

  static SelfTest<SparseKernels> sparse(SparseKernels kernels) {
    return new SelfTest<>(
        "sparse",
        new ScalarSparse(),
        kernels,
        c -> {
          compareSparse(c);
          compareBsr(c);
          compareDeltaCsr(c);
        });
  }

  private static void compareSparse(Comparison<SparseKernels> c) {
    int rows = c.random().nextInt(1, 40);
    int cols = c.random().nextInt(1, 60);
    int batch = c.random().nextInt(1, 150);
    Tensor dense = c.matrix(rows, cols);
    CsrMatrix w = CsrMatrix.of(dense, c.mask(rows, cols));
    float[] x = c.hostileValues(Math.max(rows, cols) * batch);
    float[] bias = c.values(rows);
    int all = rows * batch;
    c.same(
        "csrSpmv",
        k -> with(new float[rows], z -> k.csrSpmv(w, 0, rows, x, 0, bias, 0, false, z, 0)));
    c.same(
        "csrSpmm",
        k ->
            with(
                new float[all],
                z -> k.csrSpmm(w, 0, rows, batch, x, 0, batch, bias, 0, true, z, 0, batch)));
    c.same(
        "csrSpmvTransposed", k -> with(new float[cols], z -> k.csrSpmvTransposed(w, x, 0, z, 0)));
    c.same(
        "csrSpmmTransposed",
        k ->
            with(
                new float[cols * batch],
                z -> k.csrSpmmTransposed(w, batch, x, 0, batch, z, 0, batch)));
    CacheBlockedMatrix blocked = CacheBlockedMatrix.of(w, 16);
    int panels = blocked.panels();
    c.same(
        "cacheBlockedSpmm",
        k ->
            with(
                new float[all],
                z ->
                    k.cacheBlockedSpmm(
                        blocked, 0, panels, batch, x, 0, batch, bias, 0, true, z, 0, batch)));
    c.same(
        "sellSpmv",
        k -> {
          SellMatrix sell = SellMatrix.of(w, k.sellForm(w, Precision.FP32));
          float[] sums = new float[sell.laneRows().length];
          return with(
              new float[rows],
              z -> k.sellSpmv(sell, 0, sell.blocks(), x, 0, bias, 0, false, sums, z, 0));
        });
    Tensor few = c.matrix(rows, 3 * cols);
    CsrMatrix sparse = CsrMatrix.of(few, c.mask(rows, 3 * cols));
    float[] inputs = c.hostileValues(3 * cols * batch);
    c.same(
        "sellSpmm",
        k -> {
          SellMatrix sell = SellMatrix.of(sparse, k.sellForm(sparse, Precision.FP32));
          return with(
              new float[all],
              z ->
                  k.sellSpmm(
                      sell, 0, sell.blocks(), batch, inputs, 0, batch, bias, 0, true, z, 0, batch));
        });
    c.same(
        "transpose",
        k -> with(new float[cols * batch], z -> k.transpose(cols, batch, x, 0, batch, z, 0, cols)));
  }

  private static void compareBsr(Comparison<SparseKernels> c) {
    int rows = c.random().nextInt(1, 70);
    int cols = c.random().nextInt(1, 60);
    int length = c.random().nextInt(1, 150);
    BsrMatrix w = BsrMatrix.of(c.matrix(rows, cols), c.random().nextBoolean() ? 4 : 16);
    int[] distances = c.random().ints(cols, 0, 200).toArray();
    float[] x = c.hostileValues(200 + length);
    float[] bias = c.values(rows);
    float[] other = c.hostileValues(rows * length);
    c.same(
        "bsrSpmm",
        k ->
            with(
                new float[rows * length],
                z ->
                    k.bsrSpmm(
                        w, 0, w.quads(), length, x, 0, distances, bias, 0, other, 0, length, true,
                        z, 0, length)));
    BsrMatrix high = BsrMatrix.of(c.matrix(rows, cols), BsrMatrix.ROWS);
    float[] sums = new float[high.groups() * BsrMatrix.ROWS];
    c.same(
        "bsrSpmv",
        k ->
            with(
                new float[rows],
                z -> k.bsrSpmv(high, 0, high.groups(), x, 0, bias, 0, false, sums, z, 0)));
  }

  private static void compareDeltaCsr(Comparison<SparseKernels> c) {
    int rows = c.random().nextInt(1, 6);
    int cols = c.random().nextInt(1, 400);
    int length = c.random().nextInt(30) * SparseKernels.UNIT;
    DeltaCsrMatrix w = DeltaCsrMatrix.of(c.matrix(rows, cols));
    int[] distances = c.random().ints(cols, 0, 200).toArray();
    float[] x = c.hostileValues(200 + length);
    float[] bias = c.values(rows);
    float[] other = c.hostileValues(rows * length);
    boolean relu = c.random().nextBoolean();
    c.same(
        "deltaCsrConv",
        k ->
            with(
                new float[rows * length],
                z ->
                    k.deltaCsrConv(
                        w, 0, rows, length, x, 0, distances, bias, 0, null, 0, 0, relu, z, 0,
                        length)));
    c.same(
        "deltaCsrConv, added to",
        k ->
            with(
                new float[rows * length],
                z ->
                    k.deltaCsrConv(
                        w, 0, rows, length, x, 0, distances, bias, 0, other, 0, length, relu, z, 0,
                        length)));
  }

  static SelfTest<NormKernels> norm(NormKernels kernels) {
    return new SelfTest<>("norm", new ScalarNorm(), kernels, SelfTests::compareNorm);
  }

  private static void compareNorm(Comparison<NormKernels> c) {
    int pixels = c.random().nextInt(1, 40);
    int n = pixels * Nchw16n.LANES;
    int lanes = c.random().nextInt(1, Nchw16n.LANES + 1);
    boolean relu = c.random().nextBoolean();
    float[] x = c.hostileValues(n);
    float[] y = c.hostileValues(n);
    c.same("moments", k -> with(new float[2], z -> k.moments(pixels, lanes, x, 0, z, 0)));
    c.same("normalize", k -> with(new float[n], z -> k.normalize(n, x, 0, 0.7f, 0.1f, relu, z, 0)));
    c.same(
        "normalizeAdd",
        k -> with(y.clone(), z -> k.normalizeAdd(n, x, 0, 0.7f, 0.1f, y, 0, relu, z, 0)));
    float[] dy = c.hostileValues(n + 2); // and behind it the two sums
    c.same(
        "backwardSums",
        k ->
            with(
                dy.clone(),
                z -> k.backwardSums(pixels, lanes, relu, x, 0, 0.3f, y, 0, z, 0, z, n)));
    c.same(
        "backward",
        k -> with(y.clone(), z -> k.backward(n, x, 0, dy, 0, 0.7f, -0.2f, 0.1f, relu, z, 0)));
  }

  static SelfTest<PoolKernels> pool(PoolKernels kernels) {
    return new SelfTest<>("pool", new ScalarPool(), kernels, SelfTests::comparePool);
  }

  private static void comparePool(Comparison<PoolKernels> c) {
    int window = c.random().nextInt(1, 4);
    int stride = c.random().nextInt(1, 4);
    int padding = c.random().nextInt(window);
    int h = c.random().nextInt(window, 9);
    int w = c.random().nextInt(window, 9);
    int in = h * w * Nchw16n.LANES;
    int rows = (h + 2 * padding - window) / stride + 1;
    int columns = (w + 2 * padding - window) / stride + 1;
    int out = rows * columns * Nchw16n.LANES;
    float[] x = c.hostileValues(in);
    float[] dy = c.hostileValues(out);
    float[] y = new float[out];
    new ScalarPool().maxPool(h, w, window, stride, padding, x, 0, y, 0);
    c.same(
        "maxPool",
        k -> with(new float[out], z -> k.maxPool(h, w, window, stride, padding, x, 0, z, 0)));
    c.same(
        "maxPoolBackward",
        k ->
            with(
                new float[in],
                z -> k.maxPoolBackward(h, w, window, stride, padding, x, 0, y, 0, dy, 0, z, 0)));
    c.same(
        "averagePool",
        k -> with(new float[out], z -> k.averagePool(h, w, window, stride, padding, x, 0, z, 0)));
    c.same(
        "averagePoolBackward",
        k ->
            with(
                new float[in],
                z -> k.averagePoolBackward(h, w, window, stride, padding, dy, 0, z, 0)));
    c.same(
        "globalAverage",
        k -> with(new float[Nchw16n.LANES], z -> k.globalAverage(h * w, x, 0, z, 0)));
    c.same(
        "globalAverageBackward",
        k -> with(new float[in], z -> k.globalAverageBackward(h * w, dy, 0, z, 0)));
  }

  static SelfTest<LayoutKernels> planes(LayoutKernels kernels) {
    return new SelfTest<>("planes", new ScalarLayout(), kernels, SelfTests::comparePlanes);
  }

  private static void comparePlanes(Comparison<LayoutKernels> c) {
    int images = c.random().nextInt(1, Nchw16n.LANES + 1);
    int channels = c.random().nextInt(1, 4);
    int pixels = c.random().nextInt(1, 40);
    int ldr = channels * pixels;
    int ldm = (pixels + c.random().nextInt(2)) * Nchw16n.LANES;
    float[] rows = c.hostileValues(images * ldr);
    float[] maps = c.hostileValues(channels * ldm);
    c.same(
        "planesFromRows",
        k ->
            with(
                maps.clone(),
                z -> k.planesFromRows(images, channels, pixels, rows, 0, ldr, z, 0, ldm)));
    c.same(
        "rowsFromPlanes",
        k ->
            with(
                rows.clone(),
                z -> k.rowsFromPlanes(images, channels, pixels, maps, 0, ldm, z, 0, ldr)));
    int lanes = c.random().nextBoolean() ? 1 : Nchw16n.LANES;
    int stride = c.random().nextInt(1, 4);
    int ldx = lanes * stride * pixels;
    int ldy = lanes * pixels;
    float[] x = c.hostileValues(3 * ldx);
    c.same(
        "thin",
        k -> with(new float[3 * ldy], z -> k.thin(3, pixels, stride, lanes, x, 0, ldx, z, 0, ldy)));
  }

  /** Returns the array that a loop has written to. */
  private static float[] with(float[] output, Consumer<float[]> loop) {
    loop.accept(output);
    return output;
  }

  private static int[] withInts(int n, Consumer<int[]> loop) {
    int[] output = new int[n];
    loop.accept(output);
    return output;
  }

  private static long[] withBits(int words, Consumer<long[]> loop) {
    long[] output = new long[words];
    loop.accept(output);
    return output;
  }
}
