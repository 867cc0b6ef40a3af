package org.espalier.infer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.io.ModelFile;
import org.espalier.io.onnx.translate.ImportOptions;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.machine.FusedMultiplyAdd;
import org.espalier.model.Graph;
import org.espalier.parallel.ThreadPool;
import org.espalier.rewrite.RoundedWeights;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A network compiled for inference: weights packed once, each layer dense or sparse, biases and
 * rectifiers fused, flattening gone. Derived from a {@link Graph}, whose later changes don't show;
 * immutable, and shared by threads that run it in a {@link Session} each.
 *
 * <p>Every output is one fma chain over ascending inputs, started at +0, to which the bias is added
 * last. So the result has the same bits whatever kernels, batch, threads or vector width; and they
 * are those of the graph's own forward pass, up to the sign of a zero; where batch normalisations
 * are folded into convolutions or constant units into their readers, which is the default, they are
 * equal within rounding only.
 *
 * <pre>{@code
 * Plan plan = Plan.load(Path.of("model.onnx"));
 * Session session = plan.session();
 * session.run(batch, images, logits);
 * session.run(batch, Map.of("images", images), Map.of("logits", logits)); // by names
 * }</pre>
 */
public final class Plan {
  private final Map<String, Shape> inputs;
  private final Map<String, Shape> outputs;
  private final int maxBatch;
  private final PlanMemory memory;
  private final Schedule schedule;
  private final List<LayerSummary> summaries;

  private Plan(
      Graph graph,
      int maxBatch,
      PlanMemory memory,
      Schedule schedule,
      List<LayerSummary> summaries) {
    this.inputs = graph.inputs();
    Map<String, Shape> given = new LinkedHashMap<>();
    graph.outputs().forEach(output -> given.put(output, graph.shapeOf(output)));
    this.outputs = Collections.unmodifiableMap(given);
    this.maxBatch = maxBatch;
    this.memory = memory;
    this.schedule = schedule;
    this.summaries = List.copyOf(summaries);
  }

  /**
   * Compiles the network of a model file of ours, its weights as narrow as they are stored, or of
   * an ONNX file (whose name ends in {@code .onnx}). Inputs and outputs have the names that they
   * have there; where an ONNX file computes but one number of examples at once, all of them are one
   * example of the plan. Values are taken as the network takes them: the preprocessing of a model
   * file is {@link ModelFile#read}'s to give.
   *
   * @throws InputException if the file can't be read, or its network can't be computed
   */
  public static Plan load(Path file) {
    PlanOptions options = PlanOptions.defaults();
    return load(
        file, OnnxImport.isOnnx(file) ? options : options.withWeights(ModelFile.precision(file)));
  }

  /**
   * Compiles the network of a file, as {@link #load(Path)} does, but as narrow as the options say.
   *
   * @throws InputException if the file can't be read, or its network can't be computed as the
   *     options ask
   */
  public static Plan load(Path file, PlanOptions options) {
    Graph network =
        OnnxImport.isOnnx(file)
            ? OnnxImport.read(file, ImportOptions.defaults()).graph()
            : ModelFile.read(file).graph();
    try {
      return compile(network, options);
    } catch (IllegalArgumentException e) {
      throw new InputException(file + ": can't be compiled: " + e.getMessage(), e);
    }
  }

  /**
   * Compiles a network.
   *
   * @throws InputException if a weight doesn't fit into the precision that the options ask for, if
   *     the plan doesn't fit into memory with a session of one thread, or if {@link
   *     FusedMultiplyAdd} is no instruction here
   * @throws IllegalArgumentException if a layer can't be computed as the options ask
   */
  public static Plan compile(Graph network, PlanOptions options) {
    return compile(network, options, null);
  }

  /**
   * Shows a meter the kernels of a network's layers, one layer after the other.
   *
   * @param options what the network is to be compiled for; the kernels are those among which the
   *     compiler chooses
   */
  @Internal
  public static void measure(Graph network, PlanOptions options, KernelMeter meter) {
    compile(network, options, meter);
  }

  private static Plan compile(Graph network, PlanOptions options, @Nullable KernelMeter meter) {
    FusedMultiplyAdd.require();
    PlanMemory memory = PlanMemory.of(network, options);
    memory.require(1, 1);
    Graph rewritten = options.rewrites().apply(network);
    Graph graph =
        options.weights() == Precision.FP32
            ? rewritten
            : RoundedWeights.apply(rewritten, options.weights()::roundRows);
    List<LayerSummary> summaries = new ArrayList<>();
    Schedule schedule = PlanCompiler.compile(graph, options, meter, summaries);
    return new Plan(graph, options.maxBatch(), memory, schedule, summaries);
  }

  /** Returns a session that computes on the calling thread. */
  public Session session() {
    return session(new ThreadPool(1));
  }

  /**
   * Returns a session that computes on a pool of threads, which it may share with others.
   *
   * @throws InputException if it doesn't fit into memory
   */
  public Session session(ThreadPool workers) {
    return session(workers, RunListener.NONE);
  }

  /** Returns a session whose runs a listener hears of, if there is one thread only. */
  Session session(ThreadPool workers, RunListener listener) {
    requireMemory(1, workers.threads());
    return new Session(this, workers, listener);
  }

  /**
   * Checks that sessions fit into memory at the same time.
   *
   * @param sessions how many
   * @param threads of each
   * @throws InputException if they don't
   */
  public void requireMemory(int sessions, int threads) {
    memory.require(sessions, threads);
  }

  /** Returns what became of each layer. */
  public List<LayerSummary> describe() {
    return summaries;
  }

  /** Returns what is computed, in order. */
  public List<StageSummary> stages() {
    return StageList.of(schedule, summaries);
  }

  /** Returns the memory that weights, indices and biases take. */
  public long weightBytes() {
    return summaries.stream().mapToLong(LayerSummary::weightBytes).sum();
  }

  /** Returns the shape of one example of each input, by name, in order. */
  public Map<String, Shape> inputs() {
    return inputs;
  }

  /** Returns the shape of each output for one example, by name, in order. */
  public Map<String, Shape> outputs() {
    return outputs;
  }

  /** Returns the shape of one example; of several inputs, of the first. */
  public Shape inputShape() {
    return inputs.values().iterator().next();
  }

  /** Returns the shape of the output for one example; of several, of the first. */
  public Shape outputShape() {
    return outputs.values().iterator().next();
  }

  Schedule schedule() {
    return schedule;
  }

  int maxBatch() {
    return maxBatch;
  }
}
