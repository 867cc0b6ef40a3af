package org.espalier.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubsetTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 65, 200})
  void theListFollowsTheBits(int n) {
    var random = new SplittableRandom(n);
    Subset subset = new Subset(n);
    assertEquals(n, subset.size());
    for (int round = 0; round < 20; round++) {
      int density = random.nextInt(4);
      for (int i = 0; i < n; i++) {
        subset.bits().set(0, i, random.nextInt(3) < density);
      }
      subset.refresh();
      int[] want = IntStream.range(0, n).filter(i -> subset.bits().get(0, i)).toArray();
      assertArrayEquals(want, Arrays.copyOf(subset.indices(), subset.count()));
      assertEquals(want.length == n, subset.isAll());
    }
    subset.bits().setAll(true);
    subset.refresh();
    assertTrue(subset.isAll());
    subset.bits().setAll(false);
    subset.refresh();
    assertEquals(0, subset.count());
    assertFalse(n > 0 && subset.isAll());
  }
}
