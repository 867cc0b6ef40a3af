package org.espalier.op;

import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Feature maps made of vectors, as the network's input comes, or vectors of feature maps: the same
 * elements, laid out otherwise. A thread takes a group of images at a time.
 */
final class LayoutChange implements Operation, ThreadPool.Pieces {
  private final OperationInput input;
  private final Activation output;
  private final Nchw16n planes;
  private final boolean toPlanes;
  private final ThreadPool workers;
  private final ThreadPool.Pieces backward = this::backwardOf;

  /** The part of the input's gradient, where it is to be added to what stands there. */
  private final @Nullable Tensor part;

  private int images;

  LayoutChange(OperationInput input, Activation output, int maxBatch, ThreadPool workers) {
    this.input = input;
    this.output = output;
    this.toPlanes = output.planes() != null;
    this.planes = toPlanes ? output.requiredPlanes() : input.activation().requiredPlanes();
    this.workers = workers;
    this.part = !toPlanes && input.adds() ? planes.zeros(maxBatch) : null;
  }

  @Override
  public void forward(Phase phase, Clock clock, int batch) {
    images = batch;
    workers.run(Nchw16n.groups(batch), this);
  }

  @Override
  public void compute(int group) {
    if (toPlanes) {
      planes(group, input.value(), output.value());
    } else {
      rows(group, input.value(), output.value());
    }
  }

  private void planes(int group, Tensor rows, Tensor maps) {
    Kernels.layout()
        .planesFromRows(
            Nchw16n.lanes(images, group),
            planes.channels(),
            planes.pixels(),
            rows.data(),
            rows.row(group * Nchw16n.LANES),
            rows.ld(),
            maps.data(),
            maps.row(group * planes.channels()),
            maps.ld());
  }

  private void rows(int group, Tensor maps, Tensor rows) {
    Kernels.layout()
        .rowsFromPlanes(
            Nchw16n.lanes(images, group),
            planes.channels(),
            planes.pixels(),
            maps.data(),
            maps.row(group * planes.channels()),
            maps.ld(),
            rows.data(),
            rows.row(group * Nchw16n.LANES),
            rows.ld());
  }

  @Override
  public void backward(int batch) {
    if (!toPlanes) { // otherwise it is the network's input, whose gradient nobody asks for
      workers.run(Nchw16n.groups(batch), backward);
    }
  }

  private void backwardOf(int group) {
    Tensor dx = part == null ? input.activation().requiredGradient() : part;
    planes(group, output.requiredGradient(), dx);
    if (part != null) {
      input.hand(part, group * planes.channels(), (group + 1) * planes.channels());
    }
  }

  @Override
  public Activation output() {
    return output;
  }

  @Override
  public List<Trainable> trainables() {
    return List.of();
  }
}
