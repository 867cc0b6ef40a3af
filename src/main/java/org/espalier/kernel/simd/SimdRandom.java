package org.espalier.kernel.simd;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.tensor.RandomKey;
import org.jspecify.annotations.Nullable;

/**
 * Threefry4x32-20 with a counter in each lane. Two vectors of counters go through the rounds side
 * by side, since one alone waits for its own results. They are one behind the other in one row's
 * stream, or, where bits of several rows are drawn and each vector holds a block of sixteen
 * counters, blocks of two rows: a row's blocks alone may not fill them.
 *
 * <p>Four side by side were a tenth faster, but twice the code for reader and compiler.
 */
public final class SimdRandom implements RandomKernels {
  private static final VectorSpecies<Integer> I32 = Lanes.I32;

  private static final int L = Lanes.LENGTH;

  /** Counters of a block, whose words draw two words of a mask. */
  private static final int BLOCK = 16;

  /** Counters that go through the rounds at once: half a block, one or two. */
  private static final int SPAN = 2 * L;

  /** The signs of both halves of a word. */
  private static final int SIGNS = 0x80008000;

  /** Rotations of rounds 4 to 7, then of rounds 0 to 3, in the order in which they are used. */
  private static final int[] ROTATIONS = {
    6, 20, 17, 11, 25, 10, 18, 20, 10, 26, 11, 21, 13, 27, 23, 5
  };

  private static final long[] NO_BITS = {};

  @Override
  public void words(RandomKey key, long step, int row, int n, int[] out, int oo) {
    int whole = Math.max(SPAN, BLOCK);
    int counters = n / (4 * whole) * whole;
    generate(key, step, row, 1, counters, out, oo, 0, 0, NO_BITS, 0);
    for (int i = 4 * counters; i < n; i++) {
      out[oo + i] = ScalarRandom.word(key, step, row, i);
    }
  }

  @Override
  public void spare(
      RandomKey key, long step, int row, int rows, int n, double dropRate, long[] keep, int ko) {
    int bound = (int) Math.round(dropRate * 65536);
    if (bound == 0) {
      int words = Math.ceilDiv(n, Long.SIZE);
      for (int i = 0; i < rows * words; i++) {
        keep[ko + i] = inside(n, i % words);
      }
    } else if (bound < 65536) {
      int counters = Math.ceilDiv(n, 2 * Long.SIZE) * BLOCK;
      generate(key, step, row, rows, counters, null, 0, n, bound, keep, ko);
    }
  }

  /** Runs each row's first counters through the rounds; stores the words or compares the halves. */
  private static void generate(
      RandomKey key,
      long step,
      int row,
      int rows,
      int counters,
      int @Nullable [] out,
      int oo,
      int n,
      int bound,
      long[] keep,
      int ko) {
    int rowsAtOnce = rows == 1 ? 1 : Math.max(1, SPAN / BLOCK);
    int countersAtOnce = SPAN / rowsAtOnce;
    // Where the second vector is, counted from the first.
    int yr = L / countersAtOnce;
    int yc = L % countersAtOnce;
    IntVector iota = IntVector.zero(I32).addIndex(1);
    int k4 = ScalarRandom.PARITY ^ key.k0() ^ key.k1() ^ key.k2() ^ key.k3();
    short signedBound = (short) (bound ^ 0x8000);
    int r = 0;
    int c = 0;
    while (r < rows && c < counters) {
      int q0 = key.k0();
      int q1 = key.k1();
      int q2 = key.k2();
      int q3 = key.k3();
      int q4 = k4;
      IntVector x0 = iota.add(c + q0);
      IntVector y0 = x0.add(yc);
      IntVector x1 = IntVector.broadcast(I32, row + r + q1);
      IntVector y1 = x1.add(yr);
      IntVector x2 = IntVector.broadcast(I32, (int) step + q2);
      IntVector y2 = x2;
      IntVector x3 = IntVector.broadcast(I32, (int) (step >>> 32) + q3);
      IntVector y3 = x3;
      // Four rounds at a time, in a loop: all twenty in a row exceed what C2 is ready to inline.
      for (int four = 1; four <= 5; four++) {
        int o = (four & 1) * 8;
        IntVector rotate0 = IntVector.broadcast(I32, ROTATIONS[o + 0]);
        IntVector rotate1 = IntVector.broadcast(I32, ROTATIONS[o + 1]);
        IntVector rotate2 = IntVector.broadcast(I32, ROTATIONS[o + 2]);
        IntVector rotate3 = IntVector.broadcast(I32, ROTATIONS[o + 3]);
        IntVector rotate4 = IntVector.broadcast(I32, ROTATIONS[o + 4]);
        IntVector rotate5 = IntVector.broadcast(I32, ROTATIONS[o + 5]);
        IntVector rotate6 = IntVector.broadcast(I32, ROTATIONS[o + 6]);
        IntVector rotate7 = IntVector.broadcast(I32, ROTATIONS[o + 7]);
        x0 = x0.add(x1);
        y0 = y0.add(y1);
        x2 = x2.add(x3);
        y2 = y2.add(y3);
        x1 = x1.lanewise(ROL, rotate0).lanewise(XOR, x0);
        y1 = y1.lanewise(ROL, rotate0).lanewise(XOR, y0);
        x3 = x3.lanewise(ROL, rotate1).lanewise(XOR, x2);
        y3 = y3.lanewise(ROL, rotate1).lanewise(XOR, y2);
        x0 = x0.add(x3);
        y0 = y0.add(y3);
        x2 = x2.add(x1);
        y2 = y2.add(y1);
        x3 = x3.lanewise(ROL, rotate2).lanewise(XOR, x0);
        y3 = y3.lanewise(ROL, rotate2).lanewise(XOR, y0);
        x1 = x1.lanewise(ROL, rotate3).lanewise(XOR, x2);
        y1 = y1.lanewise(ROL, rotate3).lanewise(XOR, y2);
        x0 = x0.add(x1);
        y0 = y0.add(y1);
        x2 = x2.add(x3);
        y2 = y2.add(y3);
        x1 = x1.lanewise(ROL, rotate4).lanewise(XOR, x0);
        y1 = y1.lanewise(ROL, rotate4).lanewise(XOR, y0);
        x3 = x3.lanewise(ROL, rotate5).lanewise(XOR, x2);
        y3 = y3.lanewise(ROL, rotate5).lanewise(XOR, y2);
        x0 = x0.add(x3);
        y0 = y0.add(y3);
        x2 = x2.add(x1);
        y2 = y2.add(y1);
        x3 = x3.lanewise(ROL, rotate6).lanewise(XOR, x0);
        y3 = y3.lanewise(ROL, rotate6).lanewise(XOR, y0);
        x1 = x1.lanewise(ROL, rotate7).lanewise(XOR, x2);
        y1 = y1.lanewise(ROL, rotate7).lanewise(XOR, y2);
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
        int x = oo + c / BLOCK * 64 + c % BLOCK;
        x0.intoArray(out, x);
        x1.intoArray(out, x + 16);
        x2.intoArray(out, x + 32);
        x3.intoArray(out, x + 48);
        int y = oo + (c + yc) / BLOCK * 64 + (c + yc) % BLOCK;
        y0.intoArray(out, y);
        y1.intoArray(out, y + 16);
        y2.intoArray(out, y + 32);
        y3.intoArray(out, y + 48);
      } else {
        // A signed comparison of the halves with flipped signs orders them as unsigned.
        long x0Spared =
            x0.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(GE, signedBound).toLong();
        long x1Spared =
            x1.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(GE, signedBound).toLong();
        long x2Spared =
            x2.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(GE, signedBound).toLong();
        long x3Spared =
            x3.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(GE, signedBound).toLong();
        long y0Spared =
            y0.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(GE, signedBound).toLong();
        long y1Spared =
            y1.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(GE, signedBound).toLong();
        long y2Spared =
            y2.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(GE, signedBound).toLong();
        long y3Spared =
            y3.lanewise(XOR, SIGNS).reinterpretAsShorts().compare(GE, signedBound).toLong();
        spare(r, rows, c, n, x0Spared, x1Spared, x2Spared, x3Spared, keep, ko);
        spare(r + yr, rows, c + yc, n, y0Spared, y1Spared, y2Spared, y3Spared, keep, ko);
      }
      c += countersAtOnce;
      if (c >= counters && rows > 1) {
        c = 0;
        r += rowsAtOnce;
      }
    }
  }

  /** Sets what the words of a vector of counters, from counter {@code c} of a row on, spare. */
  private static void spare(
      int r,
      int rows,
      int c,
      int n,
      long spared0,
      long spared1,
      long spared2,
      long spared3,
      long[] keep,
      int ko) {
    int w = c / BLOCK * 2;
    int at = c % BLOCK * 2;
    if (r < rows && w << 6 < n) {
      int o = ko + r * Math.ceilDiv(n, Long.SIZE);
      keep[o + w] |= inside(n, w) & ((spared0 | (spared1 << 32)) << at);
      if ((w + 1) << 6 < n) {
        keep[o + w + 1] |= inside(n, w + 1) & ((spared2 | (spared3 << 32)) << at);
      }
    }
  }

  /** Returns the bits of word {@code w} of a row that are not behind the last of {@code n}. */
  private static long inside(int n, int w) {
    return n - (w << 6) < Long.SIZE ? (1L << n) - 1 : -1L;
  }
}
