package org.espalier.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaddedNchwTest {
  @ParameterizedTest
  @CsvSource({
    "3, 32, 32, 1, 33, 16",
    "3, 32, 32, 1, 33, 1",
    "4, 8, 8, 1, 9, 1",
    "2, 5, 7, 0, 7, 1",
    "2, 5, 7, 3, 12, 16",
    "5, 1, 1, 2, 3, 1",
    "16, 32, 30, 2, 32, 16"
  })
  void windowsStayWithinTheChannelAndBordersAreCleared(
      int channels, int height, int width, int border, int pitch, int lanes) {
    var planes = new PaddedNchw(channels, height, width, border, pitch, lanes);
    float[] data = new float[planes.length()];
    Arrays.fill(data, 1);
    for (int c = 0; c < channels; c++) {
      int start = Tensor.ALIGNED_START + c * planes.ld();
      int first = planes.first(c);
      assertEquals(0, (first - Tensor.ALIGNED_START) % PaddedNchw.LINE);
      assertTrue(first + planes.at(-border, -border) >= start);
      assertTrue(first + planes.span() + planes.at(border, border) <= start + planes.ld());
      planes.clearBorder(data, c);
    }
    int real = channels * height * width * lanes;
    int kept = 0;
    for (int c = 0; c < channels; c++) {
      int first = planes.first(c);
      for (int i = 0; i < planes.span(); i++) {
        int pixel = i / lanes;
        boolean inside = pixel % pitch < width && pixel / pitch < height;
        assertEquals(inside ? 1 : 0, data[first + i], "channel " + c + ", " + i);
        kept += inside ? 1 : 0;
      }
    }
    assertEquals(real, kept);
    assertTrue(planes.ld() % 1024 != 0, "channels would share places in the cache");
  }

  @ParameterizedTest
  @CsvSource({"0, 3, 3, 1, 4, 1", "1, 3, 3, 1, 3, 1", "1, 3, 3, 1, 4, 2", "1, 3, 3, -1, 4, 1"})
  void refusesWhatDoesNotFit(
      int channels, int height, int width, int border, int pitch, int lanes) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new PaddedNchw(channels, height, width, border, pitch, lanes));
  }
}
