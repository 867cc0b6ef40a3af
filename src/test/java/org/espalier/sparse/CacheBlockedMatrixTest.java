package org.espalier.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheBlockedMatrixTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 128, 256})
  void everyEntryIsThereOnceAndInOrder(int width) {
    for (long seed = 1; seed <= 30; seed++) {
      var rnd = new SplittableRandom(seed);
      int rows = rnd.nextInt(seed % 4 == 0 ? 600 : 50);
      int cols = rnd.nextInt(seed % 3 == 0 ? 20 : 400);
      double density = seed % 5 == 0 ? 1 : rnd.nextDouble();
      Tensor dense = CsrMatrixTest.random(rnd, rows, cols, density);
      CacheBlockedMatrix w = CacheBlockedMatrix.of(CsrMatrix.of(dense), width);
      assertArrayEquals(dense.toArray(), unpacked(w).toArray(), "seed " + seed);
      assertEquals(CsrMatrix.of(dense).nnz(), w.nnz());
    }
  }

  /** Reads the layout as the class describes it and checks what it promises. */
  private static Tensor unpacked(CacheBlockedMatrix w) {
    Tensor dense = Tensor.zeros(w.rows(), w.cols());
    for (int p = 0; p < w.panels(); p++) {
      int first = p * w.panelRows();
      int end = Math.min(first + w.panelRows(), w.rows());
      for (int b = 0; b < w.blocks(); b++) {
        int q = w.firstQuad(p, b);
        int to = q + w.quads(p);
        int[] rows = Arrays.copyOfRange(w.quadRows(), 4 * q, 4 * to);
        assertArrayEquals(
            IntStream.range(first, end).toArray(),
            IntStream.of(rows).distinct().sorted().toArray(),
            "each row of the panel is in the block");
        for (; q < to; q++) {
          for (int i = 0; i < CacheBlockedMatrix.QUAD; i++) {
            int row = w.quadRows()[4 * q + i];
            int before = -1;
            for (int t = w.quadPtr()[q]; t < w.quadPtr()[q + 1]; t++) {
              int offset = w.offsets()[4 * t + i] & 255;
              float value = w.value(4 * t + i, w.scale(w.quadRows()[4 * q + i]));
              if (value == 0) {
                assertEquals(Float.floatToRawIntBits(-0f), Float.floatToRawIntBits(value));
                assertEquals(0, offset);
              } else {
                assertTrue(offset > before && offset < w.width(), "columns ascend in the block");
                before = offset;
                dense.set(row, b * w.width() + offset, value);
              }
            }
            if (i < 3 && w.quadRows()[4 * q + 3] == row) {
              assertEquals(-1, before, "only the last of equal rows has entries");
            }
          }
        }
      }
    }
    return dense;
  }

  @Test
  void panelsShareTheRowsEvenly() {
    CacheBlockedMatrix w = CacheBlockedMatrix.of(CsrMatrix.of(Tensor.zeros(300, 3)));
    assertEquals(2, w.panels());
    assertEquals(152, w.panelRows());
    assertEquals(38, w.quads(0));
    assertEquals(37, w.quads(1));
  }

  @Test
  void anEntryTakesFiveBytes() {
    Tensor dense = Tensor.zeros(256, 512);
    dense.fill(1);
    CacheBlockedMatrix w = CacheBlockedMatrix.of(CsrMatrix.of(dense));
    assertEquals(128, w.width());
    assertEquals(5 * 256 * 512 + 4 * (4 * 256 + 4 * 64 + 1), w.bytes());
  }

  @Test
  void aSparserMatrixHasWiderBlocks() {
    Tensor dense = Tensor.zeros(64, 512);
    for (int r = 0; r < 64; r++) {
      for (int c = 0; c < 512; c += 20) {
        dense.set(r, c, 1);
      }
    }
    assertEquals(256, CacheBlockedMatrix.of(CsrMatrix.of(dense)).width());
  }

  @Test
  void theWidestMatrixFits() {
    Tensor dense = Tensor.zeros(5, CsrMatrix.MAX_COLS);
    dense.set(4, CsrMatrix.MAX_COLS - 1, 3);
    CacheBlockedMatrix w = CacheBlockedMatrix.of(CsrMatrix.of(dense), 256);
    assertArrayEquals(dense.toArray(), unpacked(w).toArray());
  }

  @Test
  void otherWidthsAreRefused() {
    CsrMatrix m = CsrMatrix.of(Tensor.zeros(1, 1));
    assertThrows(IllegalArgumentException.class, () -> CacheBlockedMatrix.of(m, 0));
    assertThrows(IllegalArgumentException.class, () -> CacheBlockedMatrix.of(m, 257));
  }
}
