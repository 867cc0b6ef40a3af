package org.espalier.data;

/**
 * Random changes of training images that leave their class as it is. They come in the order of the
 * components. What they take away becomes 0 in the network's input, which is the training data's
 * mean of the channel.
 *
 * @param pad the image is framed by so many pixels of 0 on each side, and a window of the image's
 *     own size is cut out of that at a random place: it is moved by up to {@code pad} pixels in
 *     each direction
 * @param flip whether left and right are exchanged with probability 1/2
 * @param cutout side of a square that is set to 0, or 0 for none; its centre is any pixel, so that
 *     the image's border may cut it
 */
public record Augmentation(int pad, boolean flip, int cutout) {
  /** Images as they are. */
  public static final Augmentation NONE = new Augmentation(0, false, 0);

  /** Checks the numbers. */
  public Augmentation {
    if (pad < 0 || cutout < 0) {
      throw new IllegalArgumentException("pad " + pad + ", cutout " + cutout);
    }
  }
}
