package org.espalier.op;

import java.util.concurrent.atomic.AtomicLong;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A tensor that the optimiser changes, with the gradient of the loss with respect to it. */
public final class Trainable {
  private final String name;
  private final Tensor value;
  private final Tensor gradient;
  private final boolean decays;
  private @Nullable BitMask mask;
  private @Nullable WeightTransform watcher;
  private final AtomicLong watcherNanos = new AtomicLong();

  /**
   * Makes one with storage for its gradient.
   *
   * @param name unique in the network
   * @param value the tensor
   * @param decays whether weight decay applies
   */
  public Trainable(String name, Tensor value, boolean decays) {
    this.name = name;
    this.value = value;
    this.gradient = Tensor.zeros(value.shape());
    this.decays = decays;
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns the tensor. */
  public Tensor value() {
    return value;
  }

  /** Returns the gradient that the last backward pass left. */
  public Tensor gradient() {
    return gradient;
  }

  /** Returns whether weight decay applies. */
  public boolean decays() {
    return decays;
  }

  /**
   * Returns which entries of the gradient count in this step, or null for all. What stands in the
   * others is to be taken for 0.
   */
  public @Nullable BitMask mask() {
    return mask;
  }

  /** Says that rows {@code from} to {@code to} − 1 have just been changed by the optimiser. */
  public void rowsChanged(int from, int to) {
    if (watcher != null) {
      long start = System.nanoTime();
      watcher.afterRows(from, to);
      watcherNanos.addAndGet(System.nanoTime() - start);
    }
  }

  /** Returns the time that all threads together have given to who is told of changed rows. */
  long watcherNanos() {
    return watcherNanos.get();
  }

  /** Sets who is told of changed rows. */
  void watcher(WeightTransform transform) {
    watcher = transform;
  }

  /** Sets which entries of the gradient count. */
  public void mask(@Nullable BitMask keep) {
    mask = keep;
  }
}
