package org.espalier.kernel;

import java.util.List;
import org.espalier.kernel.SelfTest.Comparison;
import org.espalier.kernel.scalar.ScalarLoss;
import org.espalier.kernel.scalar.ScalarOptimizer;
import org.espalier.kernel.scalar.ScalarVector;

/** The self-tests of all families of kernels. */
final class SelfTests {
  private SelfTests() {}

  /** Returns the self-tests of the kernels that {@link Kernels} chose. */
  static List<SelfTest<?>> all() {
    return List.of(vector(Kernels.vector()), loss(Kernels.loss()), optimizer(Kernels.optimizer()));
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
    c.same("addSigns", k -> with(y.clone(), z -> k.addSigns(n, 0.7f, x, 0, z, 0)));
    c.same("relu", k -> with(new float[n], z -> k.relu(n, x, 0, z, 0)));
    c.same("reluBackward", k -> with(new float[n], z -> k.reluBackward(n, x, 0, y, 0, z, 0)));
    c.same("sum", k -> k.sum(n, x, 0));
    c.same("sumAbs", k -> k.sumAbs(n, x, 0));
    c.same("dot", k -> k.dot(n, x, 0, y, 0));
    c.same("squaredNorm", k -> k.squaredNorm(n, x, 0));
    c.same("maxAbs", k -> k.maxAbs(n, x, 0));
    c.same("isFinite", k -> k.isFinite(n, x, 0));
    int cols = n / 3;
    c.same("columnSums", k -> with(new float[n], z -> k.columnSums(3, cols, x, 0, cols, z, 0)));
    c.same("exp", k -> with(new float[n], z -> k.exp(n, x, 0, z, 0)));
    c.same("log", k -> with(new float[n], z -> k.log(n, x, 0, z, 0)));
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
    float[] wv = c.hostileValues(2 * n); // the weights, then their momentum
    float[] g = c.hostileValues(n);
    long[] mask = c.random().nextBoolean() ? c.bits(n / 64 + 1) : null;
    boolean nesterov = c.random().nextBoolean();
    c.same(
        "sgd",
        k ->
            with(
                wv.clone(),
                z -> k.sgd(n, z, 0, g, 0, z, n, mask, 0, 0.5f, 0.1f, 0.9f, 0.01f, nesterov)));
  }

  private interface Loop {
    void run(float[] output);
  }

  /** Returns the array that a loop has written to. */
  private static float[] with(float[] output, Loop loop) {
    loop.run(output);
    return output;
  }
}
