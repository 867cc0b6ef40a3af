package org.espalier.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadPoolTest {
  /** More threads than pieces, and than any machine has processors, included. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64, 300})
  void everyPieceIsComputedOnce(int threads) {
    try (ThreadPool workers = new ThreadPool(threads)) {
      assertEquals(threads, workers.threads());
      for (int n = 0; n < 300; n += n < 5 ? 1 : 37) {
        AtomicIntegerArray calls = new AtomicIntegerArray(n);
        workers.run(n, calls::incrementAndGet);
        for (int i = 0; i < n; i++) {
          assertEquals(1, calls.get(i), "piece " + i + " of " + n);
        }
      }
    }
  }

  @Test
  void afterAFailureTheRestIsComputedAndTheFailureThrown() {
    try (ThreadPool workers = new ThreadPool(3)) {
      AtomicIntegerArray calls = new AtomicIntegerArray(10);
      var e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.run(
                      10,
                      i -> {
                        calls.incrementAndGet(i);
                        if (i == 4) {
                          throw new IllegalStateException("piece 4");
                        }
                      }));
      assertEquals("piece 4", e.getMessage());
      for (int i = 0; i < 10; i++) {
        assertEquals(1, calls.get(i));
      }
      workers.run(10, calls::incrementAndGet);
      assertEquals(2, calls.get(9), "the pool goes on");
    }
  }

  @Test
  void closingEndsTheThreads() throws Exception {
    ThreadPool workers = new ThreadPool(4);
    Set<Thread> helpers = helpers(workers);
    workers.close();
    workers.close();
    assertEnd(helpers);
    assertThrows(IllegalStateException.class, () -> workers.run(5, i -> {}));
  }

  @Test
  void theThreadsOfAnAbandonedPoolEnd() throws Exception {
    assertEnd(abandoned());
  }

  @Test
  void aPoolInUseStays() throws Exception {
    ThreadPool workers = new ThreadPool(3);
    Set<Thread> helpers = helpers(workers);
    for (int i = 0; i < 3; i++) {
      System.gc();
      workers.run(3, piece -> {});
    }
    helpers.forEach(helper -> assertTrue(helper.isAlive()));
    workers.close();
  }

  private static Set<Thread> abandoned() {
    return helpers(new ThreadPool(4));
  }

  /** Returns the pool's own threads: each piece waits until all threads have one. */
  private static Set<Thread> helpers(ThreadPool workers) {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(workers.threads());
    workers.run(
        workers.threads(),
        piece -> {
          threads.add(Thread.currentThread());
          all.countDown();
          try {
            all.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertTrue(threads.remove(Thread.currentThread()));
    assertEquals(workers.threads() - 1, threads.size());
    return threads;
  }

  private static void assertEnd(Set<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      for (int i = 0; i < 600 && thread.isAlive(); i++) {
        System.gc();
        thread.join(TimeUnit.MILLISECONDS.toMillis(100));
      }
      assertFalse(thread.isAlive(), thread.getName());
    }
  }
}
