package org.espalier.tensor;

import org.espalier.Internal;

/**
 * Names one stream of the counter-based random numbers: the run's seed and what the numbers are
 * for. A number is a pure function of its key, a step and an index, so that neither the order in
 * which threads draw nor an interruption changes it. The four words are the key of Threefry4x32.
 *
 * @param k0 low word of the seed
 * @param k1 high word of the seed
 * @param k2 low word of the purpose's hash
 * @param k3 high word of the purpose's hash
 */
@Internal
public record RandomKey(int k0, int k1, int k2, int k3) {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /**
   * Returns the key of a purpose under a seed.
   *
   * @param seed the run's seed
   * @param purpose says what is drawn, for instance {@code "fc1.weight/targeted-dropout"}; two
   *     purposes share no stream (FNV-1a, 64 bits, over the UTF-16 units)
   */
  public static RandomKey of(long seed, String purpose) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < purpose.length(); i++) {
      hash = (hash ^ purpose.charAt(i)) * FNV_PRIME;
    }
    return new RandomKey((int) seed, (int) (seed >>> 32), (int) hash, (int) (hash >>> 32));
  }
}
