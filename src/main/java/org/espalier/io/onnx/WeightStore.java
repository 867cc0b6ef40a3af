package org.espalier.io.onnx;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.espalier.InputException;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Writes the weights of layers that compute with floats, each the smallest way that the options
 * allow: fp32; halves behind a {@code Cast}; or bytes with a scale for each row behind a {@code
 * DequantizeLinear}; all of its elements, or as a sparse initialiser those that aren't +0. Weights
 * that a narrow form holds to the bit are written so without being asked for.
 */
final class WeightStore {
  /** A sparse initialiser has the place of each element as an INT64. */
  private static final int INDEX_BYTES = Long.BYTES;

  /** What describes a sparse initialiser takes at most so much more. */
  private static final int SPARSE_BYTES = 40;

  /** The opset since which there are sparse initialisers. */
  private static final int SPARSE = 11;

  /** The opset since which {@code DequantizeLinear} takes a scale for each row. */
  private static final int SCALES_OF_ROWS = 13;

  private static final List<Precision> NARROW = List.of(Precision.INT8, Precision.FP16);

  private final OnnxGraph onnx;
  private final OnnxOptions options;

  private int weights;
  private int sparse;
  private int fp16;
  private int int8;

  WeightStore(OnnxGraph onnx, OnnxOptions options) {
    this.onnx = onnx;
    this.options = options;
  }

  /**
   * Writes a weight.
   *
   * @return the name of its floats
   * @throws InputException if it doesn't fit into the precision
   */
  String write(String name, Tensor weight, long... dims) {
    if (!options.narrows()) {
      weights++;
      return onnx.floats(name, weight.toArray(), dims);
    }
    Precision precision = precision(name, weight);
    IntArrayList places = places(precision, weight);
    boolean isSparse =
        options.sparse()
            && onnx.opset() >= SPARSE
            && SPARSE_BYTES + (long) places.size() * (INDEX_BYTES + precision.bytes())
                < (long) weight.size() * precision.bytes();
    IntArrayList stored = isSparse ? places : null;
    weights++;
    sparse += isSparse ? 1 : 0;
    return switch (precision) {
      case FP32 -> constant(name, OnnxType.FLOAT, precision, weight, stored, dims);
      case FP16 -> {
        fp16++;
        String halves = name + ".fp16";
        String narrow = constant(halves, OnnxType.FLOAT16, precision, weight, stored, dims);
        String floats = onnx.fresh(name);
        onnx.node(
            "Cast", floats, List.of(narrow), new Attribute.Whole("to", OnnxType.FLOAT.code()));
        yield floats;
      }
      case INT8 -> {
        int8++;
        String bytes = name + ".int8";
        String narrow = constant(bytes, OnnxType.INT8, precision, weight, stored, dims);
        String scale = onnx.floats(name + ".scale", scales(weight), weight.rows());
        yield dequantized(name, narrow, scale, dims);
      }
    };
  }

  /** Multiplies bytes with the scales of their rows. */
  private String dequantized(String name, String bytes, String scale, long... dims) {
    if (onnx.opset() >= SCALES_OF_ROWS) {
      String floats = onnx.fresh(name);
      onnx.node("DequantizeLinear", floats, List.of(bytes, scale), new Attribute.Whole("axis", 0));
      return floats;
    }
    String whole = onnx.fresh(name + ".whole");
    onnx.node("Cast", whole, List.of(bytes), new Attribute.Whole("to", OnnxType.FLOAT.code()));
    long[] column = new long[dims.length];
    Arrays.fill(column, 1);
    column[0] = dims[0];
    String factor = onnx.fresh(name + ".factor");
    onnx.node("Reshape", factor, List.of(scale, onnx.wholes(name + ".column", column)));
    String floats = onnx.fresh(name);
    onnx.node("Mul", floats, List.of(whole, factor));
    return floats;
  }

  /** Returns what has been written so far. */
  OnnxSummary summary(long bytes) {
    return new OnnxSummary(bytes, weights, sparse, fp16, int8);
  }

  private Precision precision(String name, Tensor weight) {
    if (options.weights() != Precision.FP32) {
      options.weights().round(name, weight); // throws if it does not fit
      return options.weights();
    }
    for (Precision narrow : NARROW) {
      if (isExact(narrow, name, weight)) {
        return narrow;
      }
    }
    return Precision.FP32;
  }

  private static boolean isExact(Precision precision, String name, Tensor weight) {
    try {
      Tensor rounded = precision.round(name, weight);
      for (int r = 0; r < weight.rows(); r++) {
        for (int c = 0; c < weight.cols(); c++) {
          if (bits(rounded.get(r, c)) != bits(weight.get(r, c))) {
            return false;
          }
        }
      }
      return true;
    } catch (InputException _) { // too large for it
      return false;
    }
  }

  private static int bits(float value) {
    return Float.floatToRawIntBits(value);
  }

  /** Returns the places of the elements that aren't +0 once stored, ascending; at least one. */
  private static IntArrayList places(Precision precision, Tensor weight) {
    IntArrayList places = new IntArrayList();
    for (int r = 0; r < weight.rows(); r++) {
      float scale = divisor(precision, weight, r);
      for (int c = 0; c < weight.cols(); c++) {
        if (precision.code(weight.get(r, c), scale) != 0) {
          places.add(r * weight.cols() + c);
        }
      }
    }
    if (places.isEmpty()) {
      places.add(0); // readers may not know what to do with nothing
    }
    return places;
  }

  /** Returns what an element of a row is divided by before it is stored. */
  private static float divisor(Precision precision, Tensor weight, int row) {
    return precision == Precision.INT8 ? precision.scale(weight, row) : 1;
  }

  private static float[] scales(Tensor weight) {
    float[] scales = new float[weight.rows()];
    for (int r = 0; r < scales.length; r++) {
      float scale = Precision.INT8.scale(weight, r);
      scales[r] = scale == 0 ? 1 : scale; // of a row of zeros
    }
    return scales;
  }

  private String constant(
      String name,
      OnnxType type,
      Precision precision,
      Tensor weight,
      @Nullable IntArrayList places,
      long... dims) {
    int count = places == null ? weight.size() : places.size();
    ByteBuffer raw =
        ByteBuffer.allocate(Math.multiplyExact(count, precision.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    int row = -1;
    float scale = 1;
    for (int i = 0; i < count; i++) {
      int place = places == null ? i : places.getInt(i);
      if (row != place / weight.cols()) {
        row = place / weight.cols();
        scale = divisor(precision, weight, row);
      }
      int code = precision.code(weight.get(row, place % weight.cols()), scale);
      switch (precision) {
        case FP32 -> raw.putInt(code);
        case FP16 -> raw.putShort((short) code);
        case INT8 -> raw.put((byte) code);
      }
    }
    return places == null
        ? onnx.constant(name, type, raw.array(), dims)
        : onnx.sparse(name, type, raw.array(), places, dims);
  }
}
