package org.espalier.io.onnx.read;

/** Where the elements of a tensor are. */
public sealed interface OnnxStorage {
  /**
   * In the file that was read, in one piece, as {@code raw_data}: little-endian, row by row.
   * Replacing these bytes changes the elements and nothing else.
   *
   * @param offset of the first byte from the beginning of the file
   * @param length in bytes
   */
  record InFile(long offset, long length) implements OnnxStorage {}

  /**
   * In the file that was read, in a field for their type, one by one, in one or more pieces.
   *
   * @param field its number
   * @param from where the tensor's message begins in the file
   * @param to where that ends
   */
  record Fields(int field, int from, int to) implements OnnxStorage {}

  /**
   * In another file.
   *
   * @param location its path, relative to the folder of the file that was read
   * @param offset of the first byte
   * @param length in bytes
   */
  record External(String location, long offset, long length) implements OnnxStorage {}

  /**
   * Most are 0, the others are listed.
   *
   * @param values the others, a vector
   * @param indices where they are: for each its place among all elements, or its indices in all
   *     dimensions; ascending
   */
  record Sparse(OnnxTensor values, OnnxTensor indices) implements OnnxStorage {}

  /** Nowhere: there are none. */
  record None() implements OnnxStorage {}
}
