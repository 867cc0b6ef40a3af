package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.io.weights.ForeignWeights;
import org.espalier.io.weights.NameTable;
import org.espalier.model.Graph;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForeignWeightsTest {
  @TempDir Path folder;

  private Path file;

  /** A convolution from 1 to 2 channels, its normalisation, and a layer of 3 outputs. */
  private final Graph network =
      Graph.input(Shape.of(1, 2, 2))
          .conv("c", 2, 1, 1)
          .batchNorm("n")
          .globalAveragePool()
          .flatten()
          .linear("fc", 3)
          .build();

  private final List<RawTensor> tensors = new ArrayList<>();

  @BeforeEach
  void fill() {
    file = folder.resolve("w");
    add("c.weight", DType.F32, Shape.of(2, 1, 1, 1), 1, 2);
    add("n.weight", DType.F32, Shape.of(2), 3, 4);
    add("n.bias", DType.F32, Shape.of(2), 5, 6);
    add("n.running_mean", DType.F32, Shape.of(2), 7, 8);
    add("n.running_var", DType.F32, Shape.of(2), 9, 10);
    add("n.num_batches_tracked", DType.I64, Shape.of(), 11);
    add("fc.weight", DType.F32, Shape.of(3, 2), 1, -2, 3, -4, 5, -6);
    add("fc.bias", DType.F32, Shape.of(3), 12, 13, 14);
  }

  private void add(String name, DType type, Shape shape, double... values) {
    RawTensor t = RawTensor.zeros(name, type, shape);
    ByteBuffer to = t.buffer();
    for (double value : values) {
      switch (type) {
        case F32 -> to.putFloat((float) value);
        case F64 -> to.putDouble(value);
        case F16 -> to.putShort(Float.floatToFloat16((float) value));
        case BF16 -> to.putShort((short) (Float.floatToRawIntBits((float) value) >>> 16));
        case BOOL, U8, I8, F8_E5M2, F8_E4M3 -> to.put((byte) value);
        case I16, U16 -> to.putShort((short) value);
        case I32, U32 -> to.putInt((int) value);
        case I64, U64 -> to.putLong((long) value);
      }
    }
    tensors.add(t);
  }

  private void remove(String name) {
    assertTrue(tensors.removeIf(t -> t.name().equals(name)), name);
  }

  private void read(String prefix) {
    Safetensors.write(file, Map.of("format", "pt"), tensors);
    ForeignWeights.read(file, prefix).fill(network, NameTable.SAME);
  }

  private String refusal() {
    return assertThrows(InputException.class, () -> read(""))
        .getMessage()
        .replace(file.toString(), "W");
  }

  private void assertValues(String parameter, float... expected) {
    assertArrayEquals(expected, network.parameter(parameter).value().toArray());
  }

  /** All these numbers are exact in every type. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16", "F32", "F64"})
  void weightsOfEveryTypeBecomeFloats(DType type) {
    remove("fc.weight");
    add("fc.weight", type, Shape.of(3, 2), 0.5, -0.0, 96, -1.5, 0.03125, 3);
    read("");
    assertValues("fc.weight", 0.5f, -0f, 96, -1.5f, 0.03125f, 3);
    assertValues("c.weight", 1, 2);
    assertValues("n.running_var", 9, 10);
    assertValues("fc.bias", 12, 13, 14);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BOOL", "U8"})
  void prunedWeightsAreMultipliedWithTheirMask(DType mask) {
    remove("fc.weight");
    add("fc.weight_orig", DType.F32, Shape.of(3, 2), 1, -2, 3, -4, 5, -6);
    add("fc.weight_mask", mask, Shape.of(3, 2), 1, 0, 0, 1, 1, 0);
    read("");
    assertValues("fc.weight", 1, 0, 0, -4, 5, 0);
  }

  @Test
  void aMaskAloneIsNoWeight() {
    remove("fc.weight");
    add("fc.weight_mask", DType.F32, Shape.of(3, 2), 1, 0, 0, 1, 1, 0);
    assertEquals(
        "W: expected the tensors of the network, found 1 missing: fc.weight; 1 surplus:"
            + " fc.weight_mask",
        refusal());
  }

  @Test
  void aPrefixIsTakenAwayAndOthersAreLeftAside() {
    List<RawTensor> plain = List.copyOf(tensors);
    tensors.clear();
    plain.forEach(
        t -> tensors.add(new RawTensor("net." + t.name(), t.type(), t.shape(), t.bytes())));
    add("loss.weight", DType.F32, Shape.of(1), 1);
    read("net.");
    assertValues("c.weight", 1, 2);
    read("net");
    assertEquals(1, ForeignWeights.read(file, "net").others());
    String message = assertThrows(InputException.class, () -> read("module.")).getMessage();
    assertTrue(
        message.contains("expected tensors whose names begin with module., found loss.weight, "),
        message);
  }

  @Test
  void everythingThatDoesNotFitIsSaidAtOnce() {
    remove("c.weight");
    remove("n.bias");
    remove("fc.weight");
    remove("fc.bias");
    add("fc.weight", DType.F32, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    add("fc.bias", DType.I32, Shape.of(3), 1, 2, 3);
    add("head.weight", DType.F32, Shape.of(1), 1);
    assertEquals(
        "W: expected the tensors of the network, found 2 missing: c.weight, n.bias; 1 of another"
            + " shape: fc.weight [2, 3] instead of [3, 2]; 1 of no type of weights: fc.bias I32;"
            + " 1 surplus: head.weight",
        refusal());
  }

  /** A byte is a weight of no kind, only a mask. */
  @Test
  void bytesAreNoWeights() {
    remove("fc.bias");
    add("fc.bias", DType.U8, Shape.of(3), 1, 2, 3);
    assertTrue(refusal().endsWith("1 of no type of weights: fc.bias U8"), refusal());
  }

  @Test
  void longListsLeaveRoomForTheOthers() {
    for (int i = 0; i < 1000; i++) {
      add("surplus.of.a.long.name." + i, DType.F32, Shape.of(1), 1);
    }
    remove("fc.bias");
    assertTrue(refusal().contains("1 missing: fc.bias; 1000 surplus: surplus.of"), refusal());
    assertTrue(refusal().matches(".* and 9\\d\\d more"), refusal());
  }

  /** A fully connected layer may be written as a convolution over all of the maps. */
  @Test
  void aConvolutionMayBeAFullyConnectedLayerButNotTheOtherWayRound() {
    remove("fc.weight");
    add("fc.weight", DType.F32, Shape.of(3, 2, 1, 1), 1, -2, 3, -4, 5, -6);
    read("");
    assertValues("fc.weight", 1, -2, 3, -4, 5, -6);
    remove("c.weight");
    add("c.weight", DType.F32, Shape.of(2, 1), 1, 2);
    assertTrue(refusal().contains("c.weight [2, 1] instead of [2, 1, 1, 1]"), refusal());
  }

  @Test
  void numbersThatAreNoneAreRefusedByTheFileTheyCameFrom() {
    remove("fc.weight");
    add("fc.weight", DType.F64, Shape.of(3, 2), 1, 1e300, 3, 4, 5, 6);
    assertEquals(
        "W, tensor fc.weight: expected finite values, found Infinity at [0, 1]", refusal());
  }
}
