package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.infer.LayerSummary;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Session;
import org.espalier.infer.WeightFormat;
import org.espalier.model.Graph;
import org.espalier.model.Parameter;
import org.espalier.model.Zoo;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Whole networks, rows of the user's in and rows out, with the same share of zeros everywhere. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class PlanBenchmark {
  /** LeNet-300-100 or one layer of 1024 to 1024 units. */
  @Param({"lenet-300-100", "fc-1024"})
  String network;

  /** Percent of the weights that are zero. */
  @Param({"50", "70", "80", "90", "95", "99"})
  int sparsity;

  /** Examples. */
  @Param({"1", "4", "8", "64"})
  int batch;

  /** How layers are computed. */
  @Param({"DENSE", "CSR"})
  WeightFormat kernel;

  /** How narrow the weights are. */
  @Param({"FP32", "FP16", "INT8"})
  Precision weights;

  /** Threads. */
  @Param("1")
  int threads;

  private ThreadPool workers;
  private Session session;
  private float[] x;
  private float[] y;
  private long flops;
  private long effectiveFlops;

  /** Compiles the network. */
  @Setup
  public void setup() {
    var random = new SplittableRandom(1);
    Graph graph =
        network.equals("fc-1024")
            ? Zoo.mlp(Shape.of(1024), 1024)
            : Zoo.named(network, Shape.of(1, 28, 28), 10).orElseThrow();
    for (Parameter p : graph.parameters()) {
      Tensor t = p.value();
      for (int r = 0; r < t.rows(); r++) {
        for (int c = 0; c < t.cols(); c++) {
          t.set(r, c, random.nextInt(100) < sparsity ? 0 : (float) random.nextDouble(-1, 1));
        }
      }
    }
    Plan plan = Plan.compile(graph, PlanOptions.defaults().withKernel(kernel).withWeights(weights));
    workers = new ThreadPool(threads);
    session = plan.session(workers);
    x = new float[batch * graph.inputShape().size()];
    y = new float[batch * graph.outputShape().size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    flops = batch * plan.describe().stream().mapToLong(LayerSummary::flops).sum();
    effectiveFlops = batch * plan.describe().stream().mapToLong(LayerSummary::effectiveFlops).sum();
    System.out.println(plan.weightBytes() + " bytes of weights");
    plan.describe().forEach(System.out::println);
  }

  /** Ends the threads. */
  @TearDown
  public void tearDown() {
    workers.close();
  }

  /** Runs the plan. */
  @Benchmark
  public float[] run(Flops count) {
    session.run(batch, x, y);
    count.count(flops, effectiveFlops);
    return y;
  }
}
