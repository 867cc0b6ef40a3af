package org.espalier.peers;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.GemmKernels;
import org.espalier.kernel.Kernels;

/**
 * What one thread can multiply and add at best: the larger of a loop in registers and of one tile
 * whose operands lie in the first-level cache.
 */
final class FmaPeak {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();
  private static final int CHAINS = 12;
  private static final int STEPS = 20_000;
  private static final int TILE_DEPTH = 256;
  private static final int TILES = 500;

  private final float[] sums = new float[CHAINS * L];
  private final GemmKernels kernels = Kernels.gemm();
  private final float[] a = new float[TILE_DEPTH * kernels.mr() + 32];
  private final float[] b = new float[TILE_DEPTH * kernels.nr() + 32];
  private final float[] c = new float[kernels.mr() * kernels.nr() + 32];

  /** Returns GF/s of the loop in registers and of the tile, the best of some rounds by turns. */
  double[] measure() {
    Duel duel = Duel.fight(this::registers, this::tiles, 100);
    return new double[] {
      2.0 * CHAINS * L * STEPS / Duel.shortest(duel.ours()),
      2.0 * kernels.mr() * kernels.nr() * TILE_DEPTH * TILES / Duel.shortest(duel.theirs())
    };
  }

  private void tiles() {
    for (int i = 0; i < TILES; i++) {
      kernels.tileRows(
          TILE_DEPTH, a, 12, TILE_DEPTH, kernels.mr(), b, 12, true, c, 12, kernels.nr());
    }
  }

  private void registers() {
    FloatVector x = FloatVector.broadcast(F32, 0.999f);
    FloatVector y = FloatVector.broadcast(F32, 1e-3f);
    FloatVector v0 = x;
    FloatVector v1 = x;
    FloatVector v2 = x;
    FloatVector v3 = x;
    FloatVector v4 = x;
    FloatVector v5 = x;
    FloatVector v6 = x;
    FloatVector v7 = x;
    FloatVector v8 = x;
    FloatVector v9 = x;
    FloatVector v10 = x;
    FloatVector v11 = x;
    for (int i = 0; i < STEPS; i++) {
      v0 = v0.fma(x, y);
      v1 = v1.fma(x, y);
      v2 = v2.fma(x, y);
      v3 = v3.fma(x, y);
      v4 = v4.fma(x, y);
      v5 = v5.fma(x, y);
      v6 = v6.fma(x, y);
      v7 = v7.fma(x, y);
      v8 = v8.fma(x, y);
      v9 = v9.fma(x, y);
      v10 = v10.fma(x, y);
      v11 = v11.fma(x, y);
    }
    v0.intoArray(sums, 0);
    v1.intoArray(sums, L);
    v2.intoArray(sums, 2 * L);
    v3.intoArray(sums, 3 * L);
    v4.intoArray(sums, 4 * L);
    v5.intoArray(sums, 5 * L);
    v6.intoArray(sums, 6 * L);
    v7.intoArray(sums, 7 * L);
    v8.intoArray(sums, 8 * L);
    v9.intoArray(sums, 9 * L);
    v10.intoArray(sums, 10 * L);
    v11.intoArray(sums, 11 * L);
  }
}
