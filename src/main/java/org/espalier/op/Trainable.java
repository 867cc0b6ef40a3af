package org.espalier.op;

import java.util.concurrent.atomic.AtomicLong;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A tensor that the optimiser changes, with the gradient of the loss with respect to it. */
public final class Trainable {
  private final String name;
  private final Tensor value;
  private final Tensor gradient;
  private final boolean decays;
  private @Nullable BitMask mask;
  private @Nullable Subset rows;
  private float[] zeros = {};
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

  /** Sets which entries of the gradient count: all of the listed rows, none of the others. */
  void mask(BitMask keep, Subset keptRows) {
    mask = keep;
    rows = keptRows;
    zeros = zeros.length > 0 ? zeros : new float[gradient.cols()];
  }

  /**
   * Returns the words of {@link #mask()} that an optimiser must heed when it takes row {@code r} of
   * the gradient from {@link #gradientData}, or null for none.
   */
  public long @Nullable [] maskWords(int r) {
    return mask == null || rows != null ? null : mask.words();
  }

  /** Returns where in {@link #maskWords} row {@code r} begins. */
  public int maskRow(int r) {
    return mask == null ? 0 : mask.row(r);
  }

  /**
   * Returns the array in which row {@code r} of the gradient lies. If none of its entries counts,
   * these are zeros that all such rows share: neither gradient nor mask need be read for them.
   */
  public float[] gradientData(int r) {
    return isHidden(r) ? zeros : gradient.data();
  }

  /** Returns where in {@link #gradientData} row {@code r} begins. */
  public int gradientRow(int r) {
    return isHidden(r) ? 0 : gradient.row(r);
  }

  private boolean isHidden(int r) {
    return rows != null && !rows.bits().get(0, r);
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
    rows = null;
  }
}
