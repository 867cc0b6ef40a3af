package org.espalier.model;

import org.espalier.kernel.Kernels;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;

/**
 * How weights begin; other parameters begin as their {@linkplain Parameter.Kind#start() kind} says.
 * Values depend on the seed, the parameter's name and the index alone.
 */
public enum Initializer {
  /** Normal with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010). */
  GLOROT_NORMAL {
    @Override
    double deviation(int fanIn, int fanOut) {
      return Math.sqrt(2.0 / (fanIn + fanOut));
    }
  },
  /** Uniform with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010). */
  GLOROT_UNIFORM {
    @Override
    double deviation(int fanIn, int fanOut) {
      return Math.sqrt(2.0 / (fanIn + fanOut));
    }

    @Override
    double draw(int a, int b) {
      return uniform(a);
    }
  },
  /** Normal with variance 2 / fan-in (He et al. 2015). */
  HE_NORMAL {
    @Override
    double deviation(int fanIn, int fanOut) {
      return Math.sqrt(2.0 / fanIn);
    }
  },
  /** Uniform with variance 2 / fan-in (He et al. 2015). */
  HE_UNIFORM {
    @Override
    double deviation(int fanIn, int fanOut) {
      return Math.sqrt(2.0 / fanIn);
    }

    @Override
    double draw(int a, int b) {
      return uniform(a);
    }
  };

  abstract double deviation(int fanIn, int fanOut);

  /** Returns a number of mean 0 and variance 1 made of two random words: here normal. */
  double draw(int a, int b) {
    // Box-Muller. StrictMath gives the same bits on every platform.
    double u = ((a >>> 8) + 0.5) * 0x1p-24;
    double v = (b >>> 8) * 0x1p-24;
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  static double uniform(int word) {
    return ((word >>> 8) * 0x1p-23 - 1) * Math.sqrt(3);
  }

  /** Sets all parameters of a network. */
  public void initialize(Graph graph, long seed) {
    for (Parameter p : graph.parameters()) {
      p.value().fill(p.kind().start());
    }
    for (Node node : graph.layers()) {
      String name = node.parameter(Operator.WEIGHT);
      initialize(
          graph.parameter(name).value(),
          fanOut((Operator.Layer) node.operator()),
          RandomKey.of(seed, name + "/initial"));
    }
  }

  /** Returns how many sums an input goes into. */
  private static int fanOut(Operator.Layer layer) {
    return switch (layer) {
      case Operator.Linear linear -> linear.outputs();
      case Operator.Conv2d conv -> conv.outputs() / conv.groups() * conv.window().size();
    };
  }

  private void initialize(Tensor w, int fanOut, RandomKey key) {
    double deviation = deviation(w.cols(), fanOut);
    int[] words = new int[2 * w.cols()];
    for (int r = 0; r < w.rows(); r++) {
      Kernels.random().words(key, 0, r, words.length, words, 0);
      for (int c = 0; c < w.cols(); c++) {
        w.set(r, c, (float) (deviation * draw(words[2 * c], words[2 * c + 1])));
      }
    }
  }
}
