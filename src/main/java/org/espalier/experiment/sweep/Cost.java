package org.espalier.experiment.sweep;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What a pruned network costs, beside the one that it was. "Dense" is the network of the size that
 * it had, every weight multiplied; "sparse" is what is left of it, each layer as the compiler
 * chooses.
 *
 * @param fileBytes size of the model file
 * @param denseBytes memory of the weights, dense
 * @param sparseBytes memory of the weights, sparse
 * @param calls how long calls take, by batch
 */
public record Cost(long fileBytes, long denseBytes, long sparseBytes, List<Call> calls) {
  /** Copies the list. */
  public Cost {
    calls = List.copyOf(calls);
  }

  /**
   * How long a call takes: medians in µs, measured by turns.
   *
   * @param batch examples of a call
   * @param dense of the dense network; NaN if nothing was measured, for the reason in {@code
   *     doubts}
   * @param sparse of the sparse network
   * @param onnxRuntime of what is left of the network in ONNX Runtime, if that is there
   * @param others how many processors others used meanwhile, if that is known
   * @param doubts why the times should not be believed; empty if there is no reason
   */
  public record Call(
      int batch,
      double dense,
      double sparse,
      OptionalDouble onnxRuntime,
      OptionalDouble others,
      List<String> doubts) {
    /** Copies the list. */
    public Call {
      doubts = List.copyOf(doubts);
    }

    /** Returns a call that was not measured. */
    static Call leftOut(int batch, String reason) {
      return new Call(
          batch,
          Double.NaN,
          Double.NaN,
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          List.of("left out: " + reason));
    }

    /** Returns how many times as long the dense network takes as the sparse one. */
    public double faster() {
      return dense / sparse;
    }

    /** Returns whether one can stand behind these times. */
    public boolean isSound() {
      return doubts.isEmpty();
    }
  }

  /** Returns the calls with a batch that was measured. */
  public Call call(int batch) {
    return calls.stream().filter(c -> c.batch() == batch).findFirst().orElseThrow();
  }
}
