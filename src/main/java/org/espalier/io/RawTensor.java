package org.espalier.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * A tensor as a file holds it.
 *
 * @param name its name
 * @param type type of the elements
 * @param shape its shape
 * @param bytes the elements, little-endian, packed row by row
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose; nobody compares these
record RawTensor(String name, DType type, Shape shape, byte[] bytes) {
  RawTensor {
    if (bytes.length != (long) shape.size() * type.bytes()) {
      throw new IllegalArgumentException(
          name + ": " + bytes.length + " bytes for " + type + " " + shape);
    }
  }

  /** Returns a tensor of floats, bit for bit. */
  static RawTensor of(String name, Tensor t) {
    RawTensor stored = zeros(name, DType.F32, t.shape());
    FloatBuffer floats = stored.buffer().asFloatBuffer();
    for (int r = 0; r < t.rows(); r++) {
      floats.put(t.data(), t.row(r), t.cols());
    }
    return stored;
  }

  /** Returns a tensor of zeros, to be filled. */
  static RawTensor zeros(String name, DType type, Shape shape) {
    return new RawTensor(
        name, type, shape, new byte[Math.multiplyExact(shape.size(), type.bytes())]);
  }

  /** Returns the elements as a new view. */
  ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Copies the elements, floats, to a tensor of the same shape. */
  void copyTo(Tensor t) {
    FloatBuffer floats = buffer().asFloatBuffer();
    for (int r = 0; r < t.rows(); r++) {
      floats.get(t.data(), t.row(r), t.cols());
    }
  }

  /** Sets element {@code i} of a tensor of floats, bit for bit. */
  void setFloat(int i, float value) {
    buffer().putInt(Float.BYTES * i, Float.floatToRawIntBits(value));
  }

  /** Returns element {@code i} of a tensor of floats, bit for bit. */
  float getFloat(int i) {
    return Float.intBitsToFloat(buffer().getInt(Float.BYTES * i));
  }

  /** Sets element {@code i} of a tensor of type U8, U16 or I32. */
  void setIndex(int i, int index) {
    switch (type) {
      case U8 -> bytes[i] = (byte) index;
      case U16 -> buffer().putShort(Short.BYTES * i, (short) index);
      default -> buffer().putInt(Integer.BYTES * i, index);
    }
  }

  /** Returns element {@code i} of a tensor of type U8, U16 or I32. */
  int index(int i) {
    return switch (type) {
      case U8 -> bytes[i] & 0xff;
      case U16 -> buffer().getShort(Short.BYTES * i) & 0xffff;
      default -> buffer().getInt(Integer.BYTES * i);
    };
  }

  /** Returns type and shape, for messages. */
  String description() {
    return type + " " + shape;
  }
}
