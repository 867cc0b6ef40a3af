package org.espalier.kernel.gemm;

import java.util.Arrays;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;

/**
 * Multiplies matrices by tiles. Each round takes a range of k and as many panels of each operand as
 * the buffers hold: first the panels are packed, all threads together, then the tiles computed,
 * each by one thread. Where the broadcast operand stays in a near cache as a whole, the other's
 * panels are packed one by one when their turn comes.
 *
 * <p>One operand lies in the lanes of vectors, the elements of the other are broadcast. Usually the
 * columns of C are the lanes; if its rows are, tiles are stored transposed.
 */
final class MacroKernel implements ThreadPool.Pieces {
  /** Index of the first element of every buffer. */
  private static final int START = Tensor.ALIGNED_START;

  /** Pieces for each thread where the lanes' operand is widened. */
  private static final int NARROW_PIECES = 2;

  private final ThreadPool workers;
  private final GemmKernels kernels;
  private final int mr;
  private final int nr;
  private final Operand rows;
  private final Operand lanes;
  private final Output output;

  /** The first rows as a list. */
  private final int[] firstRows;

  private float[] rowPanels = {};
  private float[] lanePanels = {};

  /** A tile for each piece, for those that stick out of C or are stored otherwise. */
  private float[] scratch = {};

  private int m;
  private int n;
  private boolean transposed;
  private boolean resume;
  private boolean lanesArePacked;

  /**
   * Whether each lane panel is needed by one piece only, which then packs it itself, into a place
   * of its own, and has it in a near cache.
   */
  private boolean packsAsItGoes;

  /**
   * Whether each piece copies the rows that it needs itself: fewer hand-overs between threads than
   * to copy a second-level cache full of them, compute, and copy on.
   */
  private boolean copiesAsItGoes;

  private float[] packedLanes = {};
  private int packedDepth;

  /** How tiles read the broadcast operand. */
  private enum RowUse {
    /** From panels. */
    PACKED,
    /** Row by row from a masked copy. */
    COPIED,
    /** Row by row as it is stored. */
    STORED
  }

  private RowUse rowUse = RowUse.PACKED;

  // the round
  private boolean packing;
  private int from;
  private int depth;
  private boolean last;
  private int firstRowPanel;
  private int rowCount;
  private int firstLanePanel;
  private int laneCount;

  // its pieces
  private int rowPackings;
  private int rowsPerPacking;
  private int lanesPerPacking;

  /** Lane panels that are packed together and whose tiles are computed row panel by row panel. */
  private int lanesPerGroup;

  private int rowPieces;
  private int rowsPerPiece;
  private int lanesPerPiece;

  MacroKernel(ThreadPool workers, GemmKernels kernels, Output output) {
    this.workers = workers;
    this.kernels = kernels;
    this.mr = kernels.mr();
    this.nr = kernels.nr();
    this.rows = new Operand(kernels, mr);
    this.lanes = new Operand(kernels, nr);
    this.output = output;
    this.firstRows = new int[mr];
    Arrays.setAll(firstRows, i -> i);
  }

  /** The operand whose elements are broadcast. */
  Operand rows() {
    return rows;
  }

  /** The operand in the lanes of vectors; {@link #runPacked} sets it, or does without. */
  Operand lanes() {
    return lanes;
  }

  /** Says whether the sums start with what stands in C. */
  void resume(boolean on) {
    resume = on;
  }

  /** Whether the present round goes on with sums in C. */
  private boolean resumes() {
    return resume || from > 0;
  }

  /**
   * Multiplies the two operands.
   *
   * @param m extent of the broadcast operand, at least 1
   * @param n extent of the operand in the lanes, at least 1
   * @param transposed whether {@code m} counts the columns of C
   */
  void run(int m, int n, int k, boolean transposed) {
    this.m = m;
    this.n = n;
    this.transposed = transposed;
    lanesArePacked = false;
    rounds(k);
  }

  /**
   * Multiplies the broadcast operand with one that is packed already, perhaps with narrow elements.
   */
  void runPacked(int m, int k, PackedMatrix packed, boolean transposed) {
    if (packed.precision() != Precision.FP32) {
      lanes.narrow(packed);
      run(m, packed.rows(), k, transposed);
      lanes.clear();
      return;
    }
    this.m = m;
    this.n = packed.rows();
    this.transposed = transposed;
    lanesArePacked = true;
    packedLanes = packed.panels();
    packedDepth = packed.cols();
    rounds(k);
    packedLanes = scratch;
  }

  private void rounds(int k) {
    int allRows = Math.ceilDiv(m, mr);
    int allLanes = Math.ceilDiv(n, nr);
    int step = BlockSizes.depth(k);
    int rowStep = BlockSizes.panelsInBuffer(allRows, mr, step);
    int laneStep = lanesArePacked ? allLanes : BlockSizes.panelsInBuffer(allLanes, nr, step);
    rowUse = rows.alongColumns() ? rows.needsCopy() ? RowUse.COPIED : RowUse.STORED : RowUse.PACKED;
    packsAsItGoes = !lanesArePacked && BlockSizes.areOnePiece(allRows, mr, step);
    copiesAsItGoes = rowUse == RowUse.COPIED && !packsAsItGoes && workers.threads() > 1;
    rowStep =
        switch (rowUse) {
          case PACKED -> rowStep;
          case COPIED -> copiesAsItGoes ? rowStep : BlockSizes.copiedPanels(allRows, mr, step);
          case STORED -> allRows;
        };
    if (packsAsItGoes) {
      rowStep = allRows;
      laneStep = allLanes;
    } else if (!lanesArePacked) {
      lanePanels = grown(lanePanels, laneStep * nr * step);
    }
    rowPanels = rowUse == RowUse.STORED ? rowPanels : grown(rowPanels, rowStep * mr * step);
    for (firstLanePanel = 0; firstLanePanel < allLanes; firstLanePanel += laneStep) {
      laneCount = Math.min(laneStep, allLanes - firstLanePanel);
      from = 0;
      do { // k = 0 has a round too: it writes zeros and the epilogue
        depth = Math.min(step, k - from);
        last = from + depth == k;
        for (firstRowPanel = 0; firstRowPanel < allRows; firstRowPanel += rowStep) {
          rowCount = Math.min(rowStep, allRows - firstRowPanel);
          round(firstRowPanel == 0 && !lanesArePacked && !packsAsItGoes);
        }
        from += depth;
      } while (from < k);
    }
  }

  private void round(boolean packLanes) {
    rowsPerPacking = BlockSizes.panelsPerPacking(mr, depth);
    boolean listed = output.list() != null || lanes.list() != null;
    lanesPerGroup = listed ? BlockSizes.listedPanels(nr, depth) : 1;
    lanesPerPacking = Math.max(BlockSizes.panelsPerPacking(nr, depth), lanesPerGroup);
    boolean packRows = rowUse != RowUse.STORED && !copiesAsItGoes;
    rowPackings = packRows ? Math.ceilDiv(rowCount, rowsPerPacking) : 0;
    packing = true;
    workers.run(rowPackings + (packLanes ? Math.ceilDiv(laneCount, lanesPerPacking) : 0), this);

    rowsPerPiece = packsAsItGoes ? rowCount : BlockSizes.rowPanelsPerPiece(rowCount, mr, depth);
    long work = (long) rowCount * mr * laneCount * nr * depth;
    if (copiesAsItGoes) {
      int most = BlockSizes.panelsPerPiece(rowCount, 1, work, workers.threads());
      rowsPerPiece = Math.min(rowsPerPiece, most);
    }
    rowPieces = Math.ceilDiv(rowCount, rowsPerPiece);
    lanesPerPiece =
        copiesAsItGoes
            ? laneCount
            : BlockSizes.panelsPerPiece(laneCount, rowPieces, work, workers.threads());
    if (packsAsItGoes && lanes.isNarrow()) {
      // Few pieces, each of which needs a place for a panel: the matrix is narrow to save memory.
      lanesPerPiece =
          Math.max(lanesPerPiece, Math.ceilDiv(laneCount, NARROW_PIECES * workers.threads()));
    }
    lanesPerPiece = Math.ceilDiv(lanesPerPiece, lanesPerGroup) * lanesPerGroup;
    int pieces = rowPieces * Math.ceilDiv(laneCount, lanesPerPiece);
    scratch = grown(scratch, pieces * mr * nr);
    if (packsAsItGoes) {
      lanePanels = grown(lanePanels, pieces * lanesPerGroup * nr * depth);
    }
    packing = false;
    workers.run(pieces, this);
  }

  private static float[] grown(float[] buffer, int length) {
    return buffer.length >= START + length ? buffer : new float[START + length];
  }

  /** Packs some panels or computes a block of tiles. */
  @Override
  public void compute(int index) {
    if (!packing) {
      tiles(index);
    } else if (index < rowPackings) {
      packRows(index * rowsPerPacking, Math.min((index + 1) * rowsPerPacking, rowCount));
    } else {
      int first = (index - rowPackings) * lanesPerPacking;
      int end = Math.min(first + lanesPerPacking, laneCount);
      packLanes(first, end, START + first * nr * depth);
    }
  }

  private void packRows(int first, int end) {
    for (int r = first; r < end; r++) {
      if (rowUse == RowUse.COPIED) {
        rows.copy(firstRowPanel + r, from, depth, rowPanels, START + r * mr * depth, depth);
      } else {
        rows.pack(firstRowPanel + r, from, depth, rowPanels, START + r * mr * depth);
      }
    }
  }

  private void packLanes(int first, int end, int po) {
    int steps = lanesPerGroup > 1 ? BlockSizes.LISTED_STEPS : Math.max(1, depth);
    for (int p = 0; p < depth; p += steps) {
      int count = Math.min(steps, depth - p);
      for (int q = first; q < end; q++) {
        int panel = po + (q - first) * nr * depth + p * nr;
        lanes.pack(firstLanePanel + q, from + p, count, lanePanels, panel);
      }
    }
  }

  private void tiles(int index) {
    int firstRow = index % rowPieces * rowsPerPiece;
    int endRow = Math.min(firstRow + rowsPerPiece, rowCount);
    int firstLane = index / rowPieces * lanesPerPiece;
    int endLane = Math.min(firstLane + lanesPerPiece, laneCount);
    float[] lanePanel = lanesArePacked ? packedLanes : lanePanels;
    int laneBase =
        lanesArePacked ? PackedMatrix.START + (firstLanePanel * packedDepth + from) * nr : START;
    int laneStride = (lanesArePacked ? packedDepth : depth) * nr;
    if (copiesAsItGoes) {
      packRows(firstRow, endRow);
    }
    for (int g = firstLane; g < endLane; g += lanesPerGroup) {
      int end = Math.min(g + lanesPerGroup, endLane);
      int base = laneBase + (packsAsItGoes ? index * lanesPerGroup : g) * laneStride;
      if (packsAsItGoes) {
        packLanes(g, end, base);
      }
      for (int r = firstRow; r < endRow; r++) {
        for (int q = g; q < end; q++) {
          tile(r, lanePanel, base + (q - g) * laneStride, q, START + index * mr * nr);
        }
      }
    }
    if (last) {
      int i = (firstRowPanel + firstRow) * mr;
      int j = (firstLanePanel + firstLane) * nr;
      int height = Math.min((endRow - firstRow) * mr, m - i);
      int width = Math.min((endLane - firstLane) * nr, n - j);
      if (transposed) {
        output.finish(j, i, width, height);
      } else {
        output.finish(i, j, height, width);
      }
    }
  }

  private void tile(int r, float[] lanePanel, int lane, int q, int spare) {
    int i = (firstRowPanel + r) * mr;
    int j = (firstLanePanel + q) * nr;
    int height = Math.min(mr, m - i);
    int width = Math.min(nr, n - j);
    float[] c = output.data();
    int ldc = output.ld();
    int[] list = output.list();
    if (transposed) {
      int co = output.at(j, i);
      if (resumes()) {
        for (int x = 0; x < width; x++) {
          for (int y = 0; y < height; y++) {
            scratch[spare + y * nr + x] = c[co + x * ldc + y];
          }
        }
      }
      whole(r, height, lanePanel, lane, scratch, spare, nr);
      for (int x = 0; x < width; x++) {
        for (int y = 0; y < height; y++) {
          c[co + x * ldc + y] = scratch[spare + y * nr + x];
        }
      }
    } else if (height == mr && width == nr && list == null) {
      whole(r, height, lanePanel, lane, c, output.at(i, j), ldc);
    } else if (height == mr && width == nr && list != null && rowUse == RowUse.PACKED) {
      packed(r, lanePanel, lane, c, output.column(j), ldc, list, i);
    } else {
      if (resumes()) {
        for (int y = 0; y < height; y++) {
          System.arraycopy(c, output.at(i + y, j), scratch, spare + y * nr, width);
        }
      }
      whole(r, height, lanePanel, lane, scratch, spare, nr);
      output.store(i, j, height, width, scratch, spare);
    }
  }

  private void whole(int r, int height, float[] b, int bo, float[] c, int co, int ldc) {
    boolean resume = resumes();
    switch (rowUse) {
      case PACKED -> packed(r, b, bo, c, co, ldc, firstRows, 0);
      case COPIED -> {
        int panel = START + r * mr * depth;
        kernels.tileRows(
            depth, rowPanels, panel, depth, height, firstRows, 0, b, bo, resume, c, co, ldc);
      }
      case STORED -> {
        int i = (firstRowPanel + r) * mr;
        int[] list = rows.list();
        int ao = rows.at(list == null ? i : 0, from);
        int[] of = list == null ? firstRows : list;
        int first = list == null ? 0 : i;
        kernels.tileRows(
            depth, rows.data(), ao, rows.ld(), height, of, first, b, bo, resume, c, co, ldc);
      }
    }
  }

  /** Computes a whole tile of packed rows, which go to rows of {@code c} that may lie apart. */
  private void packed(int r, float[] b, int bo, float[] c, int co, int ldc, int[] list, int first) {
    int panel = START + r * mr * depth;
    kernels.tilePanel(depth, rowPanels, panel, b, bo, resumes(), c, co, ldc, list, first);
  }
}
