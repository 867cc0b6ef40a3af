package org.espalier.tensor;

import org.espalier.Internal;

/**
 * How the feature maps of a batch lie in a tensor: sixteen images side by side, so that whatever is
 * done to one pixel of an image is done to sixteen at once, at any vector width, with aligned reads
 * and no case of its own at the image's edge. Image {@code i} is lane {@code i mod 16} of group
 * {@code i div 16}. A row of the tensor is one channel of one group, {@code [height][width][16]};
 * row {@code group·channels + channel}.
 *
 * <p>Between the rows one line of cache is left out where channels would otherwise lie a multiple
 * of 4 KiB apart and drive each other out of the near caches. Lanes of images that the batch
 * doesn't have may be read and written; what is in them means nothing.
 *
 * @param channels maps of an image
 * @param height rows of a map
 * @param width pixels of a row
 */
@Internal
public record Nchw16n(int channels, int height, int width) {
  /** Images side by side. */
  public static final int LANES = 16;

  /** Floats after which addresses share a place in the nearest cache. */
  private static final int PERIOD = 1024;

  /** Checks the extents. */
  public Nchw16n {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "feature maps of " + channels + " x " + height + " x " + width);
    }
    if (Footprint.product(channels, height, width) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "feature maps of "
              + channels
              + " x "
              + height
              + " x "
              + width
              + " have more than 2^31-1 elements");
    }
  }

  /** Returns the layout of examples of shape {@code [channels, height, width]}. */
  public static Nchw16n of(Shape shape) {
    if (shape.rank() != 3) {
      throw new IllegalArgumentException(
          "feature maps are [channels, height, width], not " + shape);
    }
    return new Nchw16n(shape.dim(0), shape.dim(1), shape.dim(2));
  }

  /** Returns the groups that so many images fill. */
  public static int groups(int images) {
    return Math.ceilDiv(images, LANES);
  }

  /** Returns how many of {@code images} are in a group, 1 to {@link #LANES}. */
  public static int lanes(int images, int group) {
    return Math.min(LANES, images - group * LANES);
  }

  /** Returns the pixels of a map. */
  public int pixels() {
    return height * width;
  }

  /** Returns the shape of one image. */
  public Shape shape() {
    return Shape.of(channels, height, width);
  }

  /** Returns the distance between the starts of consecutive rows of the tensor. */
  public int ld() {
    return Footprint.arrayLength(this, longLd());
  }

  private long longLd() {
    long length = (long) pixels() * LANES;
    return length % PERIOD == 0 ? length + LANES : length;
  }

  /**
   * Returns how many floats an array takes for so many images.
   *
   * @throws org.espalier.InputException if no array is that long
   */
  public int lengthOf(int images) {
    return Footprint.arrayLength(
        this, Footprint.product(groups(images), channels, longLd()) + Tensor.ALIGNED_START);
  }

  /** Returns a tensor of zeros for so many images. */
  public Tensor zeros(int images) {
    return over(images, new float[lengthOf(images)]);
  }

  /** Returns a tensor over an array that is at least {@link #lengthOf} long. */
  public Tensor over(int images, float[] data) {
    return Tensor.over(Shape.of(groups(images) * channels, pixels() * LANES), data, ld());
  }
}
