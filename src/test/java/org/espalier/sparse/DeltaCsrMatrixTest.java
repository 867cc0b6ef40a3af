package org.espalier.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaCsrMatrixTest {
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.001, 0.01, 0.1, 0.5, 1})
  void theEntriesGiveTheMatrixBack(double density) {
    var random = new SplittableRandom(7);
    Tensor dense = Tensor.zeros(9, 1531);
    int nonZeros = 0;
    for (int r = 0; r < dense.rows(); r++) {
      for (int c = 0; c < dense.cols(); c++) {
        if (random.nextDouble() < density) {
          dense.set(r, c, (float) random.nextDouble(0.5, 2));
          nonZeros++;
        }
      }
    }
    DeltaCsrMatrix m = DeltaCsrMatrix.of(dense);
    assertEquals(nonZeros, m.nnz());
    for (int r = 0; r < dense.rows(); r++) {
      float[] row = new float[dense.cols()];
      int col = 0;
      for (int e = m.rowPtr()[r]; e < m.rowPtr()[r + 1]; e++) {
        col += m.deltas()[e] & 0xff;
        row[col] += m.value(e, m.scale(r));
      }
      for (int c = 0; c < dense.cols(); c++) {
        assertEquals(dense.get(r, c), row[c], "row " + r + ", column " + c);
      }
    }
  }

  /** Rows of all sizes, one of them empty, and gaps that take bridges. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void narrowValuesAreThoseOfTheRoundedMatrix(Precision precision) {
    var random = new SplittableRandom(9);
    Tensor dense = Tensor.zeros(60, 1531);
    for (int r = 1; r < dense.rows(); r++) {
      double size = Math.pow(2, random.nextDouble(-140, 127));
      for (int c = 0; c < dense.cols(); c++) {
        boolean isZero = random.nextInt(200) != 0;
        dense.set(r, c, isZero ? 0 : (float) (random.nextDouble(-1, 1) * size));
      }
    }
    Tensor rounded = precision.roundRows("w", dense);
    DeltaCsrMatrix wide = DeltaCsrMatrix.of(rounded);
    DeltaCsrMatrix narrow = DeltaCsrMatrix.of(rounded, precision);
    assertArrayEquals(wide.rowPtr(), narrow.rowPtr());
    assertArrayEquals(wide.deltas(), narrow.deltas());
    for (int r = 0; r < dense.rows(); r++) {
      for (int e = wide.rowPtr()[r]; e < wide.rowPtr()[r + 1]; e++) {
        assertEquals(
            Float.floatToRawIntBits(wide.value(e, wide.scale(r))),
            Float.floatToRawIntBits(narrow.value(e, narrow.scale(r))),
            "row " + r);
      }
    }
  }

  /** Columns 255 and 256 behind the last: one byte holds the first, the second takes a bridge. */
  @Test
  void aGapLongerThanAByteTakesAnEntryMore() {
    Tensor dense = Tensor.zeros(2, 600);
    dense.set(0, 255, 1);
    dense.set(1, 256, 1);
    DeltaCsrMatrix m = DeltaCsrMatrix.of(dense);
    assertEquals(1, m.rowPtr()[1]);
    assertEquals(3, m.rowPtr()[2]);
    assertEquals(2, m.nnz());
  }

  /** Five bytes an entry: at 90 % zeros an eighth of the dense matrix, and its row pointers. */
  @Test
  void ninetyPercentZerosTakeAnEighth() {
    var random = new SplittableRandom(1);
    Tensor dense = Tensor.zeros(1024, 1024);
    for (int r = 0; r < 1024; r++) {
      for (int c = 0; c < 1024; c++) {
        dense.set(r, c, random.nextInt(10) == 0 ? 1 : 0);
      }
    }
    double share = DeltaCsrMatrix.of(dense).bytes() / (4.0 * 1024 * 1024);
    assertTrue(share < 0.13, "share " + share);
  }
}
