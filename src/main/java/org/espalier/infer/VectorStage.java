package org.espalier.infer;

/**
 * What a plan computes on vectors, in one pass over them; immutable. Vectors lie in places, which
 * are numbered from 0; a stage may write where it reads, if it isn't a product.
 */
sealed interface VectorStage {
  /** Returns the place of what it reads. */
  int x();

  /** Returns the place of what it computes. */
  int y();

  /** The product with a weight, with a bias and perhaps a rectifier. */
  record Product(LinearStep layer, int x, int y) implements VectorStage {}

  /**
   * A rectifier that no layer has taken over.
   *
   * @param width elements of an example
   */
  record Rectifier(int width, int x, int y) implements VectorStage {}

  /**
   * The sum of two vectors; {@code y} is {@code x} where one of the two lies in its place.
   *
   * @param width elements of an example
   * @param other the place of the second
   */
  record Sum(int width, int x, int other, int y) implements VectorStage {}
}
