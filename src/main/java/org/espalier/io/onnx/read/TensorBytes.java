package org.espalier.io.onnx.read;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.espalier.InputException;

/** Brings the elements of a tensor into the form of {@code raw_data}, wherever they are. */
final class TensorBytes {
  private TensorBytes() {}

  static ByteBuffer of(OnnxTensor tensor) {
    ByteBuffer bytes =
        switch (tensor.storage()) {
          case OnnxStorage.InFile(long offset, long length) ->
              tensor.source().slice((int) offset, (int) (offset + length));
          case OnnxStorage.Fields fields -> fields(tensor, fields);
          case OnnxStorage.External external -> ExternalData.map(tensor, external);
          case OnnxStorage.Sparse sparse -> sparse(tensor, sparse);
          case OnnxStorage.None() -> ByteBuffer.allocate(0);
        };
    return bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer allocate(OnnxTensor tensor) {
    int bytesEach = Math.max(1, tensor.type().bits() / Byte.SIZE);
    tensor.requireMemory(bytesEach);
    long bytes = tensor.type().bytes(tensor.size());
    if (bytes > Integer.MAX_VALUE - 8) {
      throw InputException.expected(tensor.where(), "at most 2^31-9 bytes", bytes);
    }
    return ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer sparse(OnnxTensor tensor, OnnxStorage.Sparse sparse) {
    int[] places = SparsePlaces.of(tensor, sparse);
    int width = tensor.type().bits() / Byte.SIZE;
    if (width == 0) {
      throw InputException.expected(
          tensor.where(), "a dense tensor of " + tensor.type(), "a sparse");
    }
    ByteBuffer listed = sparse.values().bytes();
    ByteBuffer all = allocate(tensor);
    for (int i = 0; i < places.length; i++) {
      all.put(width * places[i], listed, width * i, width);
    }
    return all;
  }

  private static ByteBuffer fields(OnnxTensor tensor, OnnxStorage.Fields fields) {
    ByteBuffer all = allocate(tensor);
    WireReader in = new WireReader(tensor.source(), fields.from(), fields.to(), tensor.where());
    for (int number = in.next(); number != 0; number = in.next()) {
      if (number != fields.field()) {
        in.skip();
      } else if (number == ElementType.FLOATS || number == ElementType.DOUBLES) {
        WireReader piece = in.fixed(number == ElementType.FLOATS ? Float.BYTES : Double.BYTES);
        copy(tensor, piece, all);
      } else {
        for (WireReader piece = in.varints(); !piece.isEmpty(); ) {
          put(tensor, piece.varint(), all);
        }
      }
    }
    if (all.hasRemaining()) {
      throw InputException.expected(
          tensor.where(), all.limit() + " bytes of elements", all.position());
    }
    return all.flip();
  }

  private static void copy(OnnxTensor tensor, WireReader piece, ByteBuffer to) {
    requireRoom(tensor, piece.end() - piece.at(), to);
    to.put(tensor.source().slice(piece.at(), piece.end()));
  }

  private static void requireRoom(OnnxTensor tensor, int bytes, ByteBuffer to) {
    if (bytes > to.remaining()) {
      throw InputException.expected(tensor.where(), to.limit() + " bytes of elements", "more");
    }
  }

  /** Puts an element, or a byte of elements of less than 8 bits. */
  private static void put(OnnxTensor tensor, long number, ByteBuffer to) {
    int bits = Math.max(Byte.SIZE, tensor.type().bits());
    long above = bits == Long.SIZE ? 0 : number >> (bits - 1);
    if (above < -1 || above > 1) {
      throw InputException.expected(tensor.where(), "elements of " + bits + " bits", number);
    }
    requireRoom(tensor, bits / Byte.SIZE, to);
    switch (bits) {
      case Byte.SIZE -> to.put((byte) number);
      case Short.SIZE -> to.putShort((short) number);
      case Integer.SIZE -> to.putInt((int) number);
      default -> to.putLong(number);
    }
  }
}
