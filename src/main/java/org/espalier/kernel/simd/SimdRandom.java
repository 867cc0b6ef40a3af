package org.espalier.kernel.simd;

import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.RandomKernels;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.tensor.RandomKey;
import org.jspecify.annotations.Nullable;

/**
 * Threefry4x32-20 with a counter in each lane. Two vectors of counters go through the rounds side
 * by side, since one alone waits for its own results; together they fill the sixteen registers that
 * 256-bit machines have.
 */
public final class SimdRandom implements RandomKernels {
  private static final VectorSpecies<Integer> I32 = Lanes.I32;

  private static final int L = Lanes.LENGTH;

  /** Counters of a block, whose words draw two words of a mask. */
  private static final int BLOCK = 16;

  /** Counters that go through the rounds at once: half a block, a block or two. */
  private static final int SPAN = 2 * L;

  /** The bits of a word that the first span in a block draws. */
  private static final long SPAN_BITS = SPAN < BLOCK ? 0x0000ffff0000ffffL : -1L;

  /** The signs of both halves of a word. */
  private static final int SIGNS = 0x80008000;

  private static final long[] NO_BITS = {};

  @Override
  public void words(RandomKey key, long step, int row, int n, int[] out, int oo) {
    int wholeUnit = Math.max(SPAN, BLOCK);
    int counters = n / (4 * wholeUnit) * wholeUnit;
    generate(key, step, row, counters, out, oo, 0, 0, NO_BITS, 0, NO_BITS, 0);
    for (int i = 4 * counters; i < n; i++) {
      out[oo + i] = ScalarRandom.word(key, step, row, i);
    }
  }

  @Override
  public void keepMask(
      RandomKey key,
      long step,
      int row,
      int n,
      double dropRate,
      long[] candidates,
      int co,
      long[] keep,
      int ko) {
    int bound = (int) Math.round(dropRate * 65536);
    if (bound > 0 && bound < 65536) {
      int counters = Math.ceilDiv(n, 2 * Long.SIZE) * BLOCK;
      generate(key, step, row, counters, null, 0, n, bound, candidates, co, keep, ko);
      return;
    }
    for (int w = 0; w << 6 < n; w++) { // nothing to draw
      keep[ko + w] = inside(n, w) & (bound == 0 ? -1L : ~candidates[co + w]);
    }
  }

  /** Runs the first counters through the rounds, and stores the words or compares the halves. */
  private static void generate(
      RandomKey key,
      long step,
      int row,
      int counters,
      int @Nullable [] out,
      int oo,
      int n,
      int bound,
      long[] candidates,
      int co,
      long[] keep,
      int ko) {
    IntVector iota = IntVector.zero(I32).addIndex(1);
    int k4 = ScalarRandom.PARITY ^ key.k0() ^ key.k1() ^ key.k2() ^ key.k3();
    short signedBound = (short) (bound ^ 0x8000);
    for (int i = 0; i < counters; i += SPAN) {
      int q0 = key.k0();
      int q1 = key.k1();
      int q2 = key.k2();
      int q3 = key.k3();
      int q4 = k4;
      IntVector x0 = iota.add(i + q0);
      IntVector x1 = IntVector.broadcast(I32, row + q1);
      IntVector x2 = IntVector.broadcast(I32, (int) step + q2);
      IntVector x3 = IntVector.broadcast(I32, (int) (step >>> 32) + q3);
      IntVector y0 = x0.add(L);
      IntVector y1 = x1;
      IntVector y2 = x2;
      IntVector y3 = x3;
      // Four rounds at a time, in a loop: all twenty in a row exceed what C2 is ready to inline.
      for (int four = 1; four <= 5; four++) {
        if ((four & 1) != 0) {
          x0 = x0.add(x1);
          y0 = y0.add(y1);
          x2 = x2.add(x3);
          y2 = y2.add(y3);
          x1 = x1.lanewise(ROL, 10).lanewise(XOR, x0);
          y1 = y1.lanewise(ROL, 10).lanewise(XOR, y0);
          x3 = x3.lanewise(ROL, 26).lanewise(XOR, x2);
          y3 = y3.lanewise(ROL, 26).lanewise(XOR, y2);
          x0 = x0.add(x3);
          y0 = y0.add(y3);
          x2 = x2.add(x1);
          y2 = y2.add(y1);
          x3 = x3.lanewise(ROL, 11).lanewise(XOR, x0);
          y3 = y3.lanewise(ROL, 11).lanewise(XOR, y0);
          x1 = x1.lanewise(ROL, 21).lanewise(XOR, x2);
          y1 = y1.lanewise(ROL, 21).lanewise(XOR, y2);
          x0 = x0.add(x1);
          y0 = y0.add(y1);
          x2 = x2.add(x3);
          y2 = y2.add(y3);
          x1 = x1.lanewise(ROL, 13).lanewise(XOR, x0);
          y1 = y1.lanewise(ROL, 13).lanewise(XOR, y0);
          x3 = x3.lanewise(ROL, 27).lanewise(XOR, x2);
          y3 = y3.lanewise(ROL, 27).lanewise(XOR, y2);
          x0 = x0.add(x3);
          y0 = y0.add(y3);
          x2 = x2.add(x1);
          y2 = y2.add(y1);
          x3 = x3.lanewise(ROL, 23).lanewise(XOR, x0);
          y3 = y3.lanewise(ROL, 23).lanewise(XOR, y0);
          x1 = x1.lanewise(ROL, 5).lanewise(XOR, x2);
          y1 = y1.lanewise(ROL, 5).lanewise(XOR, y2);
        } else {
          x0 = x0.add(x1);
          y0 = y0.add(y1);
          x2 = x2.add(x3);
          y2 = y2.add(y3);
          x1 = x1.lanewise(ROL, 6).lanewise(XOR, x0);
          y1 = y1.lanewise(ROL, 6).lanewise(XOR, y0);
          x3 = x3.lanewise(ROL, 20).lanewise(XOR, x2);
          y3 = y3.lanewise(ROL, 20).lanewise(XOR, y2);
          x0 = x0.add(x3);
          y0 = y0.add(y3);
          x2 = x2.add(x1);
          y2 = y2.add(y1);
          x3 = x3.lanewise(ROL, 17).lanewise(XOR, x0);
          y3 = y3.lanewise(ROL, 17).lanewise(XOR, y0);
          x1 = x1.lanewise(ROL, 11).lanewise(XOR, x2);
          y1 = y1.lanewise(ROL, 11).lanewise(XOR, y2);
          x0 = x0.add(x1);
          y0 = y0.add(y1);
          x2 = x2.add(x3);
          y2 = y2.add(y3);
          x1 = x1.lanewise(ROL, 25).lanewise(XOR, x0);
          y1 = y1.lanewise(ROL, 25).lanewise(XOR, y0);
          x3 = x3.lanewise(ROL, 10).lanewise(XOR, x2);
          y3 = y3.lanewise(ROL, 10).lanewise(XOR, y2);
          x0 = x0.add(x3);
          y0 = y0.add(y3);
          x2 = x2.add(x1);
          y2 = y2.add(y1);
          x3 = x3.lanewise(ROL, 18).lanewise(XOR, x0);
          y3 = y3.lanewise(ROL, 18).lanewise(XOR, y0);
          x1 = x1.lanewise(ROL, 20).lanewise(XOR, x2);
          y1 = y1.lanewise(ROL, 20).lanewise(XOR, y2);
        }
        x0 = x0.add(q1);
        y0 = y0.add(q1);
        x1 = x1.add(q2);
        y1 = y1.add(q2);
        x2 = x2.add(q3);
        y2 = y2.add(q3);
        x3 = x3.add(q4 + four);
        y3 = y3.add(q4 + four);
        int first = q0;
        q0 = q1;
        q1 = q2;
        q2 = q3;
        q3 = q4;
        q4 = first;
      }
      if (out != null) {
        int x = oo + i / BLOCK * 64 + i % BLOCK;
        x0.intoArray(out, x);
        x1.intoArray(out, x + 16);
        x2.intoArray(out, x + 32);
        x3.intoArray(out, x + 48);
        int y = oo + (i + L) / BLOCK * 64 + (i + L) % BLOCK;
        y0.intoArray(out, y);
        y1.intoArray(out, y + 16);
        y2.intoArray(out, y + 32);
        y3.intoArray(out, y + 48);
        continue;
      }
      // A signed comparison of the halves with flipped signs orders them as unsigned.
      long x0Below =
          x0.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(LT, signedBound).toLong();
      long x1Below =
          x1.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(LT, signedBound).toLong();
      long x2Below =
          x2.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(LT, signedBound).toLong();
      long x3Below =
          x3.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(LT, signedBound).toLong();
      long y0Below =
          y0.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(LT, signedBound).toLong();
      long y1Below =
          y1.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(LT, signedBound).toLong();
      long y2Below =
          y2.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(LT, signedBound).toLong();
      long y3Below =
          y3.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(LT, signedBound).toLong();
      long x01 = x0Below | (x1Below << 32);
      long x23 = x2Below | (x3Below << 32);
      long y01 = y0Below | (y1Below << 32);
      long y23 = y2Below | (y3Below << 32);
      int w = i / BLOCK * 2;
      if (SPAN > BLOCK) {
        keep(n, w, 0, x01, candidates, co, keep, ko);
        keep(n, w + 1, 0, x23, candidates, co, keep, ko);
        keep(n, w + 2, 0, y01, candidates, co, keep, ko);
        keep(n, w + 3, 0, y23, candidates, co, keep, ko);
      } else {
        int at = 2 * (i % BLOCK);
        keep(n, w, at, x01 | (y01 << SPAN), candidates, co, keep, ko);
        keep(n, w + 1, at, x23 | (y23 << SPAN), candidates, co, keep, ko);
      }
    }
  }

  /** Writes word {@code w} of a mask, or what a span draws of it, {@code at} and above. */
  private static void keep(
      int n, int w, int at, long below, long[] candidates, int co, long[] keep, int ko) {
    if (w << 6 < n) {
      long kept = at == 0 ? ~candidates[co + w] : keep[ko + w];
      keep[ko + w] = inside(n, w) & (kept | ((~below & SPAN_BITS) << at));
    }
  }

  /** Returns the bits of word {@code w} of a row that are not behind the last of {@code n}. */
  private static long inside(int n, int w) {
    return n - (w << 6) < Long.SIZE ? (1L << n) - 1 : -1L;
  }
}
