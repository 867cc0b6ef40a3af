package org.espalier.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class BatchesTest {
  private static final Preprocessing PLAIN = new Preprocessing.Pixels(0, 1 / 255f);

  /** Returns n images of three pixels: high and low byte of the number, and the label. */
  private static Dataset numbered(int n) {
    byte[] bytes = new byte[3 * n];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i * 7 % 5;
      bytes[3 * i] = (byte) (i >> 8);
      bytes[3 * i + 1] = (byte) i;
      bytes[3 * i + 2] = (byte) labels[i];
    }
    return new Dataset(
        "numbered", new Images(Shape.of(1, 1, 3), bytes), labels, List.of("a", "b", "c", "d", "e"));
  }

  private static Batches shuffled(Dataset data, int size, long seed, long first) {
    return Batches.shuffled(data, PLAIN, Augmentation.NONE, size, seed, first, Kernels.random());
  }

  /** Returns the numbers of a batch's images, having checked that pixels and labels agree. */
  private static int[] numbers(Batch batch) {
    int[] numbers = new int[batch.size()];
    assertEquals(Shape.of(batch.size(), 3), batch.x().shape());
    for (int i = 0; i < numbers.length; i++) {
      float high = batch.x().get(i, 0);
      numbers[i] = Math.round(high) * 256 + Math.round(batch.x().get(i, 1));
      assertEquals(batch.labels()[i], batch.x().get(i, 2), 1e-4f);
      assertEquals(numbers[i] * 7 % 5, batch.labels()[i]);
    }
    return numbers;
  }

  private static List<Integer> epoch(Batches batches) {
    List<Integer> numbers = new ArrayList<>();
    for (int b = 0; b < batches.perEpoch(); b++) {
      for (int number : numbers(batches.next())) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  @ParameterizedTest
  @CsvSource({"1000,128,8", "1000,100,10", "7,3,3", "1,1,1", "5,8,1", "4,1,4"})
  void eachEpochHasEachExampleOnce(int n, int size, int perEpoch) {
    try (Batches batches = shuffled(numbered(n), size, 3, 0)) {
      assertEquals(perEpoch, batches.perEpoch());
      for (int e = 0; e < 3; e++) {
        List<Integer> numbers = epoch(batches);
        assertEquals(IntStream.range(0, n).boxed().toList(), numbers.stream().sorted().toList());
      }
    }
  }

  @Test
  void theLastBatchIsSmaller() {
    try (Batches batches = Batches.inOrder(numbered(10), PLAIN, 4)) {
      for (int e = 0; e < 2; e++) {
        assertArrayEquals(new int[] {0, 1, 2, 3}, numbers(batches.next()));
        assertArrayEquals(new int[] {4, 5, 6, 7}, numbers(batches.next()));
        assertArrayEquals(new int[] {8, 9}, numbers(batches.next()));
      }
    }
  }

  @Test
  void theOrderIsThatOfTheAlgorithm() {
    RandomKey key = RandomKey.of(11, "shuffle");
    try (Batches batches = shuffled(numbered(300), 64, 11, 0)) {
      for (int epoch = 0; epoch < 3; epoch++) {
        List<Integer> want = new ArrayList<>(IntStream.range(0, 300).boxed().toList());
        for (int i = 299; i > 0; i--) {
          long word = Integer.toUnsignedLong(ScalarRandom.word(key, epoch, 0, i));
          int j = (int) Math.floor(word * (i + 1.0) / 4294967296.0);
          int item = want.get(i);
          want.set(i, want.get(j));
          want.set(j, item);
        }
        assertEquals(want, epoch(batches), "epoch " + epoch);
      }
    }
  }

  @Test
  void epochsAndSeedsDiffer() {
    try (Batches one = shuffled(numbered(500), 50, 1, 0);
        Batches same = shuffled(numbered(500), 50, 1, 0);
        Batches other = shuffled(numbered(500), 50, 2, 0)) {
      List<Integer> first = epoch(one);
      assertEquals(first, epoch(same));
      assertNotEquals(first, epoch(other));
      assertNotEquals(first, epoch(one));
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "3", "4", "5", "8", "11"})
  void aResumedStreamGoesOnAsTheFirstWouldHave(int first) {
    try (Batches whole = shuffled(numbered(50), 16, 5, 0);
        Batches resumed = shuffled(numbered(50), 16, 5, first)) {
      for (int b = 0; b < first; b++) {
        whole.next();
      }
      for (int b = 0; b < 9; b++) {
        assertArrayEquals(numbers(whole.next()), numbers(resumed.next()), "batch " + b);
      }
    }
  }

  @Test
  void aBatchStaysValidUntilTheNextIsAskedFor() throws InterruptedException {
    try (Batches batches = Batches.inOrder(numbered(40), PLAIN, 4)) {
      for (int b = 0; b < 50; b++) {
        Batch batch = batches.next();
        int[] numbers = numbers(batch);
        Thread.sleep(1); // the background thread prepares the next meanwhile
        assertArrayEquals(numbers, numbers(batch));
        assertEquals(b % 10 * 4, numbers[0]);
      }
    }
  }

  @Test
  void aFaultInTheBackgroundReachesTheCaller() {
    IllegalStateException fault = new IllegalStateException("fault");
    RandomKernels failing =
        new Draws(
            step -> {
              if (step == 1) {
                throw fault;
              }
            });
    try (Batches batches =
        Batches.shuffled(numbered(4), PLAIN, Augmentation.NONE, 2, 1, 0, failing)) {
      batches.next();
      batches.next();
      assertSame(fault, assertThrows(IllegalStateException.class, batches::next));
      assertSame(fault, assertThrows(IllegalStateException.class, batches::next));
    }
  }

  /** Draws zeros, after doing something. */
  private record Draws(LongConsumer atStep) implements RandomKernels {
    @Override
    public void words(RandomKey key, long step, int row, int n, int[] out, int oo) {
      atStep.accept(step);
    }

    @Override
    public void spare(
        RandomKey key, long step, int row, int rows, int n, double dropRate, long[] keep, int ko) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void closingEndsTheThread() {
    Batches batches = Batches.inOrder(numbered(4), PLAIN, 2);
    Thread background = background();
    batches.next();
    assertTrue(background.isAlive());
    batches.close();
    assertFalse(background.isAlive());
    assertThrows(IllegalStateException.class, batches::next);
    batches.close();
  }

  /** Returns the background thread that was started last. */
  private static Thread background() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().equals("espalier-batches"))
        .max(Comparator.comparingLong(Thread::threadId))
        .orElseThrow();
  }

  @Test
  void anInterruptionIsKeptForTheCaller() {
    try (Batches batches = Batches.inOrder(numbered(4), PLAIN, 2)) {
      Thread.currentThread().interrupt();
      for (int b = 0; b < 100; b++) {
        batches.next();
      }
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void waitingIsMeasured() {
    RandomKernels slow =
        new Draws(
            step -> {
              try {
                Thread.sleep(200);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    try (Batches batches = Batches.shuffled(numbered(4), PLAIN, Augmentation.NONE, 4, 1, 0, slow)) {
      batches.next();
      batches.next();
      long waited = batches.waitedNanos();
      assertTrue(waited >= 150_000_000L && waited < 20_000_000_000L, waited + " ns");
    }
  }

  @Test
  void allocatesNothingAfterWarmUp() {
    try (Batches batches = shuffled(numbered(1000), 128, 1, 0)) {
      assertAllocatesNothing(batches);
    }
  }

  @Test
  void augmentationAllocatesNothingAfterWarmUp() {
    Augmentation all = new Augmentation(2, true, 3);
    try (Batches batches =
        Batches.shuffled(numbered(1000), PLAIN, all, 128, 1, 0, Kernels.random())) {
      assertAllocatesNothing(batches);
    }
  }

  private static void assertAllocatesNothing(Batches batches) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long background = background().threadId();
    for (int b = 0; b < 100_000; b++) {
      batches.next();
    }
    // The JVM itself may allocate now and then for a thread; a batch that did would each time.
    long leastCaller = Long.MAX_VALUE;
    long leastBackground = Long.MAX_VALUE;
    for (int window = 0; window < 8; window++) {
      long caller = threads.getCurrentThreadAllocatedBytes();
      long behind = threads.getThreadAllocatedBytes(background);
      for (int b = 0; b < 1_000; b++) {
        batches.next();
      }
      leastCaller = Math.min(leastCaller, threads.getCurrentThreadAllocatedBytes() - caller);
      leastBackground =
          Math.min(leastBackground, threads.getThreadAllocatedBytes(background) - behind);
    }
    assertEquals(0, leastCaller, "caller");
    assertEquals(0, leastBackground, "background");
  }

  @Test
  void refusesSizesBelowOne() {
    assertThrows(IllegalArgumentException.class, () -> Batches.inOrder(numbered(4), PLAIN, 0));
    assertThrows(IllegalArgumentException.class, () -> shuffled(numbered(4), 1, 1, -1));
  }

  @Test
  void shufflesAreEven() {
    // Each of 8 items at each of 8 places: 4,000 rounds give 500 ± 6 standard deviations of 21.
    int[][] counts = new int[8][8];
    Shuffle shuffle = new Shuffle(RandomKey.of(1, "test"), 8, Kernels.random());
    int[] items = new int[8];
    for (int round = 0; round < 4000; round++) {
      Arrays.setAll(items, i -> i);
      shuffle.shuffle(round, items);
      for (int i = 0; i < 8; i++) {
        counts[i][items[i]]++;
      }
    }
    for (int[] row : counts) {
      for (int count : row) {
        assertEquals(500, count, 126);
      }
    }
  }
}
