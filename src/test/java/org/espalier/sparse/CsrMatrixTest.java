package org.espalier.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsrMatrixTest {
  @Test
  void zerosOfBothSignsAreLeftOutAndNanIsKept() {
    Tensor dense =
        Tensor.of(Shape.of(3, 3), 0f, -0f, 2f, 0f, 0f, 0f, Float.NaN, -0f, Float.MIN_VALUE);
    CsrMatrix m = CsrMatrix.of(dense);
    assertArrayEquals(new int[] {0, 1, 1, 3}, m.rowPtr());
    assertArrayEquals(new char[] {2, 0, 2}, m.colIdx());
    assertArrayEquals(new float[] {2f, Float.NaN, Float.MIN_VALUE}, m.values());
    assertArrayEquals(new int[] {1, 0, 2}, m.rowOrder());
    assertEquals(3, m.nnz());
    assertEquals(3 / 9., m.density());
    assertEquals(4 * (4 + 3) + 3 * 6, m.bytes());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void comesBackAsItWas(long seed) {
    var rnd = new SplittableRandom(seed);
    int rows = rnd.nextInt(40);
    int cols = rnd.nextInt(140);
    Tensor dense = random(rnd, rows, cols, rnd.nextDouble());
    CsrMatrix m = CsrMatrix.of(dense);
    assertArrayEquals(dense.toArray(), m.toTensor().toArray());
    int[] columns = new int[m.nnz()];
    for (int p = 0; p < columns.length; p++) {
      columns[p] = m.colIdx()[p];
    }
    CsrMatrix again = CsrMatrix.of(m.rows(), m.cols(), m.rowPtr(), columns, m.values());
    assertEquals(m, again);
    assertEquals(m.hashCode(), again.hashCode());
    if (m.nnz() > 0) {
      dense.set(m.rowOrder()[rows - 1], m.colIdx()[m.nnz() - 1], 17);
      assertNotEquals(m, CsrMatrix.of(dense));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void aMaskPrunesWithoutACopy(long seed) {
    var rnd = new SplittableRandom(seed);
    Tensor dense = random(rnd, 1 + rnd.nextInt(20), 1 + rnd.nextInt(150), 0.9);
    BitMask keep = new BitMask(dense.rows(), dense.cols());
    Tensor pruned = Tensor.zeros(dense.shape());
    for (int r = 0; r < dense.rows(); r++) {
      for (int c = 0; c < dense.cols(); c++) {
        boolean kept = rnd.nextInt(3) == 0;
        keep.set(r, c, kept);
        pruned.set(r, c, kept ? dense.get(r, c) : 0);
      }
    }
    assertEquals(CsrMatrix.of(pruned), CsrMatrix.of(dense, keep));
  }

  @Test
  void aMaskOfAnotherSizeIsRefused() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> CsrMatrix.of(Tensor.zeros(2, 3), new BitMask(3, 2)));
    assertTrue(e.getMessage().contains("3x2"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void rowsAreOrderedByLengthAndStay(long seed) {
    var rnd = new SplittableRandom(seed);
    CsrMatrix m = CsrMatrix.of(random(rnd, 50, 12, 0.4));
    int[] order = m.rowOrder();
    boolean[] seen = new boolean[50];
    for (int i = 0; i < 50; i++) {
      seen[order[i]] = true;
      if (i > 0) {
        int before = length(m, order[i - 1]);
        int here = length(m, order[i]);
        assertTrue(before < here || before == here && order[i - 1] < order[i]);
      }
    }
    for (boolean s : seen) {
      assertTrue(s);
    }
  }

  private static int length(CsrMatrix m, int r) {
    return m.rowPtr()[r + 1] - m.rowPtr()[r];
  }

  @Test
  void explicitZerosAreLeftOut() {
    CsrMatrix m =
        CsrMatrix.of(2, 4, new int[] {0, 3, 4}, new int[] {0, 1, 3, 2}, new float[] {1, 0, 2, -0f});
    assertEquals(CsrMatrix.of(Tensor.of(Shape.of(2, 4), 1, 0, 0, 2, 0, 0, 0, 0)), m);
    assertEquals(2, m.nnz());
  }

  @Test
  void laterChangesOfThePartsDontShow() {
    int[] rowPtr = {0, 1};
    int[] colIdx = {1};
    float[] values = {3};
    CsrMatrix m = CsrMatrix.of(1, 2, rowPtr, colIdx, values);
    rowPtr[1] = 7;
    colIdx[0] = 9;
    values[0] = 0;
    assertEquals(CsrMatrix.of(Tensor.of(Shape.of(1, 2), 0, 3)), m);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -1 | 3     | 0     |         | a matrix of -1x3
          1  | -3    | 0 0   |         | a matrix of 1x-3
          1  | 65537 | 0 0   |         | at most 65536 columns, not 65537
          2  | 3     | 0 1   | 0       | 2 row pointers for 2 rows
          1  | 3     | 1 1   |         | row pointers from 1 to 1 for 0 entries
          1  | 3     | 0 2   | 0       | row pointers from 0 to 2 for 1 entries
          3  | 3     | 0 2 1 2 | 0 1   | row 1: from entry 2 to 1
          2  | 3     | 0 -1 1 | 0      | row 0: from entry 0 to -1
          1  | 3     | 0 1   | 3       | row 0: column 3 behind -1 of 3 columns
          1  | 3     | 0 1   | -1      | row 0: column -1 behind -1 of 3 columns
          1  | 3     | 0 2   | 1 1     | row 0: column 1 behind 1 of 3 columns
          2  | 3     | 0 1 3 | 2 1 0   | row 1: column 0 behind 1 of 3 columns
          1  | 65536 | 0 1   | 65536   | row 0: column 65536 behind -1
          """)
  void wrongPartsAreRefused(int rows, int cols, String rowPtr, String colIdx, String message) {
    int[] columns = ints(colIdx);
    float[] values = new float[columns.length];
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> CsrMatrix.of(rows, cols, ints(rowPtr), columns, values));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void valuesAndColumnsOfDifferentNumberAreRefused() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> CsrMatrix.of(1, 3, new int[] {0, 1}, new int[] {2}, new float[2]));
    assertTrue(e.getMessage().contains("1 column indices for 2 values"), e.getMessage());
  }

  @Test
  void theWidestMatrixKeepsItsLastColumn() {
    Tensor dense = Tensor.zeros(2, CsrMatrix.MAX_COLS);
    dense.set(1, CsrMatrix.MAX_COLS - 1, 5);
    CsrMatrix m = CsrMatrix.of(dense);
    assertEquals(CsrMatrix.MAX_COLS - 1, m.colIdx()[0]);
    assertArrayEquals(dense.toArray(), m.toTensor().toArray());
    assertThrows(
        IllegalArgumentException.class,
        () -> CsrMatrix.of(Tensor.zeros(1, CsrMatrix.MAX_COLS + 1)));
  }

  private static int[] ints(String words) {
    return words == null
        ? new int[0]
        : java.util.Arrays.stream(words.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  static Tensor random(SplittableRandom rnd, int rows, int cols, double density) {
    Tensor t = Tensor.zeros(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        if (rnd.nextDouble() < density) {
          t.set(r, c, (float) rnd.nextDouble(-1, 1));
        }
      }
    }
    return t;
  }
}
