package org.espalier.data.binary;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Writes a small dataset in the format of CIFAR-10 that can be learnt: each class has a pattern of
 * coloured 8x8 squares, which is symmetric so that mirroring keeps it, an example is its class's
 * pattern, brighter or darker, with noise.
 */
public final class TinyCifar {
  /** Number of classes. */
  public static final int CLASSES = 10;

  private static final int SIDE = 32;
  private static final int CELL = 8;
  private static final int TRAIN_FILES = 5;

  private TinyCifar() {}

  /**
   * Writes {@code data_batch_1.bin} to {@code data_batch_5.bin} and {@code test_batch.bin}; the
   * labels go round, the examples of the training part are dealt out to the files in turn.
   */
  public static void write(Path dir, int trainPerClass, int testPerClass, long seed)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] patterns = new int[CLASSES][3 * (SIDE / CELL) * (SIDE / CELL)];
    for (int[] pattern : patterns) {
      for (int i = 0; i < pattern.length; i++) {
        pattern[i] = random.nextInt(40, 216);
      }
    }
    ByteArrayOutputStream[] files = new ByteArrayOutputStream[TRAIN_FILES + 1];
    for (int f = 0; f < files.length; f++) {
      files[f] = new ByteArrayOutputStream();
    }
    for (int i = 0; i < CLASSES * trainPerClass; i++) {
      int label = i % CLASSES;
      // Not i % 5, which would give each file two classes only.
      files[(i + i / CLASSES) % TRAIN_FILES].writeBytes(record(label, patterns[label], random));
    }
    for (int i = 0; i < CLASSES * testPerClass; i++) {
      files[TRAIN_FILES].writeBytes(record(i % CLASSES, patterns[i % CLASSES], random));
    }
    for (int f = 0; f < TRAIN_FILES; f++) {
      Files.write(dir.resolve("data_batch_" + (f + 1) + ".bin"), files[f].toByteArray());
    }
    Files.write(dir.resolve("test_batch.bin"), files[TRAIN_FILES].toByteArray());
  }

  private static byte[] record(int label, int[] pattern, SplittableRandom random) {
    byte[] record = new byte[1 + 3 * SIDE * SIDE];
    record[0] = (byte) label;
    int brighter = random.nextInt(-20, 21);
    for (int i = 1; i < record.length; i++) {
      int pixel = i - 1;
      int channel = pixel / (SIDE * SIDE);
      int y = pixel / SIDE % SIDE;
      int x = Math.min(pixel % SIDE, SIDE - 1 - pixel % SIDE);
      int cell = (channel * (SIDE / CELL) + y / CELL) * (SIDE / CELL) + x / CELL;
      int value = pattern[cell] + brighter + random.nextInt(-20, 21);
      record[i] = (byte) Math.clamp(value, 0, 255);
    }
    return record;
  }
}
