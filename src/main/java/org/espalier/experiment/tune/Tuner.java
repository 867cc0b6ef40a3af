package org.espalier.experiment.tune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.espalier.infer.KernelMeter;
import org.espalier.infer.KernelTimes;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.WeightFormat;
import org.espalier.infer.Workload;
import org.espalier.machine.Gauges;
import org.espalier.model.Graph;

/**
 * Measures the kernels among which the compiler chooses for the layers of a network, so that the
 * choice rests on this machine's times instead of estimates. What can't be stood behind is told,
 * and not kept.
 */
public final class Tuner implements KernelMeter {
  private final KernelTimer timer;
  private final Consumer<String> progress;
  private final Map<String, Finding> findings = new LinkedHashMap<>();

  /**
   * What was found for a layer and a batch.
   *
   * @param layer what times depend on, see {@link Workload#toString}
   * @param batch examples that are computed together
   * @param kernels what was measured, in the order of the kernels
   * @param refusal why these times are not kept; empty if they are
   */
  public record Finding(String layer, int batch, List<Measured> kernels, Optional<String> refusal) {
    /** Copies the list. */
    public Finding {
      kernels = List.copyOf(kernels);
    }
  }

  /**
   * A kernel's time.
   *
   * @param nanos nanoseconds of a call, the shortest
   * @param estimatedNanos what was expected
   */
  public record Measured(WeightFormat kernel, double nanos, double estimatedNanos) {}

  Tuner(KernelTimer timer, Consumer<String> progress) {
    this.timer = timer;
    this.progress = progress;
  }

  /**
   * Measures the layers of a network, those of one kind once.
   *
   * @param options what the network is compiled for
   * @param progress is told which layer is next
   */
  public static List<Finding> tune(Graph graph, PlanOptions options, Consumer<String> progress) {
    Tuner tuner = new Tuner(new KernelTimer(Gauges.ofThisMachine()), progress);
    Plan.measure(graph, options, tuner);
    return tuner.findings();
  }

  /** Returns what was found so far, layer by layer. */
  List<Finding> findings() {
    return List.copyOf(findings.values());
  }

  @Override
  public void measure(Workload layer, int batch, List<Candidate> candidates) {
    findings.computeIfAbsent(
        layer + ", batch " + batch,
        name -> {
          progress.accept(name);
          return find(layer.toString(), batch, candidates);
        });
  }

  private Finding find(String layer, int batch, List<Candidate> candidates) {
    KernelTimer.Times times =
        timer.time(
            candidates.stream()
                .map(c -> new KernelTimer.Piece(c.work().get(), c.estimate().getAsDouble()))
                .toList());
    List<Measured> kernels = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      Candidate c = candidates.get(i);
      kernels.add(new Measured(c.kernel(), times.nanos().get(i), c.estimate().getAsDouble()));
    }
    return new Finding(layer, batch, kernels, times.refusal());
  }

  /** Returns those times that can be stood behind. */
  public static Map<KernelTimes.Key, Double> kept(List<Finding> findings) {
    Map<KernelTimes.Key, Double> kept = new LinkedHashMap<>();
    for (Finding f : findings) {
      if (f.refusal().isEmpty()) {
        for (Measured m : f.kernels()) {
          kept.put(new KernelTimes.Key(f.layer(), m.kernel(), f.batch()), m.nanos());
        }
      }
    }
    return kept;
  }
}
