package org.espalier.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowMatrixTest {
  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void everyEntryIsThereOnceAndInOrder(int lanes) {
    for (long seed = 1; seed <= 30; seed++) {
      var rnd = new SplittableRandom(seed);
      int rows = rnd.nextInt(150);
      int cols = rnd.nextInt(seed % 3 == 0 ? 20 : 200);
      double density = seed % 5 == 0 ? 1 : rnd.nextDouble();
      Tensor dense = CsrMatrixTest.random(rnd, rows, cols, density);
      WindowMatrix w = WindowMatrix.of(CsrMatrix.of(dense), lanes);
      assertArrayEquals(dense.toArray(), unpacked(w).toArray(), "seed " + seed);
      assertEquals(CsrMatrix.of(dense).nnz(), w.nnz());
      assertTrue(w.padding() >= 1);
    }
  }

  /** Reads the layout as the class describes it and checks what it promises. */
  private static Tensor unpacked(WindowMatrix w) {
    Tensor dense = Tensor.zeros(w.rows(), w.cols());
    int lanes = w.lanes();
    int lanesSeen = 0;
    for (int b = 0; b < w.blocks(); b++) {
      for (int e = w.blockPtr()[b]; e < w.blockPtr()[b + 1]; e++) {
        int group = b * WindowMatrix.GROUPS + (e - w.blockPtr()[b]) % WindowMatrix.GROUPS;
        int start = w.starts()[e];
        assertTrue(start + lanes <= w.cols() || start == 0, "window behind the last column");
        for (int l = 0; l < lanes; l++) {
          float value = w.values()[WindowMatrix.FIRST_VALUE + e * lanes + l];
          int offset = w.offsets()[e * w.offsetWords() + l / 8] >>> (4 * (l % 8)) & 15;
          if (value == 0) {
            assertEquals(Float.floatToRawIntBits(-0f), Float.floatToRawIntBits(value));
            assertEquals(0, offset);
          } else {
            int row = w.laneRows()[group * lanes + l];
            assertTrue(offset < lanes);
            for (int c = start + offset; c < w.cols(); c++) {
              assertEquals(0f, dense.get(row, c), "a later column came first");
            }
            dense.set(row, start + offset, value);
          }
        }
      }
    }
    boolean[] rows = new boolean[w.rows()];
    for (int row : w.laneRows()) {
      if (row >= 0) {
        assertTrue(!rows[row], "a row in two lanes");
        rows[row] = true;
        lanesSeen++;
      }
    }
    assertEquals(w.rows(), lanesSeen);
    return dense;
  }

  @Test
  void aFullMatrixHasNoPadding() {
    Tensor dense = Tensor.zeros(64, 40);
    dense.fill(1);
    WindowMatrix w = WindowMatrix.of(CsrMatrix.of(dense), 8);
    assertEquals(1, w.padding());
    assertEquals(64 * 40 * 4 + 64 * 40 / 8 * 6 + 64 * 4 + 3 * 4 + 12 * 4, w.bytes());
  }

  @Test
  void otherNumbersOfLanesAreRefused() {
    CsrMatrix m = CsrMatrix.of(Tensor.zeros(1, 1));
    assertThrows(IllegalArgumentException.class, () -> WindowMatrix.of(m, 5));
    assertThrows(IllegalArgumentException.class, () -> WindowMatrix.of(m, 32));
  }
}
