package org.espalier.infer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Step;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * What a plan takes of memory at least, from the network's description and weights alone, so that
 * one that can't fit is refused before anything is allocated for it.
 *
 * @param weights bytes of the network's parameters
 * @param rewritten bytes of their copies, and of what is found out about the network's channels
 * @param packed bytes of the weights as kernels read them
 * @param vectors bytes of the vectors that are of use at one time, for a whole step
 * @param maps bytes of the feature maps that are of use at one time, for a group of images
 * @param step examples that are computed side by side
 */
record PlanMemory(long weights, long rewritten, long packed, long vectors, long maps, int step) {
  /** Bytes that the analysis of a network takes for each channel of each node. */
  private static final int ANALYSIS = 2 * Float.BYTES;

  /** Density above which a layer is taken to be dense. */
  private static final double DENSE = 0.5;

  /** Estimates a plan. */
  static PlanMemory of(Graph graph, PlanOptions options) {
    int step = Math.min(options.maxBatch(), PlanOptions.BATCH);
    int lanes = ConvSession.lanes(step);
    long weights = 0;
    for (Parameter p : graph.parameters()) {
      weights += Float.BYTES * Tensor.floats(p.value().shape());
    }
    long packed = 0;
    for (Node node : graph.layers()) {
      packed += packed(graph.parameter(node.parameter(Operator.WEIGHT)).value(), options);
    }
    long rewritten = options.rewrites() == Rewrites.NONE ? 0 : weights;
    if (options.rewrites() == Rewrites.SMALLER) {
      for (Node node : graph.nodes()) {
        Shape shape = node.outputShape();
        rewritten += Footprint.product(shape.rank() == 3 ? shape.dim(0) : shape.size(), ANALYSIS);
      }
    }
    long[] peaks = peaks(graph, step, lanes);
    return new PlanMemory(weights, rewritten, packed, peaks[0], peaks[1], step);
  }

  private static long packed(Tensor weight, PlanOptions options) {
    long all = (long) weight.rows() * weight.cols();
    long nnz = options.kernel() == WeightFormat.DENSE ? all : weight.nonZeros();
    return options.weights().bytes() * (nnz > DENSE * all ? all : nnz);
  }

  /** Returns the most bytes of vectors and of maps that are of use at one time. */
  private static long[] peaks(Graph graph, int step, int lanes) {
    List<Step> steps = Step.forInference(graph);
    Map<String, Integer> lastReaders = new HashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      for (String input : steps.get(i).inputs()) {
        lastReaders.put(input, i);
      }
    }
    long[] live = {0, 0};
    long[] peaks = {0, 0};
    long[][] ends = new long[steps.size() + 1][2];
    for (var input : graph.inputs().entrySet()) {
      int kind = input.getValue().rank() == 3 ? 1 : 0;
      long bytes =
          Footprint.product(input.getValue().size(), kind == 0 ? step : lanes, Float.BYTES);
      live[kind] += bytes;
      ends[lastReaders.getOrDefault(input.getKey(), steps.size())][kind] += bytes;
      peaks[kind] = Math.max(peaks[kind], live[kind]);
    }
    for (int i = 0; i < steps.size(); i++) {
      Step s = steps.get(i);
      int kind = s.planes() == null ? 0 : 1;
      long bytes = Footprint.product(s.output().size(), kind == 0 ? step : lanes, Float.BYTES);
      live[kind] += bytes;
      ends[lastReaders.getOrDefault(s.name(), steps.size())][kind] += bytes;
      peaks[kind] = Math.max(peaks[kind], live[kind]);
      live[0] -= ends[i][0];
      live[1] -= ends[i][1];
    }
    return peaks;
  }

  /**
   * Checks that the plan fits into memory with sessions, which share its weights.
   *
   * @param sessions how many there are at the same time
   * @param threads of each session, each of which may have maps of its own
   * @throws org.espalier.InputException if it doesn't
   */
  void require(int sessions, int threads) {
    long pipelines = Math.clamp(Nchw16n.groups(step), 1, threads);
    String examples = (sessions == 1 ? "" : sessions + " times ") + step + " examples";
    new Footprint("the network")
        .add("weights", weights)
        .add("rewritten weights", rewritten)
        .add("packed weights", packed)
        .add("vectors for " + examples, Footprint.product(vectors, sessions))
        .add("feature maps for " + examples, Footprint.product(maps, pipelines, sessions))
        .require();
  }
}
