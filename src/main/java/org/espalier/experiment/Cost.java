package org.espalier.experiment;

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
   * @param dense of the dense network
   * @param sparse of the sparse network
   * @param onnxRuntime of what is left of the network in ONNX Runtime, if that is there
   * @param faster how many times as long the dense one takes as the sparse one: the median of the
   *     rounds
   */
  public record Call(
      int batch, double dense, double sparse, OptionalDouble onnxRuntime, double faster) {}

  /** Returns the calls with a batch that was measured. */
  public Call call(int batch) {
    return calls.stream().filter(c -> c.batch() == batch).findFirst().orElseThrow();
  }
}
