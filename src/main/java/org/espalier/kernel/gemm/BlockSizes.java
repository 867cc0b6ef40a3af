package org.espalier.kernel.gemm;

import org.espalier.machine.CacheSizes;

/**
 * How a product is cut so that what is used again and again stays in a near cache. The cuts change
 * no result.
 */
final class BlockSizes {
  /**
   * Most steps of k between storing and resuming a tile. A lane panel of 64 KB then streams from
   * the second-level cache, which costs less than to stop more often.
   */
  private static final int MAX_DEPTH = 1024;

  /**
   * Floats of broadcast panels that stay in the second-level cache while lanes stream by: a quarter
   * of it, 64 Ki of them where it has 1 MB.
   */
  private static final int L2_FLOATS =
      (int)
          Math.clamp(
              CacheSizes.ofThisMachine().second() / 4 / Float.BYTES, 16 * 1024L, 256 * 1024L);

  /**
   * Floats of one operand that are packed at a time, which bounds the buffers: a quarter of the
   * third-level cache, between 1 MB and 4 MB.
   */
  private static final int PACKED_FLOATS =
      (int)
          Math.clamp(
              CacheSizes.ofThisMachine().third() / 4 / Float.BYTES, 256 * 1024L, 1024 * 1024L);

  /** Floats that one piece of packing reads. */
  private static final int PACKING_PIECE = 16 * 1024;

  /**
   * Columns that are taken together where rows of B or C lie apart: 512 bytes of a row at a time.
   * At even distances the processor foresees the next row, at uneven ones it must have longer
   * stretches to foresee.
   */
  private static final int LISTED_COLUMNS = 128;

  /** Rows of which such stretches are packed before the next panel is gone on with. */
  static final int LISTED_STEPS = 16;

  /** Multiply-adds below which another thread isn't worth waking. */
  private static final long SMALLEST_PIECE = 256 * 1024;

  /** Pieces for each thread, so that one that started late or is slow keeps nobody waiting. */
  private static final int PIECES_PER_THREAD = 16;

  private BlockSizes() {}

  /** Returns how many steps of k to take at a time: about equal parts, whole words of a mask. */
  static int depth(int k) {
    int parts = Math.max(1, Math.ceilDiv(k, MAX_DEPTH));
    return parts == 1 ? k : Math.ceilDiv(Math.ceilDiv(k, parts), Long.SIZE) * Long.SIZE;
  }

  /** Returns how many of {@code count} panels of {@code width} to pack at a time. */
  static int panelsInBuffer(int count, int width, int depth) {
    return Math.clamp(PACKED_FLOATS / Math.max(1, width * depth), 1, Math.max(1, count));
  }

  /**
   * Returns how many of {@code count} broadcast panels to copy at a time, if they could have been
   * read as they are stored but for a few: no more than stay in the second-level cache, or copying
   * would cost a trip to the next one.
   */
  static int copiedPanels(int count, int width, int depth) {
    return Math.clamp(L2_FLOATS / Math.max(1, width * depth), 1, Math.max(1, count));
  }

  /**
   * Returns how many lane panels to take together where rows of B or C lie apart: no more than
   * leave room in the second-level cache.
   */
  static int listedPanels(int width, int depth) {
    int fit = L2_FLOATS / Math.max(1, width * depth);
    return Math.clamp(fit, 1, Math.max(1, LISTED_COLUMNS / width));
  }

  /** Returns how many panels a piece of packing takes. */
  static int panelsPerPacking(int width, int depth) {
    return Math.max(1, PACKING_PIECE / Math.max(1, width * depth));
  }

  /** Returns how many of {@code count} broadcast panels a piece of tiles takes. */
  static int rowPanelsPerPiece(int count, int width, int depth) {
    int fit = Math.clamp(L2_FLOATS / Math.max(1, width * depth), 1, Math.max(1, count));
    return Math.ceilDiv(count, Math.max(1, Math.ceilDiv(count, fit)));
  }

  /**
   * Whether a piece of tiles should take all {@code count} broadcast panels, because they stay in
   * the second-level cache together: half of it, when the lanes' panels don't come from afar.
   */
  static boolean areOnePiece(int count, int width, int depth) {
    return (long) count * width * depth <= 2L * L2_FLOATS;
  }

  /**
   * Returns how many of {@code count} panels of one operand a piece of tiles takes.
   *
   * @param others pieces that the other operand's panels are cut into
   * @param work multiply-adds of all of them together
   */
  static int panelsPerPiece(int count, int others, long work, int threads) {
    if (threads == 1) {
      return count;
    }
    long wanted = Math.min((long) threads * PIECES_PER_THREAD, work / SMALLEST_PIECE);
    int cuts = Math.clamp(Math.ceilDiv(wanted, others), 1, Math.max(1, count));
    return Math.ceilDiv(count, cuts);
  }

  /** Returns how many of {@code n} outputs a piece of a matrix-vector product takes. */
  static int outputsPerPiece(int n, int k, int width, int threads) {
    long pieces = Math.clamp((long) n * k / SMALLEST_PIECE, 1, threads);
    return Math.ceilDiv(Math.ceilDiv(n, (int) pieces), width) * width;
  }
}
