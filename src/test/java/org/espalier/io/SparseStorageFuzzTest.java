package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.util.stream.Stream;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.espalier.model.Graph;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The sparse forms of a weight of two rows and five columns, in a file that is right beside it. */
class SparseStorageFuzzTest {
  private static final long MOST_MEMORY = 16 << 20;
  private static final int ROWS = 2;
  private static final int COLS = 5;

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  @MethodSource("choices")
  @FuzzTest
  void weights(byte[] bytes) throws Exception {
    read(new Choices(bytes));
  }

  @Test
  void manyWeights() {
    Seeds.tryRandom(2000, this::weights);
  }

  /** Three values in the columns 0, 1 of the first row and 0 of the second, as CSR. */
  @Test
  void whatFitsIsTaken() throws Exception {
    assertTrue(read(new Choices(new byte[] {0})));
    assertTrue(read(new Choices(new byte[] {1})));
    assertTrue(read(new Choices(new byte[] {2})));
  }

  private static boolean read(Choices choose) throws Exception {
    byte[] sealed = Forgery.withFittingDigest(file(choose));
    return ParserLaw.holds(
        MOST_MEMORY,
        () -> {
          Graph graph = ModelFile.model(Safetensors.read("f", sealed)).graph();
          Tensor weight = graph.parameter("n1.weight").value();
          for (int r = 0; r < ROWS; r++) {
            for (int c = 0; c < weight.ld(); c++) {
              float value = weight.data()[weight.row(r) + c];
              assertTrue(c < COLS || value == 0, "padding holds " + value);
            }
          }
        });
  }

  private static byte[] file(Choices choose) {
    Tensors tensors = new Tensors();
    tensors.header.append("{\"__metadata__\":");
    String metadata =
        """
        {"format":"espalier-1","graph":"{\\"input\\":[5],\\"nodes\\":[{\\"name\\":\\"n1\\",\
        \\"input\\":\\"input\\",\\"operator\\":\\"linear\\",\\"inputs\\":5,\\"outputs\\":2}]}",\
        "preprocessing":"{\\"mean\\":0,\\"deviation\\":1}","classes":"[\\"a\\",\\"b\\"]",\
        "provenance":"{}","digest":"%s"}"""
            .formatted(Forgery.NO_DIGEST);
    tensors.header.append(metadata);
    tensors.add("n1.bias", DType.F32, "[2]", new byte[8]);
    int way = choose.below(3);
    int count = Math.clamp(choose.mostly(way == 0 ? 10 : 3, 8), 0, 1000);
    DType type = choose.oneIn(3) ? choose.oneOf(DType.F16, DType.I8, DType.F64) : DType.F32;
    byte[] values = choose.bytes(count * type.bytes());
    if (way == 0) {
      tensors.add("n1.weight", type, choose.oneIn(8) ? "[" + count + "]" : "[2,5]", values);
    } else {
      tensors.add("n1.weight.values", type, "[" + count + "]", values);
    }
    if (way == 1) {
      byte[] starts = {0, 2, 3};
      byte[] columns = {0, 1, 0};
      tensors.addIndices("n1.weight.crow_indices", starts, choose);
      tensors.addIndices("n1.weight.col_indices", columns, choose);
    } else if (way == 2) {
      byte[] mask = {0b0010_0011, 0};
      tensors.addIndices("n1.weight.bitmask", mask, choose);
    }
    if (type == DType.I8 || choose.oneIn(8)) {
      byte[] scales = choose.bytes(Math.clamp(choose.mostly(2, 8), 0, 100) * Float.BYTES);
      tensors.add(
          "n1.weight" + (choose.oneIn(2) ? ".scales" : "_scales"),
          DType.F32,
          "[" + scales.length / Float.BYTES + "]",
          scales);
    }
    return Forgery.file(tensors.header.append('}').toString(), tensors.data.toByteArray());
  }

  private static final class Tensors {
    private final StringBuilder header = new StringBuilder();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    private void add(String name, DType type, String shape, byte[] bytes) {
      header.append(
          ",\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%s,%s]}"
              .formatted(name, type, shape, data.size(), data.size() + bytes.length));
      data.writeBytes(bytes);
    }

    /** Adds bytes that are right but for what is decided, as numbers of some width. */
    private void addIndices(String name, byte[] right, Choices choose) {
      DType type = choose.oneIn(4) ? choose.oneOf(DType.U16, DType.I32, DType.I8) : DType.U8;
      byte[] bytes = new byte[right.length * type.bytes()];
      for (int i = 0; i < right.length; i++) {
        bytes[i * type.bytes()] = (byte) (choose.oneIn(4) ? choose.next() : right[i]);
        for (int b = 1; b < type.bytes(); b++) {
          bytes[i * type.bytes() + b] = (byte) (choose.oneIn(8) ? choose.next() : 0);
        }
      }
      add(name, type, "[" + right.length + "]", bytes);
    }
  }
}
