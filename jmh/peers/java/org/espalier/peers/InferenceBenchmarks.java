package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.espalier.experiment.bench.Engine;
import org.espalier.experiment.bench.InterleavedBenchmark;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.infer.WeightFormat;
import org.espalier.io.onnx.OnnxFile.Form;
import org.espalier.io.onnx.SampleGraphs;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.prune.Pruning;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.LayerPattern;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;

/**
 * Pruned networks at work, beside ONNX Runtime on the same network, fp32 and dynamically quantised,
 * and beside our own dense kernels. Weights are as before training, the smallest of each unit
 * pruned: zeros at random places.
 */
final class InferenceBenchmarks {
  private static final Shape MNIST = Shape.of(1, 28, 28);
  private static final Shape CIFAR = Shape.of(3, 32, 32);
  private static final int CLASSES = 10;
  private static final String DENSE = "ours, dense";

  /** Every weight, also of units that were pruned. */
  private static final PlanOptions FULL_SIZE =
      PlanOptions.defaults().withKernel(WeightFormat.DENSE).withRewrites(Rewrites.FOLDED);

  /** Where marks differ: lanes of vectors of 512 bits. */
  private static final int WIDE = 16;

  /**
   * A pruned network.
   *
   * @param name in the names of rows
   * @param job what the table calls it
   * @param made the network with its weights
   * @param all whether all its layers are pruned, or all but those that usually stay
   */
  private record Network(String name, String job, Supplier<Graph> made, boolean all) {
    static Network zoo(String name, String zoo, String job, Shape input) {
      return new Network(name, job, () -> Zoo.named(zoo, input, CLASSES).orElseThrow(), false);
    }

    Graph pruned(int percent, Granularity by, UnitMode mode) {
      Graph graph = SampleGraphs.randomized(made.get(), 1);
      LayerPattern layers = all ? new LayerPattern(List.of("*")) : LayerPattern.DEFAULT;
      Fraction share = Fraction.of(String.valueOf(percent / 100.0));
      return new Pruning(by, share, mode, layers.select(graph)).apply(graph);
    }

    Graph pruned(int percent) {
      return pruned(percent, Granularity.WEIGHT, UnitMode.WEIGHTS);
    }
  }

  private static final Network FC =
      new Network(
          "fc-1024",
          "layer 1024 to 1024",
          () -> Graph.input(Shape.of(1024)).linear("fc", 1024).build(),
          true);
  private static final Network LENET =
      Network.zoo("lenet300", "lenet-300-100", "LeNet-300-100", MNIST);
  private static final Network RESNET20 = Network.zoo("resnet20", "resnet20", "ResNet-20", CIFAR);
  private static final Network RESNET32 = Network.zoo("resnet32", "resnet32", "ResNet-32", CIFAR);
  private static final Network VGG16 = Network.zoo("vgg16", "vgg16", "VGG-16, 32 x 32", CIFAR);

  /** As exporters leave them; see {@link ForeignNetworks}. */
  private static final List<Network> FOREIGN =
      List.of(
          new Network("resnet18", "ResNet-18, 224 x 224", ForeignNetworks::resnet18, true),
          new Network("mobilenet1", "MobileNetV1 / 4, 96 x 96", ForeignNetworks::mobileNetV1, true),
          new Network("mobilenet2", "MobileNetV2, 224 x 224", ForeignNetworks::mobileNetV2, true),
          new Network("squeezenet", "SqueezeNet, 224 x 224", ForeignNetworks::squeezeNet, true),
          new Network("mlp", "784 to 1024 to 1024 to 10", ForeignNetworks::mlp, true));

  private InferenceBenchmarks() {}

  static List<Benchmark> all() {
    boolean wide = Kernels.sparse().lanes() >= WIDE;
    List<Benchmark> rows = new ArrayList<>();
    rows.addAll(onnx(FC, 80, 1, wide ? Mark.speedup(3, 3.5) : Mark.speedup(1.5, 2.5)));
    rows.addAll(onnx(FC, 90, 1, wide ? Mark.speedup(5, 7) : Mark.speedup(2.5, 4)));
    rows.addAll(onnx(FC, 95, 1, wide ? Mark.speedup(8, 11) : Mark.speedup(5, 7)));
    rows.addAll(onnx(FC, 90, 64, Mark.speedup(4, 5.5)));
    for (int percent : new int[] {50, 60, 70}) {
      for (int batch : new int[] {1, 64}) {
        boolean must = percent == (batch == 1 ? 60 : 70);
        rows.add(breakEven(percent, batch, must ? Mark.speedup(1, 1) : Mark.NONE));
      }
    }
    for (int batch : new int[] {1, 64}) {
      rows.addAll(onnx(LENET, 90, batch, Mark.speedup(2, 4)));
      rows.addAll(onnx(RESNET20, 90, batch, Mark.speedup(1.8, 3)));
      rows.addAll(onnx(RESNET32, 90, batch, Mark.speedup(1.8, 3)));
    }
    rows.add(units(1));
    rows.add(units(64));
    for (Network network : FOREIGN) {
      for (int percent : new int[] {0, 80, 90}) {
        for (int batch : new int[] {1, 16}) {
          rows.add(foreign(network, percent, batch, 1));
          rows.add(foreign(network, percent, batch, 2));
        }
      }
    }
    rows.add(secondThread(FC));
    rows.add(secondThread(LENET));
    rows.add(secondThread(RESNET20));
    return rows;
  }

  /** Ours as the compiler likes beside both forms of ONNX Runtime. */
  private static List<Benchmark> onnx(Network network, int percent, int batch, Mark mark) {
    String name = network.name + "-" + percent + "-b" + batch;
    String job = job(network, percent + " % of the weights pruned", batch);
    return List.of(
        benchmark(
            name,
            job,
            "ONNX Runtime fp32",
            mark,
            () -> beside(network.pruned(percent), batch, Form.FLOAT, 1)),
        benchmark(
            name + "-int8",
            job,
            "ONNX Runtime int8",
            Mark.speedup(1, 1),
            () -> beside(network.pruned(percent), batch, Form.DYNAMIC_INT8, 1)));
  }

  private static Pairing beside(Graph graph, int batch, Form form, int threads) {
    OnnxRuntimeEngine theirs = OnnxRuntimeEngine.of(graph, form, threads);
    return pairing(
        engine(graph, WeightFormat.AUTO, threads),
        theirs,
        batch,
        theirs.name() + " " + theirs.version());
  }

  /** What people bring: dense it need not be faster, with zeros it must. */
  private static Benchmark foreign(Network network, int percent, int batch, int threads) {
    boolean layers = network.name.equals("resnet18") || network.name.equals("mlp");
    Mark mark =
        switch (percent) {
          case 0 -> Mark.speedup(0.8, 1);
          case 80 -> Mark.speedup(1.5, 2);
          default -> layers ? Mark.speedup(2.5, 3.5) : Mark.speedup(1.5, 2);
        };
    String name = "foreign-" + network.name + "-" + percent + "-b" + batch;
    return new Benchmark(
        threads == 1 ? name : name + "-" + threads + "t",
        job(network, percent + " % of the weights pruned", batch),
        "ONNX Runtime fp32",
        threads,
        0,
        mark,
        () -> beside(network.pruned(percent), batch, Form.FLOAT, threads));
  }

  private static Benchmark breakEven(int percent, int batch, Mark mark) {
    return benchmark(
        FC.name + "-" + percent + "-b" + batch + "-dense",
        job(FC, percent + " % of the weights pruned, sparse kernel", batch),
        DENSE,
        mark,
        () -> {
          Graph graph = FC.pruned(percent);
          return pairing(
              engine(graph, WeightFormat.CSR, 1),
              engine(graph, WeightFormat.DENSE, 1),
              batch,
              DENSE);
        });
  }

  private static Benchmark units(int batch) {
    return benchmark(
        "vgg16-units-50-b" + batch,
        job(VGG16, "half of the units pruned and taken out", batch),
        DENSE,
        Mark.speedup(2.5, 3.5),
        () -> {
          Graph graph = VGG16.pruned(50, Granularity.UNIT, UnitMode.OUTPUT);
          return pairing(
              engine(graph, WeightFormat.AUTO, 1), engine(graph, FULL_SIZE, 1), batch, DENSE);
        });
  }

  private static Benchmark secondThread(Network network) {
    int percent = 90;
    int batch = 64;
    return new Benchmark(
        network.name + "-" + percent + "-b" + batch + "-2t",
        job(network, percent + " % of the weights pruned", batch),
        "ours, 1 thread",
        2,
        0,
        Mark.speedup(1.7, 1.9),
        () -> {
          Graph graph = network.pruned(percent);
          return pairing(
              engine(graph, WeightFormat.AUTO, 2),
              engine(graph, WeightFormat.AUTO, 1),
              batch,
              "ours");
        });
  }

  private static String job(Network network, String pruned, int batch) {
    return String.format(Locale.ROOT, "inference, %s, %s, batch %d", network.job, pruned, batch);
  }

  private static Benchmark benchmark(
      String name, String job, String peer, Mark mark, Supplier<Pairing> setUp) {
    return new Benchmark(name, job, peer, 1, 0, mark, setUp);
  }

  private static Engine engine(Graph graph, WeightFormat kernel, int threads) {
    return engine(graph, PlanOptions.defaults().withKernel(kernel), threads);
  }

  private static Engine engine(Graph graph, PlanOptions options, int threads) {
    return new PlanEngine("ours", Plan.compile(graph, options), threads);
  }

  private static Pairing pairing(Engine ours, Engine theirs, int batch, String other) {
    var random = new SplittableRandom(1);
    float[] x = new float[batch * ours.inputs()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    Engine.Request our = ours.prepare(batch, x);
    Engine.Request their = theirs.prepare(batch, x);
    our.run();
    their.run();
    double difference = InterleavedBenchmark.difference(our.outputs(), their.outputs());
    // Units that were taken out leave another order of nothing: folded constants, rounded once.
    double tolerance = Math.max(theirs.tolerance(), 1e-4);
    if (!(difference <= tolerance)) {
      throw Pairing.differ("the largest output, of which at most " + tolerance, 0, difference);
    }
    return new Pairing(Job.of(our::run), Job.of(their::run), other);
  }
}
