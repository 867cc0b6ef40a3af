package org.espalier.sparsify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.espalier.kernel.scalar.ScalarSelect;
import org.espalier.op.Clock;
import org.espalier.op.Span;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** What is remembered of thresholds never changes which weights are chosen, and misses are told. */
class BracketsTest {
  private static final int ROWS = 5;
  private static final int COLS = 400;
  private final SplittableRandom random = new SplittableRandom(11);
  private final Tensor weight = Tensor.zeros(ROWS, COLS);
  private final BitMask keep = new BitMask(ROWS, COLS);
  private final Brackets brackets = new Brackets(weight, 1);

  BracketsTest() {
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLS; c++) {
        weight.set(r, c, (float) random.nextDouble(-1, 1));
      }
    }
  }

  /** Selects in all rows, compares with the specification and returns of how many it missed. */
  private int select(int k, boolean learns) {
    keep.setAll(random.nextBoolean());
    int missed = brackets.select(0, ROWS, k, keep, learns);
    var specification = new ScalarSelect();
    BitMask want = new BitMask(ROWS, COLS);
    int[] scratch = new int[specification.scratchSize(COLS)];
    for (int r = 0; r < ROWS; r++) {
      float[] w = weight.data();
      long threshold = specification.threshold(COLS, w, weight.row(r), k, scratch);
      specification.keepMask(COLS, w, weight.row(r), threshold, want.words(), want.row(r));
    }
    assertEquals(want, keep, "k " + k);
    return missed;
  }

  private void scale(float factor) {
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLS; c++) {
        weight.set(r, c, weight.get(r, c) * factor);
      }
    }
  }

  /** A step of training: every weight moves a little. */
  private void train() {
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLS; c++) {
        weight.set(r, c, weight.get(r, c) + (float) random.nextDouble(-1e-3, 1e-3));
      }
    }
  }

  @Test
  void nothingIsMissedWhereNothingIsKnownOrSought() {
    assertEquals(0, select(200, true), "the first time");
    assertEquals(0, select(0, true), "none sought");
    scale(1000);
    assertEquals(0, select(200, true), "all forgotten where none was sought");
  }

  @Test
  void thresholdsThatMoveLittleAreFound() {
    select(200, true);
    for (int step = 0; step < 200; step++) {
      train();
      assertEquals(0, select(200, true), "step " + step);
    }
  }

  @Test
  void aThresholdElsewhereIsAMissOfItsRowAloneAndStillExact() {
    select(200, true);
    for (int c = 0; c < COLS; c++) {
      weight.set(3, c, weight.get(3, c) * 1000);
    }
    assertEquals(1, select(200, true));
    assertEquals(0, select(200, true), "known from now on");
    for (int c = 0; c < COLS; c++) {
      weight.set(1, c, c % 3 == 0 ? Float.NaN : 0);
    }
    assertEquals(1, select(200, true), "zeros, all alike, and NaN");
    assertEquals(0, select(200, true));
  }

  @Test
  void noneOfEquallyStrongWeightsIsChosenWhereNoneIsSought() {
    weight.fill(0.5f);
    select(200, true);
    assertEquals(0, select(0, true));
    assertEquals((long) ROWS * COLS, keep.count());
  }

  /** From 1 to 1e30 and back lies more than a third of all keys: the bracket ends where they do. */
  @Test
  void aBracketAsWideAsAllKeysFindsEveryThreshold() {
    select(200, true);
    scale(1e30f);
    assertEquals(ROWS, select(200, true));
    for (float factor : new float[] {1, 1e8f, 1e-38f, 1e-30f, 1e38f}) {
      scale(factor);
      assertEquals(0, select(200, true), "times " + factor);
    }
  }

  /** Rows so short that to take scratch memory and to give it back is most of the work. */
  @Test
  void rowsMayBeSelectedAtOnce() throws Exception {
    int threads = 4;
    Tensor few = Tensor.zeros(threads, 8);
    for (int r = 0; r < threads; r++) {
      for (int c = 0; c < few.cols(); c++) {
        few.set(r, c, (float) random.nextDouble(-1, 1));
      }
    }
    BitMask want = new BitMask(threads, few.cols());
    new Brackets(few, 1).select(0, threads, 4, want, false);
    Brackets shared = new Brackets(few, threads);
    List<Callable<Boolean>> jobs = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int row = t;
      BitMask own = new BitMask(threads, few.cols());
      jobs.add(
          () -> {
            boolean right = true;
            for (int i = 0; i < 20_000; i++) {
              shared.select(row, row + 1, 4, own, false);
              right &= own.words()[row] == want.words()[row];
            }
            return right;
          });
    }
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Boolean> done : pool.invokeAll(jobs)) {
        assertTrue(done.get());
      }
    }
  }

  @Test
  void aMoveOfLateIsReckonedWithAndForgottenInTime() {
    select(200, true);
    scale(1000);
    assertEquals(ROWS, select(200, true));
    scale(0.001f);
    assertEquals(0, select(200, true), "as far back as it went before");
    for (int step = 0; step < 600; step++) {
      assertEquals(0, select(200, true));
    }
    scale(1000);
    assertEquals(ROWS, select(200, true), "after a long calm");
  }

  @Test
  void evaluationBetweenStepsTeachesNothing() {
    select(200, true);
    scale(1000);
    select(200, true);
    for (int i = 0; i < 600; i++) {
      assertEquals(0, select(200, false));
    }
    scale(0.001f);
    assertEquals(0, select(200, true), "the move is not forgotten by looking");
  }

  @Test
  void otherWeightsInEvaluationAreSelectedExactlyAndWidenNothing() {
    select(200, true);
    scale(1000);
    assertEquals(ROWS, select(200, false));
    scale(0.001f);
    assertEquals(ROWS, select(200, false), "what was seen there is no move of training");
    assertEquals(0, select(200, true));
  }

  @Test
  void aRampIsFollowedExactlyAndMostlyWithinTheBracket() {
    int steps = 500;
    Clock clock = new Clock(steps, steps);
    Ramp ramp = new Ramp(new Span(steps, Span.Unit.STEPS));
    Target target = new Target.Proportion(Fraction.of("0.75"));
    int missed = 0;
    int last = 0;
    for (int step = 0; step <= steps; step++) {
      clock.set(step);
      last = target.candidates(COLS, ramp, clock);
      missed += select(last, true);
      train();
    }
    assertEquals(COLS * 3 / 4, last);
    assertTrue(missed <= steps * ROWS / 20, missed + " missed of " + steps * ROWS);
  }
}
