package org.espalier.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferPlanTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void buffersOfUseAtTheSameTimeNeverShareStorage(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 50; round++) {
      BufferPlan plan = new BufferPlan();
      List<BufferPlan.Buffer> buffers = new ArrayList<>();
      int n = random.nextInt(30);
      for (int i = 0; i < n; i++) {
        int first = random.nextInt(20);
        var buffer = new BufferPlan.Buffer(random.nextInt(100), first, first + random.nextInt(6));
        assertEquals(i, plan.add(buffer.length(), buffer.first(), buffer.last()));
        buffers.add(buffer);
      }
      float[][] storage = plan.allocate();
      for (int i = 0; i < n; i++) {
        assertTrue(storage[i].length >= buffers.get(i).length());
        for (int j = 0; j < i; j++) {
          boolean apart =
              buffers.get(i).last() < buffers.get(j).first()
                  || buffers.get(j).last() < buffers.get(i).first();
          assertTrue(apart || storage[i] != storage[j], i + " and " + j);
        }
      }
    }
  }

  @Test
  void oneBehindTheOtherIsOneStorage() {
    BufferPlan plan = new BufferPlan();
    plan.add(5, 0, 1);
    plan.add(7, 2, 3);
    plan.add(6, 3, 4);
    plan.add(1, 4, 9);
    float[][] storage = plan.allocate();
    assertNotSame(storage[1], storage[2]); // which meet
    assertEquals(13, Arrays.stream(storage).distinct().mapToInt(x -> x.length).sum());
  }
}
