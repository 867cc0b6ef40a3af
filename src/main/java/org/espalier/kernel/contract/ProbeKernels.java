package org.espalier.kernel.contract;

/** Loops that do nothing useful, as fast as the machine can: they measure its limits. */
public interface ProbeKernels {
  /** Independent chains of multiply-adds, enough to hide the latency of each. */
  int CHAINS = 12;

  /**
   * Does {@code CHAINS · lanes()} multiply-adds in registers {@code rounds} times over. Chain c
   * starts with {@code 1 + c} in every lane and repeats {@code s = fma(s, 0.5, 1)}.
   *
   * @return the sum of the chains' last values in the order of the chains, which only keeps the
   *     compiler from leaving them out
   */
  float multiplyAdd(int rounds);

  /** Returns how many floats a multiply-add of {@link #multiplyAdd} works on. */
  int lanes();

  /**
   * Reads a row.
   *
   * @return the bits of all its elements, or-ed
   */
  int read(int n, float[] x, int xo);
}
