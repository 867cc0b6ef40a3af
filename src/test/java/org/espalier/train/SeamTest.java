package org.espalier.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.espalier.data.Dataset;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Node;
import org.espalier.model.Zoo;
import org.espalier.op.Activation;
import org.espalier.op.Clock;
import org.espalier.op.EffectiveWeight;
import org.espalier.op.Operation;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.op.Trainable;
import org.espalier.op.WeightTransform;
import org.espalier.op.WeightedOp;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;

/**
 * Methods with parameters of their own, a penalty and another forward pass train through the same
 * seam and the same trainer as targeted dropout: L0 gates (Louizos et al. 2018) and variational
 * dropout (Kingma et al. 2015, Molchanov et al. 2017), each of a few lines and one layer.
 */
class SeamTest {
  /** Hard concrete gates on the weights. */
  private record L0(double lambda) implements Sparsifier {
    static final double BETA = 2.0 / 3;
    static final double ZETA = 1.1;
    static final double GAMMA = -0.1;

    @Override
    public WeightTransform transform(Node node, Trainable weight, Site site) {
      Tensor w = weight.value();
      Trainable gate = new Trainable(weight.name() + "/gate", Tensor.zeros(w.shape()), false);
      gate.value().fill(1);
      Tensor product = Tensor.zeros(w.shape());
      Tensor slope = Tensor.zeros(w.shape());
      Tensor mask = Tensor.zeros(w.shape());
      return new WeightTransform() {
        @Override
        public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
          var random = new SplittableRandom(site.seed() * 31 + clock.step());
          for (int r = 0; r < w.rows(); r++) {
            for (int c = 0; c < w.cols(); c++) {
              double u = random.nextDouble(1e-6, 1 - 1e-6);
              double noise = phase == Phase.TRAIN ? Math.log(u) - Math.log(1 - u) : 0;
              double s = sigmoid((gate.value().get(r, c) + noise) / BETA);
              double stretched = s * (ZETA - GAMMA) + GAMMA;
              boolean inside = stretched > 0 && stretched < 1;
              mask.set(r, c, (float) Math.clamp(stretched, 0, 1));
              slope.set(r, c, (float) (inside ? s * (1 - s) / BETA * (ZETA - GAMMA) : 0));
              product.set(r, c, w.get(r, c) * mask.get(r, c));
            }
          }
          effective.replaced(product);
        }

        @Override
        public void backward(Trainable weight) {
          for (int r = 0; r < w.rows(); r++) {
            for (int c = 0; c < w.cols(); c++) {
              float g = weight.gradient().get(r, c);
              double open = open(gate.value().get(r, c));
              double d = g * w.get(r, c) * slope.get(r, c) + lambda * open * (1 - open);
              gate.gradient().set(r, c, (float) d);
              weight.gradient().set(r, c, g * mask.get(r, c));
            }
          }
        }

        @Override
        public double penalty() {
          double sum = 0;
          for (float a : gate.value().toArray()) {
            sum += open(a);
          }
          return lambda * sum;
        }

        @Override
        public List<Trainable> trainables() {
          return List.of(gate);
        }
      };
    }

    static double open(double a) {
      return sigmoid(a - BETA * Math.log(-GAMMA / ZETA));
    }

    static double sigmoid(double x) {
      return 1 / (1 + Math.exp(-x));
    }
  }

  /** Gaussian noise on the outputs, of a learned variance for each weight. */
  private record Variational(double scale) implements Sparsifier {
    @Override
    public WeightTransform transform(Node node, Trainable weight, Site site) {
      Trainable logVariance =
          new Trainable(
              weight.name() + "/log-variance", Tensor.zeros(weight.value().shape()), false);
      logVariance.value().fill(-6);
      return new WeightTransform() {
        @Override
        public void prepare(Phase phase, Clock clock, EffectiveWeight effective) {
          effective.plain();
        }

        @Override
        public List<Trainable> trainables() {
          return List.of(logVariance);
        }

        @Override
        public double penalty() {
          double sum = 0;
          float[] w = weight.value().toArray();
          float[] v = logVariance.value().toArray();
          for (int i = 0; i < w.length; i++) {
            sum += Math.log1p(w[i] * w[i] * Math.exp(-v[i])); // −KL's bound of Hron et al. 2018
          }
          return scale * 0.5 * sum;
        }

        @Override
        public void backward(Trainable trainable) {
          Tensor w = trainable.value();
          for (int r = 0; r < w.rows(); r++) {
            for (int c = 0; c < w.cols(); c++) {
              double snr = w.get(r, c) * Math.exp(-logVariance.value().get(r, c));
              double d = scale * snr / (1 + w.get(r, c) * snr);
              trainable.gradient().set(r, c, trainable.gradient().get(r, c) + (float) d);
              float g = logVariance.gradient().get(r, c);
              logVariance.gradient().set(r, c, g - (float) (d * w.get(r, c) / 2));
            }
          }
        }
      };
    }

    /**
     * The local reparameterisation: y += sqrt(x² · variance) · noise, in front of the rectifier.
     */
    @Override
    public Operation replace(Node node, WeightedOp layer, WeightTransform transform, Site site) {
      Trainable logVariance = transform.trainables().getFirst();
      Tensor v = logVariance.value();
      int units = v.rows();
      double[][] noise = new double[site.maxBatch()][units];
      double[][] deviation = new double[site.maxBatch()][units];
      return new Operation() {
        @Override
        public void forward(Phase phase, Clock clock, int batch) {
          layer.forward(phase, clock, batch);
          if (phase != Phase.TRAIN) {
            return;
          }
          var random = new java.util.Random(site.seed() * 31 + clock.step());
          Tensor x = layer.input().value();
          for (int b = 0; b < batch; b++) {
            for (int o = 0; o < units; o++) {
              double s = 1e-8;
              for (int i = 0; i < v.cols(); i++) {
                s += x.get(b, i) * x.get(b, i) * Math.exp(v.get(o, i));
              }
              deviation[b][o] = Math.sqrt(s);
              noise[b][o] = random.nextGaussian();
              float y = layer.output().value().get(b, o);
              layer.output().value().set(b, o, y + (float) (deviation[b][o] * noise[b][o]));
            }
          }
        }

        @Override
        public void backward(int batch) {
          Tensor dy = layer.output().requiredGradient();
          Tensor x = layer.input().value();
          for (int o = 0; o < units; o++) {
            for (int i = 0; i < v.cols(); i++) {
              double d = 0;
              for (int b = 0; b < batch; b++) {
                d += dy.get(b, o) * noise[b][o] * x.get(b, i) * x.get(b, i) / deviation[b][o] / 2;
              }
              logVariance.gradient().set(o, i, (float) (d * Math.exp(v.get(o, i))));
            }
          }
          layer.backward(batch);
        }

        @Override
        public Activation output() {
          return layer.output();
        }

        @Override
        public List<Trainable> trainables() {
          return layer.trainables();
        }
      };
    }
  }

  private static double train(Sparsifier method, Graph graph, boolean[] moved) {
    Dataset data = Blobs.dataset(600, 3);
    Initializer.HE_NORMAL.initialize(graph, 1);
    try (ThreadPool workers = new ThreadPool(1)) {
      Trainer trainer =
          new Trainer(
              graph, method, Blobs.options(15, 20, 0.05), data, data, Blobs.PREPROCESSING, workers);
      List<Trainable> own =
          trainer.network().transforms().values().stream()
              .flatMap(t -> t.trainables().stream())
              .toList();
      float[] before = own.getFirst().value().toArray();
      assertTrue(trainer.run(TrainingListener.NONE, () -> false));
      moved[0] = !java.util.Arrays.equals(before, own.getFirst().value().toArray());
      assertTrue(trainer.network().penalty() > 0);
      return trainer.accuracy(Phase.EVALUATE, data);
    }
  }

  @Test
  void l0GatesTrainThroughTheSeam() {
    boolean[] moved = new boolean[1];
    double accuracy = train(new L0(1e-4), Zoo.mlp(Blobs.SHAPE, Blobs.CLASSES), moved);
    assertTrue(moved[0], "the gates have not moved");
    assertTrue(accuracy > 0.9, "accuracy " + accuracy);
  }

  @Test
  void variationalDropoutReplacesTheOperatorThroughTheSeam() {
    boolean[] moved = new boolean[1];
    double accuracy = train(new Variational(1e-4), Zoo.mlp(Blobs.SHAPE, Blobs.CLASSES), moved);
    assertTrue(moved[0], "the variances have not moved");
    assertTrue(accuracy > 0.9, "accuracy " + accuracy);
  }
}
