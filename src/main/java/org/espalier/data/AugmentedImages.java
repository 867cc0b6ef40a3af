package org.espalier.data;

import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.RandomKernels;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.RandomKey;

/**
 * Makes network input of images that are changed at random, each epoch otherwise. What happens to
 * an image is a pure function of key, epoch and the image's index: it takes the first words of the
 * stream (key, epoch, index), a number below n being {@code floor(word·n / 2^32)}:
 *
 * <ul>
 *   <li>words 0 and 1: row and column of the window in the framed image, below 2·pad + 1;
 *   <li>word 2: its highest bit says whether left and right are exchanged;
 *   <li>words 3 and 4: row and column of the centre of the square, which reaches from {@code centre
 *       − cutout/2} on, {@code cutout} pixels.
 * </ul>
 *
 * <p>For one thread.
 */
final class AugmentedImages implements Examples.Inputs {
  private static final int WORDS = 5;
  private static final long UNSIGNED = 0xffffffffL;

  private final byte[] bytes;
  private final Preprocessing.Channel[] channels;
  private final int height;
  private final int width;
  private final Augmentation augmentation;
  private final RandomKey key;
  private final RandomKernels random;
  private final int[] words = new int[WORDS];
  private long epoch;

  AugmentedImages(
      Images images,
      Preprocessing preprocessing,
      Augmentation augmentation,
      RandomKey key,
      RandomKernels random) {
    this.bytes = images.bytes();
    this.channels = images.channels(preprocessing);
    this.height = images.shape().dim(1);
    this.width = images.shape().dim(2);
    this.augmentation = augmentation;
    this.key = key;
    this.random = random;
  }

  /** Sets the epoch whose changes are made from now on. */
  void startEpoch(long number) {
    epoch = number;
  }

  @Override
  public void write(int example, float[] x, int xo) {
    random.words(key, epoch, example, WORDS, words, 0);
    int pad = augmentation.pad();
    int down = below(2 * pad + 1, words[0]) - pad;
    int right = below(2 * pad + 1, words[1]) - pad;
    boolean flip = augmentation.flip() && words[2] < 0;
    int plane = height * width;
    for (int c = 0; c < channels.length; c++) {
      int from = (example * channels.length + c) * plane;
      window(channels[c], from, down, right, x, xo + c * plane);
      if (flip) {
        flip(x, xo + c * plane);
      }
    }
    if (augmentation.cutout() > 0) {
      cutOut(below(height, words[3]), below(width, words[4]), x, xo);
    }
  }

  private static int below(int n, int word) {
    return (int) (((word & UNSIGNED) * n) >>> 32);
  }

  /** Writes one channel of the window that lies so far down and to the right of the image. */
  private void window(
      Preprocessing.Channel channel, int from, int down, int right, float[] x, int xo) {
    float scale = channel.scale();
    float shift = channel.shift();
    // Of the window's columns and rows, those that lie in the image.
    int left = Math.clamp(-(long) right, 0, width);
    int end = Math.clamp((long) width - right, left, width);
    int top = Math.clamp(-(long) down, 0, height);
    int bottom = Math.clamp((long) height - down, top, height);
    Arrays.fill(x, xo, xo + top * width, 0);
    for (int row = top; row < bottom; row++) {
      int to = xo + row * width;
      int source = from + (row + down) * width + left + right;
      Arrays.fill(x, to, to + left, 0);
      Kernels.vector().fromBytes(end - left, bytes, source, scale, shift, x, to + left);
      Arrays.fill(x, to + end, to + width, 0);
    }
    Arrays.fill(x, xo + bottom * width, xo + height * width, 0);
  }

  private void flip(float[] x, int xo) {
    for (int row = 0; row < height; row++) {
      int left = xo + row * width;
      for (int right = left + width - 1; left < right; left++, right--) {
        float value = x[left];
        x[left] = x[right];
        x[right] = value;
      }
    }
  }

  private void cutOut(int row, int column, float[] x, int xo) {
    int side = augmentation.cutout();
    int top = Math.max(row - side / 2, 0);
    int bottom = Math.clamp((long) row - side / 2 + side, 0, height);
    int left = Math.max(column - side / 2, 0);
    int end = Math.clamp((long) column - side / 2 + side, 0, width);
    for (int c = 0; c < channels.length; c++) {
      for (int r = top; r < bottom; r++) {
        int line = xo + (c * height + r) * width;
        Arrays.fill(x, line + left, line + end, 0);
      }
    }
  }
}
