package org.espalier.kernel.conv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.tensor.Nchw16n;

/** A convolution and its gradients summed in double, in one naive loop over all products. */
final class DoubleConv {
  /** Sums, and what bounds the error of computing them in float. */
  static final class Sums {
    private final double[] sums;
    private final double[] magnitudes;
    private final int[] terms;

    Sums(int n) {
      sums = new double[n];
      magnitudes = new double[n];
      terms = new int[n];
    }

    private void add(int i, double product) {
      sums[i] += product;
      magnitudes[i] += Math.abs(product);
      terms[i]++;
    }

    /** Returns how far computed sums, each times a number, may be off together. */
    double bound(float[] factors) {
      double bound = 0;
      for (int i = 0; i < sums.length; i++) {
        bound += terms[i] * 0x1p-23 * magnitudes[i] * Math.abs(factors[i]);
      }
      return bound;
    }

    /** Asserts that computed sums are as near as their number of terms allows. */
    void assertNear(float[] actual, String what) {
      for (int i = 0; i < sums.length; i++) {
        double bound = terms[i] * 0x1p-23 * magnitudes[i];
        int at = i;
        assertTrue(
            Math.abs(actual[i] - sums[i]) <= bound,
            () -> what + ": [" + at + "] is " + actual[at] + ", not " + sums[at]);
      }
    }
  }

  final Sums y;
  final Sums dx;
  final Sums dw;

  DoubleConv(ConvCase c) {
    ConvGeometry g = c.geometry;
    Nchw16n in = g.input();
    Nchw16n out = g.output();
    float[] x = ConvCase.values(in, c.images, c.x);
    float[] dy = ConvCase.values(out, c.images, c.dy);
    y = new Sums(dy.length);
    dx = new Sums(x.length);
    dw = new Sums(g.outputs() * g.fanIn());
    int inputs = in.channels() / g.groups();
    for (int image = 0; image < c.images; image++) {
      for (int o = 0; o < g.outputs(); o++) {
        for (int k = 0; k < g.fanIn(); k++) {
          int channel =
              o * g.groups() / g.outputs() * inputs + k / g.kernelWidth() / g.kernelHeight();
          for (int p = 0; p < out.pixels(); p++) {
            int row =
                p / out.width() * g.stride() - g.padding() + k / g.kernelWidth() % g.kernelHeight();
            int col = p % out.width() * g.stride() - g.padding() + k % g.kernelWidth();
            if (row >= 0 && row < in.height() && col >= 0 && col < in.width()) {
              int source = (image * in.channels() + channel) * in.pixels() + row * in.width() + col;
              int target = (image * g.outputs() + o) * out.pixels() + p;
              double weight = c.w.get(o, k);
              y.add(target, weight * x[source]);
              dx.add(source, weight * dy[target]);
              dw.add(o * g.fanIn() + k, (double) x[source] * dy[target]);
            }
          }
        }
      }
    }
  }
}
