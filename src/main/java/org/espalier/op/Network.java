package org.espalier.op;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.machine.FusedMultiplyAdd;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Step;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A graph made ready for training: buffers for a largest batch, forward and backward. It changes
 * the graph's own parameters. A rectifier directly behind a layer becomes part of it.
 */
@Internal
public final class Network {
  private final Activation input;
  private final List<Operation> operations = new ArrayList<>();
  private final List<String> operationNames = new ArrayList<>();
  private final List<WeightedOp> layers = new ArrayList<>();
  private final Map<String, WeightTransform> transforms = new LinkedHashMap<>();
  private final List<WeightTransform> transformList = new ArrayList<>();
  private final List<Trainable> trainables = new ArrayList<>();
  private final Activation output;
  private final long activationFloats;
  private @Nullable StageListener stages;

  /**
   * Makes a graph ready.
   *
   * @param graph the network
   * @param sparsifier the method of training
   * @param seed the run's seed
   * @param maxBatch most examples of one batch
   * @param maskGradients whether masked entries of gradients must be written as 0; otherwise it is
   *     left to the optimiser to skip them
   * @param workers the threads
   * @throws InputException if it doesn't fit into memory, or if {@link FusedMultiplyAdd} is no
   *     instruction here
   */
  public Network(
      Graph graph,
      Sparsifier sparsifier,
      long seed,
      int maxBatch,
      boolean maskGradients,
      ThreadPool workers) {
    FusedMultiplyAdd.require();
    Trainability.require(graph);
    List<Step> steps = Step.forTraining(graph);
    ActivationPlan plan = new ActivationPlan(steps, maxBatch);
    footprint(graph, plan, maxBatch).require();
    plan.allocate();
    var site = new Sparsifier.Site(seed, maxBatch, workers);
    input = Activation.input(Tensor.zeros(maxBatch, graph.inputShape().size()));
    Scratch scratch = new Scratch(maxBatch, widest(graph));
    Activation last = input;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      OperationInput source = plan.source(step.inputs().getFirst(), i, input);
      OperationInput other =
          step.inputs().size() > 1 ? plan.source(step.inputs().get(1), i, input) : null;
      Activation out = plan.output(step.name());
      Node node = step.node();
      boolean relu = step.clamp().equals(Clamp.RELU);
      switch (step.operator()) {
        case Operator.Linear _ ->
            add(
                node,
                new LinearOp(node, graph, source, out, relu, maskGradients, scratch, workers),
                sparsifier,
                site);
        case Operator.Conv2d conv -> {
          var geometry = conv.geometry(source.activation().requiredPlanes().shape());
          add(
              node,
              new Conv2dOp(
                  node, graph, geometry, source, out, relu, maxBatch, maskGradients, workers),
              sparsifier,
              site);
        }
        case Operator.BatchNorm norm ->
            add(step.name(), new BatchNormOp(node, norm, graph, source, other, relu, out, workers));
        case Operator.Relu _ -> add(step.name(), new ReluOp(source, out, workers));
        case Operator.Add _ ->
            add(step.name(), new AddOp(source, Objects.requireNonNull(other), out, workers));
        case Operator.Shortcut(int _, int stride) ->
            add(step.name(), new PoolAndShortcut.Shortcut(stride, source, out, maxBatch, workers));
        case Operator.Pool pool ->
            add(step.name(), PoolAndShortcut.of(pool, source, out, maxBatch, workers));
        case Operator.GlobalAveragePool _ ->
            add(step.name(), new PoolAndShortcut.GlobalAverage(source, out, maxBatch, workers));
        case Operator.Flatten _ ->
            add(step.name(), new LayoutChange(source, out, maxBatch, workers));
        case Elementwise _, Movement _, Reduction _, Resampling _ ->
            throw new IllegalStateException(step.name() + " was not refused");
        case null -> add(step.name(), new LayoutChange(source, out, maxBatch, workers));
      }
      last = out;
    }
    output = last;
    activationFloats = plan.floats();
  }

  /**
   * Returns what a graph that is trained takes of memory at least, its parameters among it, without
   * what the optimiser keeps.
   *
   * @param maxBatch most examples of one batch
   */
  public static Footprint footprint(Graph graph, int maxBatch) {
    return footprint(graph, new ActivationPlan(Step.forTraining(graph), maxBatch), maxBatch);
  }

  private static Footprint footprint(Graph graph, ActivationPlan plan, int maxBatch) {
    long all = 0;
    for (Parameter p : graph.parameters()) {
      all += Tensor.floats(p.value().shape());
    }
    return new Footprint("the network, trained")
        .addFloats("parameters", all)
        .addFloats("their gradients", trainedFloats(graph))
        .addFloats("activations for " + maxBatch + " examples", plan.floats());
  }

  /** Returns how many floats the parameters have that an optimiser changes. */
  public static long trainedFloats(Graph graph) {
    long trained = 0;
    for (Parameter p : graph.parameters()) {
      trained += p.kind().isTrained() ? Tensor.floats(p.value().shape()) : 0;
    }
    return trained;
  }

  private static int widest(Graph graph) {
    int widest = graph.inputShape().size();
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Operator.Linear linear) {
        widest = Math.max(widest, Math.max(linear.inputs(), linear.outputs()));
      }
    }
    return widest;
  }

  private void add(Node node, WeightedOp layer, Sparsifier sparsifier, Sparsifier.Site site) {
    WeightTransform transform = sparsifier.transform(node, layer.weight(), site);
    layer.transform(transform);
    transforms.put(node.name(), transform);
    transformList.add(transform);
    layers.add(layer);
    add(node.name(), sparsifier.replace(node, layer, transform, site));
    trainables.addAll(transform.trainables());
  }

  private void add(String name, Operation operation) {
    operations.add(operation);
    operationNames.add(name);
    trainables.addAll(operation.trainables());
  }

  /**
   * Runs forward.
   *
   * @param phase what for
   * @param clock where training stands
   * @param x examples {@code [batch or more][features]}, not copied
   * @param batch how many examples
   * @return the outputs {@code [maxBatch][classes]}, of which the first {@code batch} rows are set
   */
  public Tensor forward(Phase phase, Clock clock, Tensor x, int batch) {
    input.value(x);
    for (int i = 0; i < operations.size(); i++) {
      operations.get(i).forward(phase, clock, batch);
      ended(i, Stage.FORWARD);
    }
    return output.value();
  }

  /** Returns where the gradient of the loss with respect to the outputs is put before backward. */
  public Tensor outputGradient() {
    return output.requiredGradient();
  }

  /**
   * Runs backward from {@link #outputGradient()}, after a forward pass for training. After the last
   * part of a step the gradients of the parameters are complete.
   */
  public void backward(int batch) {
    for (int i = operations.size() - 1; i >= 0; i--) {
      operations.get(i).backward(batch);
      ended(i, Stage.OUTPUT_GRADIENT);
    }
  }

  /** Says that what an operation does beside the stages it tells of itself has ended. */
  private void ended(int operation, Stage stage) {
    if (stages != null) {
      stages.ended(operationNames.get(operation), stage, 0);
    }
  }

  /** Sets who is told of the stages of each pass, or null for nobody. */
  public void listen(@Nullable StageListener listener) {
    stages = listener;
    layers.forEach(layer -> layer.listen(listener));
  }

  /** Returns how many floats the values and gradients between operations take. */
  public long activationFloats() {
    return activationFloats;
  }

  /** Returns what the optimiser changes. */
  public List<Trainable> trainables() {
    return trainables;
  }

  /** Returns the method's transform of each layer that has weights, by the node's name. */
  public Map<String, WeightTransform> transforms() {
    return transforms;
  }

  /** Returns what the method adds to the loss. */
  public double penalty() {
    double sum = 0;
    for (int i = 0; i < transformList.size(); i++) {
      sum += transformList.get(i).penalty();
    }
    return sum;
  }

  /** Tells the method that the optimiser has changed the weights. */
  public void afterStep(Clock clock) {
    for (int i = 0; i < transformList.size(); i++) {
      transformList.get(i).afterStep(clock);
    }
  }

  /**
   * Returns the share of mask bits that differ from the training step before, the mean over the
   * layers that have masks, or −1 if none has.
   */
  public double churn() {
    double sum = 0;
    int layersWithMasks = 0;
    for (int i = 0; i < transformList.size(); i++) {
      double churn = transformList.get(i).churn();
      if (churn >= 0) {
        sum += churn;
        layersWithMasks++;
      }
    }
    return layersWithMasks == 0 ? -1 : sum / layersWithMasks;
  }

  /** Returns how many rows of masks have been selected for training steps so far. */
  public long rowsSelected() {
    long sum = 0;
    for (int i = 0; i < transformList.size(); i++) {
      sum += transformList.get(i).rowsSelected();
    }
    return sum;
  }

  /** Returns for how many of them the threshold was not near that of the step before. */
  public long bracketsMissed() {
    long sum = 0;
    for (int i = 0; i < transformList.size(); i++) {
      sum += transformList.get(i).bracketsMissed();
    }
    return sum;
  }

  /** Returns whether {@link Phase#EVALUATE_PRUNED} differs from {@link Phase#EVALUATE}. */
  public boolean prunes() {
    return transforms.values().stream().anyMatch(WeightTransform::prunes);
  }

  /** Returns the time that the method has taken to decide effective weights so far. */
  public long transformNanos() {
    long sum = 0;
    for (int i = 0; i < layers.size(); i++) {
      sum += layers.get(i).transformNanos();
    }
    return sum;
  }

  /**
   * Returns where the first value is that is NaN or infinite, or nothing if all of the last pass
   * are finite: outputs first, in the order of the layers, then gradients and parameters.
   *
   * @param batch examples of the last pass
   */
  public Optional<String> firstNonFinite(int batch) {
    for (WeightedOp layer : layers) {
      if (!isFinite(layer.output().value(), layer.output().rows(batch))) {
        return Optional.of("the output of " + layer.name());
      }
    }
    for (Trainable t : trainables) {
      if (!isFinite(t.value(), t.value().rows())) {
        return Optional.of(t.name());
      }
    }
    for (Trainable t : trainables) {
      if (t.mask() == null && !isFinite(t.gradient(), t.gradient().rows())) {
        return Optional.of("the gradient of " + t.name());
      }
    }
    return Optional.empty();
  }

  private static boolean isFinite(Tensor t, int rows) {
    for (int r = 0; r < rows; r++) {
      if (!Kernels.vector().isFinite(t.cols(), t.data(), t.row(r))) {
        return false;
      }
    }
    return true;
  }
}
