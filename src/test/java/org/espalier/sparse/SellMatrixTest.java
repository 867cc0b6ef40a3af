package org.espalier.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.sparse.SellMatrix.Form;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SellMatrixTest {
  static Stream<Form> forms() {
    return Stream.of(
        new Form(4, 4, 1, 4),
        new Form(8, 4, 1, 8),
        new Form(8, 2, 2, 16),
        new Form(16, 2, 2, 32),
        new Form(16, 1, 4, 5),
        new Form(16, 1, 4, 128),
        new Form(4, 4, 1, 256));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void everyEntryIsThereOnceAndInOrder(Form form) {
    for (long seed = 1; seed <= 30; seed++) {
      var rnd = new SplittableRandom(seed);
      int rows = rnd.nextInt(150);
      int cols = rnd.nextInt(seed % 3 == 0 ? 20 : 400);
      double density = seed % 5 == 0 ? 1 : rnd.nextDouble();
      Tensor dense = CsrMatrixTest.random(rnd, rows, cols, density);
      SellMatrix w = SellMatrix.of(CsrMatrix.of(dense), form);
      assertArrayEquals(dense.toArray(), unpacked(w).toArray(), "seed " + seed);
      assertEquals(CsrMatrix.of(dense).nnz(), w.nnz());
      assertTrue(w.padding() >= 1);
    }
  }

  /** Reads the layout as the class describes it and checks what it promises. */
  private static Tensor unpacked(SellMatrix w) {
    Tensor dense = Tensor.zeros(w.rows(), w.cols());
    Form form = w.form();
    int lanes = form.lanes();
    for (int b = 0; b < w.blocks(); b++) {
      for (int r = w.blockPtr()[b]; r < w.blockPtr()[b + 1]; r++) {
        for (int p = 0; p < SellMatrix.SLOTS; p++) {
          int group = p / form.steps();
          int start = w.starts()[r * form.groups() + group];
          assertTrue(start + form.window() <= w.cols() || start == 0, "behind the last column");
          for (int l = 0; l < lanes; l++) {
            float value = w.values()[SellMatrix.FIRST + (r * 4 + p) * lanes + l];
            int offset = w.offsets()[SellMatrix.FIRST + r * lanes + l] >>> (8 * p) & 255;
            if (value == 0) {
              assertEquals(Float.floatToRawIntBits(-0f), Float.floatToRawIntBits(value));
              assertEquals(0, offset);
            } else {
              int row = w.laneRows()[(b * form.groups() + group) * lanes + l];
              assertTrue(offset < form.window());
              for (int c = start + offset; c < w.cols(); c++) {
                assertEquals(0f, dense.get(row, c), "a later column came first");
              }
              dense.set(row, start + offset, value);
            }
          }
        }
      }
    }
    int[] rows = Arrays.stream(w.laneRows()).filter(row -> row >= 0).sorted().toArray();
    assertArrayEquals(IntStream.range(0, w.rows()).toArray(), rows, "each row has a lane");
    return dense;
  }

  @Test
  void aFullMatrixHasNoPadding() {
    Tensor dense = Tensor.zeros(64, 40);
    dense.fill(1);
    SellMatrix w = SellMatrix.of(CsrMatrix.of(dense), new Form(8, 2, 2, 16));
    assertEquals(1, w.padding());
    // four blocks of 20 rounds; each has four values and an offset for every lane, and two starts
    assertEquals(4 * 20 * (8 * 20 + 4) + 4 * (64 + 5 + 12 + 12), w.bytes());
  }

  @Test
  void groupsOfABlockHaveAboutAsManyWindows() {
    Tensor dense = Tensor.zeros(64, 512);
    for (int r = 0; r < 64; r++) { // groups of four rows need 1 and 128 windows in turn
      for (int i = 0; i < 128; i++) {
        dense.set(r, r % 8 < 4 ? 4 * i : i / 32, 1);
      }
    }
    SellMatrix w = SellMatrix.of(CsrMatrix.of(dense), new Form(4, 4, 1, 4));
    int rounds = w.blockPtr()[w.blocks()];
    assertEquals(2 * 4 + 2 * 128, rounds);
  }

  /** Rows of two kinds, in turn: entries on the left or on the right. */
  @Test
  void similarRowsShareAGroup() {
    Tensor dense = Tensor.zeros(64, 512);
    for (int r = 0; r < 64; r++) {
      for (int i = 0; i < 64; i++) {
        dense.set(r, r % 2 * 256 + 4 * i, 1);
      }
    }
    SellMatrix w = SellMatrix.of(CsrMatrix.of(dense), new Form(16, 1, 4, 16));
    assertEquals(1, w.padding());
    for (int i = 0; i < 64; i++) {
      assertEquals(w.laneRows()[i / 16 * 16] % 2, w.laneRows()[i] % 2, "lane " + i);
    }
  }

  @Test
  void fewLanesOfRandomRowsIdle() {
    Tensor dense = CsrMatrixTest.random(new SplittableRandom(1), 1024, 1024, 0.1);
    double padding = SellMatrix.of(CsrMatrix.of(dense), new Form(16, 1, 4, 128)).padding();
    assertTrue(padding < 1.1, "padding " + padding);
  }

  @Test
  void otherFormsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Form(5, 4, 1, 8));
    assertThrows(IllegalArgumentException.class, () -> new Form(32, 4, 1, 8));
    assertThrows(IllegalArgumentException.class, () -> new Form(8, 4, 2, 8));
    assertThrows(IllegalArgumentException.class, () -> new Form(8, -4, -1, 8));
    assertThrows(IllegalArgumentException.class, () -> new Form(8, 4, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Form(8, 4, 1, 257));
  }
}
