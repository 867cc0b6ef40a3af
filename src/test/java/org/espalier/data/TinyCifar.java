package org.espalier.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Small datasets in the format of CIFAR-10 that a network can learn: each of the ten classes has a
 * wave of its own direction, frequency and colours, which each image shows at a phase of its own
 * and under noise.
 */
public final class TinyCifar {
  private static final int CLASSES = 10;
  private static final int SIDE = 32;
  private static final int FILES = 5;

  private TinyCifar() {}

  /**
   * Writes {@code data_batch_1.bin} to {@code data_batch_5.bin} and {@code test_batch.bin}. The
   * classes take turns, so that each file has all of them if there are five of each or more.
   *
   * @param dir an existing folder
   * @param trainPerClass training images of each class, at least one
   * @param testPerClass test images of each class, at least one
   * @param seed of the noise and the phases; the classes are the same for all seeds
   */
  public static void write(Path dir, int trainPerClass, int testPerClass, long seed)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    int images = CLASSES * trainPerClass;
    for (int f = 0; f < FILES; f++) {
      int from = images * f / FILES;
      int to = images * (f + 1) / FILES;
      Files.write(dir.resolve("data_batch_" + (f + 1) + ".bin"), records(from, to, random));
    }
    Files.write(dir.resolve("test_batch.bin"), records(0, CLASSES * testPerClass, random));
  }

  private static byte[] records(int from, int to, SplittableRandom random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = from; i < to; i++) {
      int label = i % CLASSES;
      out.write(label);
      double phase = random.nextDouble(2 * Math.PI);
      double angle = Math.PI * label / CLASSES;
      double frequency = label % 2 == 0 ? 0.5 : 0.9;
      for (int channel = 0; channel < 3; channel++) {
        double mean = 110 + 30 * Math.cos(label + 2 * Math.PI * channel / 3);
        for (int y = 0; y < SIDE; y++) {
          for (int x = 0; x < SIDE; x++) {
            double along = x * Math.cos(angle) + y * Math.sin(angle);
            double value =
                mean
                    + 45 * Math.sin(frequency * along + phase + channel)
                    + random.nextDouble(-40, 40);
            out.write((int) Math.clamp(Math.round(value), 0, 255));
          }
        }
      }
    }
    return out.toByteArray();
  }
}
