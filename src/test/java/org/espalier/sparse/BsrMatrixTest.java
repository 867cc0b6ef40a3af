package org.espalier.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BsrMatrixTest {
  /** A matrix of full blocks, each with the probability of the density. */
  private static Tensor blocks(int rows, int cols, int height, double density) {
    var random = new SplittableRandom(5);
    Tensor dense = Tensor.zeros(rows, cols);
    for (int first = 0; first < rows; first += height) {
      for (int c = 0; c < cols; c++) {
        if (random.nextDouble() < density) {
          for (int r = first; r < Math.min(rows, first + height); r++) {
            dense.set(r, c, (float) random.nextDouble(0.5, 2));
          }
        }
      }
    }
    return dense;
  }

  @ParameterizedTest
  @CsvSource({"4, 0", "4, 0.02", "4, 0.3", "4, 1", "16, 0", "16, 0.02", "16, 0.3", "16, 1"})
  void theBlocksGiveTheMatrixBack(int height, double density) {
    for (int rows : new int[] {1, 3, 4, 15, 16, 17, 63, 70}) {
      Tensor dense = blocks(rows, 50, height, density);
      BsrMatrix m = BsrMatrix.of(dense, height);
      Tensor back = Tensor.zeros(rows, 50);
      int perGroup = BsrMatrix.ROWS / height;
      int met = 0;
      for (int q = 0; q < m.quads(); q++) {
        int first = m.quadRows()[q];
        for (int i = 0; first >= 0 && i < Math.min(4, rows - first); i++) {
          met++;
          int lane = q % 4 * 4 + i;
          int last = -1;
          for (int s = m.groupPtr()[q / 4]; s < m.groupPtr()[q / 4 + 1]; s++) {
            int col = m.colIdx()[s * perGroup + lane / height];
            float value = m.values()[s * BsrMatrix.ROWS + lane];
            if (value != 0) {
              assertTrue(col > last, "columns ascend");
              last = col;
              back.set(first + i, col, value);
            } else {
              assertEquals(-0f, value, "a zero that is stored is -0");
            }
          }
        }
      }
      assertEquals(rows, met);
      assertArrayEquals(dense.toArray(), back.toArray());
    }
  }

  @Test
  void whatIsStoredBesidesTheEntriesIsCounted() {
    Tensor dense = blocks(64, 10, 4, 1);
    BsrMatrix full = BsrMatrix.of(dense, 4);
    assertEquals(1, full.padding());
    assertEquals(640, full.nnz());
    assertEquals(160, full.blocks());
    assertEquals(4 * 640 + 2 * 160 + 4 * (16 + 5), full.bytes());
    dense.set(0, 0, 0f);
    assertEquals(640 / 639.0, BsrMatrix.of(dense, 4).padding());
    assertEquals(639 / 640.0, BsrMatrix.fill(dense, 4));
  }

  @Test
  void theHeightIsTheLargestThatIsFilledAsWell() {
    assertEquals(16, BsrMatrix.heightFor(blocks(64, 50, 16, 0.2), 0.7));
    assertEquals(4, BsrMatrix.heightFor(blocks(64, 50, 4, 0.2), 0.7));
    assertEquals(0, BsrMatrix.heightFor(blocks(64, 50, 1, 0.2), 0.7));
  }

  @Test
  void otherHeightsAndTooManyColumnsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> BsrMatrix.of(Tensor.zeros(4, 4), 8));
    assertThrows(IllegalArgumentException.class, () -> BsrMatrix.of(Tensor.zeros(1, 65_537), 4));
    assertEquals(0, BsrMatrix.of(Tensor.zeros(5, 65_536), 4).blocks());
  }
}
