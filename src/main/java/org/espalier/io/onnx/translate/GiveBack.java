package org.espalier.io.onnx.translate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.io.AtomicFile;
import org.espalier.io.onnx.read.ElementType;
import org.espalier.io.onnx.read.OnnxModel;
import org.espalier.io.onnx.read.OnnxStorage;
import org.espalier.io.onnx.read.OnnxTensor;
import org.espalier.model.Graph;
import org.espalier.model.Parameter;
import org.espalier.tensor.Tensor;

/**
 * Writes somebody's ONNX file again with other weights: every byte stays as it is but those of the
 * weights.
 */
@Internal
public final class GiveBack {
  private GiveBack() {}

  /**
   * Writes a file like another, whole or not at all.
   *
   * @param like the file that a network was imported from
   * @param graph the network, of the same structure, its weights changed
   * @return how many weights were written
   * @throws InputException if the network isn't that of the file, if a weight that differs from the
   *     file's doesn't lie there in one piece as floats, or if files can't be read or written
   */
  public static int write(Path file, Path like, Graph graph) {
    OnnxModel model = OnnxModel.read(like);
    OnnxImport imported =
        OnnxImport.of(like.toString(), model.graph(), model.metadata(), ImportOptions.defaults());
    Set<String> known =
        imported.graph().parameters().stream().map(Parameter::name).collect(Collectors.toSet());
    for (Parameter p : graph.parameters()) {
      if (!known.contains(p.name())) {
        throw new InputException(
            like
                + ": has no place for "
                + p.name()
                + ", which the model has (a bias that correcting added?); export writes a new file"
                + " without --like");
      }
    }
    Map<Long, byte[]> pieces = new TreeMap<>();
    for (Parameter original : imported.graph().parameters()) {
      Tensor now = parameter(like, graph, original);
      OnnxImport.WeightOrigin origin = imported.weights().get(original.name());
      if (!same(original.value(), now)) {
        OnnxTensor tensor =
            origin == null ? null : model.graph().initializers().get(origin.tensor());
        if (origin == null
            || tensor == null
            || tensor.type() != ElementType.FLOAT
            || !(tensor.storage() instanceof OnnxStorage.InFile(long offset, long _))) {
          throw new InputException(
              like + ": " + original.name() + " doesn't lie there as floats in one piece");
        }
        byte[] bytes = bytes(now, origin.transposed());
        byte[] other = pieces.put(offset, bytes);
        if (other != null && !Arrays.equals(other, bytes)) {
          throw new InputException(
              like + ": " + origin.tensor() + " is shared by layers whose weights differ now");
        }
      }
    }
    try {
      byte[] content = Files.readAllBytes(like);
      pieces.forEach(
          (offset, bytes) ->
              System.arraycopy(bytes, 0, content, Math.toIntExact(offset), bytes.length));
      AtomicFile.write(file, out -> out.write(content));
    } catch (IOException e) {
      throw new InputException(like + ": can't be read: " + e.getMessage(), e);
    }
    return pieces.size();
  }

  private static Tensor parameter(Path like, Graph graph, Parameter original) {
    Tensor now;
    try {
      now = graph.parameter(original.name()).value();
    } catch (IllegalArgumentException e) {
      throw new InputException(like + ": the model has no " + original.name(), e);
    }
    if (!now.shape().equals(original.value().shape())) {
      throw InputException.expected(
          like + ", " + original.name(), "shape " + original.value().shape(), now.shape());
    }
    return now;
  }

  private static boolean same(Tensor x, Tensor y) {
    return Arrays.equals(x.toArray(), y.toArray());
  }

  private static byte[] bytes(Tensor weight, boolean transposed) {
    int rows = weight.rows();
    int cols = weight.cols();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(Math.multiplyExact(rows, cols), Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows * cols; i++) {
      bytes.putFloat(transposed ? weight.get(i % rows, i / rows) : weight.get(i / cols, i % cols));
    }
    return bytes.array();
  }
}
