package org.espalier.data;

import java.util.Arrays;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.RandomKey;

/**
 * Makes network input of images that are varied at random. What happens to an image is a pure
 * function of the key, the epoch and the image's index: of the first words of the stream (key,
 * epoch, index) number 0 gives the shift down, 1 the shift right, 2 whether it is mirrored, 3 and 4
 * the row and column of the middle of what is cut out. The image is mirrored after it is shifted.
 *
 * <p>One thread may use it; it allocates nothing after construction.
 */
final class Augmenter {
  private static final int WORDS = 5;
  private static final long UNSIGNED = 0xffffffffL;

  private final Examples.Inputs inputs;
  private final int rows;
  private final int height;
  private final int width;
  private final Augmentation augmentation;
  private final RandomKey key;
  private final RandomKernels random;
  private final int[] words = new int[WORDS];

  /** The standardised image, of which rows are copied: it is small enough to stay in the cache. */
  private final float[] image;

  Augmenter(
      Images images,
      Preprocessing preprocessing,
      Augmentation augmentation,
      RandomKey key,
      RandomKernels random) {
    this.inputs = images.inputs(preprocessing);
    this.height = images.shape().dim(1);
    this.width = images.shape().dim(2);
    this.rows = images.shape().dim(0) * height;
    this.augmentation = augmentation;
    this.key = key;
    this.random = random;
    this.image = new float[images.shape().size()];
  }

  /** Writes one example as it is shown in an epoch. */
  void write(long epoch, int example, float[] x, int xo) {
    random.words(key, epoch, example, WORDS, words, 0);
    inputs.write(example, image, 0);
    int pad = augmentation.pad();
    int down = below(0, 2 * pad + 1) - pad;
    int right = below(1, 2 * pad + 1) - pad;
    boolean mirrored = augmentation.flip() && words[2] < 0;
    for (int row = 0; row < rows; row++) {
      int y = row % height;
      int to = xo + row * width;
      if (y - down < 0 || y - down >= height) {
        Arrays.fill(x, to, to + width, 0);
      } else if (mirrored) {
        mirror((row - down) * width, right, x, to);
      } else {
        shift((row - down) * width, right, x, to);
      }
    }
    if (augmentation.cutout() > 0) {
      cutOut(x, xo);
    }
  }

  /** Returns a number from 0 to n − 1. */
  private int below(int word, int n) {
    return (int) (((words[word] & UNSIGNED) * n) >>> 32);
  }

  /** {@code x[j] = row[j − right]}, 0 where there is none. */
  private void shift(int from, int right, float[] x, int to) {
    int start = Math.clamp(right, 0, width);
    int end = Math.clamp(width + right, 0, width);
    Arrays.fill(x, to, to + start, 0);
    if (start < end) {
      System.arraycopy(image, from + start - right, x, to + start, end - start);
    }
    Arrays.fill(x, to + Math.max(start, end), to + width, 0);
  }

  /** {@code x[width − 1 − j] = row[j − right]}, 0 where there is none. */
  private void mirror(int from, int right, float[] x, int to) {
    int start = Math.clamp(-right, 0, width);
    int end = Math.clamp(width - right, 0, width);
    Arrays.fill(x, to, to + start, 0);
    int last = from + width - 1 - right;
    for (int j = start; j < end; j++) {
      x[to + j] = image[last - j];
    }
    Arrays.fill(x, to + Math.max(start, end), to + width, 0);
  }

  private void cutOut(float[] x, int xo) {
    int side = augmentation.cutout();
    int top = below(3, height) - side / 2;
    int left = below(4, width) - side / 2;
    int start = Math.max(left, 0);
    int end = Math.min(left + side, width);
    for (int row = 0; row < rows; row++) {
      int y = row % height;
      if (y >= top && y < top + side) {
        Arrays.fill(x, xo + row * width + start, xo + row * width + end, 0);
      }
    }
  }
}
