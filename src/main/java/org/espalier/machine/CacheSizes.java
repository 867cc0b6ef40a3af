package org.espalier.machine;

import java.util.List;

/**
 * Bytes of the caches by which products are cut: they decide how fast, never what comes out.
 *
 * @param second of the second level
 * @param third of the third level, which cores share
 */
public record CacheSizes(long second, long third) {
  /** What stands in where the system doesn't tell: 1 MiB and 16 MiB. */
  static final CacheSizes USUAL = new CacheSizes(1 << 20, 16 << 20);

  private static final CacheSizes HERE = of(Cache.ofThisMachine());

  /** Returns those of this machine. */
  public static CacheSizes ofThisMachine() {
    return HERE;
  }

  /** Returns the sizes of the second and third level among some caches, or the usual ones. */
  static CacheSizes of(List<Cache> caches) {
    return new CacheSizes(bytes(caches, 2, USUAL.second), bytes(caches, 3, USUAL.third));
  }

  private static long bytes(List<Cache> caches, int level, long usual) {
    return caches.stream()
        .filter(cache -> cache.level() == level)
        .mapToLong(Cache::bytes)
        .findFirst()
        .orElse(usual);
  }
}
