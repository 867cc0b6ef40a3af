package org.espalier.io.onnx.read;

import java.util.Arrays;
import org.espalier.InputException;

/** Where the listed elements of a sparse tensor are. */
final class SparsePlaces {
  /** So large a tensor may always be, however few elements it lists. */
  private static final long SMALL = 1 << 24;

  /** Elements of a larger tensor for each that it lists: one without elements takes no memory. */
  private static final long MOST_EMPTY = 256;

  private SparsePlaces() {}

  /** Checks that there are as many indices as values. */
  static void check(Object where, OnnxTensor values, OnnxTensor indices, int rank) {
    long[] nnz = values.dims();
    long[] dims = indices.dims();
    boolean fits =
        nnz.length == 1
            && (dims.length == 1 || (dims.length == 2 && dims[1] == rank))
            && dims[0] == nnz[0]
            && indices.type() == ElementType.INT64;
    if (!fits) {
      throw InputException.expected(
          where,
          "values [n] and indices INT64 [n] or [n, " + rank + "]",
          values + " and " + indices);
    }
  }

  /**
   * Returns the place of each listed element among all.
   *
   * @throws InputException if they don't ascend or lie outside, or if it would be a large tensor of
   *     hardly any elements
   */
  static int[] of(OnnxTensor tensor, OnnxStorage.Sparse sparse) {
    long listed = sparse.values().size();
    if (tensor.size() > SMALL && tensor.size() / MOST_EMPTY > listed) {
      throw InputException.expected(
          tensor.where(), "at least one of " + MOST_EMPTY + " elements listed", listed);
    }
    long[] indices = sparse.indices().integers();
    long[] dims = tensor.dims();
    boolean isLinear = sparse.indices().dims().length == 1;
    int[] places = new int[(int) listed];
    int before = -1;
    for (int i = 0; i < places.length; i++) {
      long place = isLinear ? indices[i] : place(indices, i * dims.length, dims);
      if (place <= before || place >= tensor.size()) {
        String found = isLinear ? String.valueOf(indices[i]) : text(indices, i, dims.length);
        throw InputException.expected(
            tensor.where(), "indices that ascend and lie in " + tensor, found + " at " + i);
      }
      before = (int) place;
      places[i] = before;
    }
    return places;
  }

  private static String text(long[] indices, int i, int rank) {
    return Arrays.toString(Arrays.copyOfRange(indices, i * rank, (i + 1) * rank));
  }

  /** Returns the place among all elements of indices, or −1 if one lies outside. */
  private static long place(long[] indices, int from, long[] dims) {
    long place = 0;
    for (int d = 0; d < dims.length; d++) {
      long index = indices[from + d];
      if (index < 0 || index >= dims[d]) {
        return -1;
      }
      place = place * dims[d] + index;
    }
    return place;
  }
}
