package org.espalier.data;

/**
 * How training images are varied, anew each time that they are shown. All of it happens to
 * standardised values, in which 0 is the channel's mean: what is padded or cut out becomes 0.
 *
 * @param pad the image is shifted by up to so many pixels in each direction, as if it were padded
 *     with zeros on all sides and a part of its size cut out at random; 0 for none
 * @param flip whether half of the images are mirrored, left to right
 * @param cutout side of a square of zeros, whose middle may be any pixel and of which what reaches
 *     over the border is lost; 0 for none (DeVries, Taylor: "Improved regularization of
 *     convolutional neural networks with cutout", 2017)
 */
public record Augmentation(int pad, boolean flip, int cutout) {
  /** Leaves images as they are. */
  public static final Augmentation NONE = new Augmentation(0, false, 0);

  /** Largest number of pixels, far above what makes sense. */
  private static final int LARGEST = 1 << 15;

  /** Checks the numbers. */
  public Augmentation {
    if (pad < 0 || pad > LARGEST || cutout < 0 || cutout > LARGEST) {
      throw new IllegalArgumentException("pad " + pad + ", cutout " + cutout);
    }
  }
}
