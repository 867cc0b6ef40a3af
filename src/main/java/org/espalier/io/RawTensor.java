package org.espalier.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.espalier.tensor.Shape;

/**
 * A tensor as it lies in a file.
 *
 * @param dtype type of an element
 * @param shape the extents
 * @param data the elements, little-endian, from position 0 to the limit
 */
record RawTensor(DType dtype, Shape shape, ByteBuffer data) {
  /** Checks that the data are as long as type and shape say. */
  RawTensor {
    if ((long) shape.size() * dtype.bytes() != data.remaining()) {
      throw new IllegalArgumentException(
          dtype + " " + shape + " can't take " + data.remaining() + " bytes");
    }
    data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns a tensor of whole numbers, each from 0 to what the type holds. */
  static RawTensor ofInts(DType dtype, int[] values) {
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int v : values) {
      switch (dtype) {
        case U8 -> data.put((byte) v);
        case U16 -> data.putShort((short) v);
        case I32 -> data.putInt(v);
        case F32 -> throw new IllegalArgumentException("F32 holds no whole numbers");
      }
    }
    return new RawTensor(dtype, Shape.of(values.length), data.flip());
  }

  /** Returns a tensor of floats. */
  static RawTensor ofFloats(Shape shape, float[] values) {
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new RawTensor(DType.F32, shape, data);
  }

  /** Returns the elements of a tensor of whole numbers. */
  int[] ints() {
    int[] values = new int[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case U8 -> data.get(i) & 0xff;
            case U16 -> data.getShort(2 * i) & 0xffff;
            case I32 -> data.getInt(4 * i);
            case F32 -> throw new IllegalArgumentException("F32 holds no whole numbers");
          };
    }
    return values;
  }

  /** Returns the elements of a tensor of floats. */
  float[] floats() {
    if (dtype != DType.F32) {
      throw new IllegalArgumentException(dtype + " holds no floats");
    }
    float[] values = new float[shape.size()];
    data.asFloatBuffer().get(values);
    return values;
  }
}
