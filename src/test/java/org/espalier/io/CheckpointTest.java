package org.espalier.io;

import static org.espalier.io.SampleModels.assertSameBits;
import static org.espalier.io.SampleModels.matrix;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() {
    file = folder.resolve("c.safetensors");
    Checkpoint.write(
        file,
        Map.of("w", matrix(3, 17, 0.5, 1), "w.momentum", matrix(3, 17, 0, 2)),
        Map.of("mask", new long[] {-1, 1L << 62, 0}),
        Map.of("step", "1200", "recipe", "{\"a\": [1]}"));
  }

  @Test
  void everyBitComesBack() {
    Checkpoint read = Checkpoint.read(file);
    assertEquals("1200", read.metadata("step"));
    assertEquals("{\"a\": [1]}", read.metadata().get("recipe"));
    Map<String, Tensor> state = Map.of("w", Tensor.zeros(3, 17), "w.momentum", matrix(3, 17, 0, 9));
    Map<String, long[]> memory = Map.of("mask", new long[3]);
    read.restore(state, memory);
    assertArrayEquals(new long[] {-1, 1L << 62, 0}, memory.get("mask"));
    assertSameBits(matrix(3, 17, 0.5, 1), state.get("w"), "w");
    assertSameBits(matrix(3, 17, 0, 2), state.get("w.momentum"), "momentum");
  }

  @Test
  void namesTheTensorThatDoesntFitAndCopiesNothing() {
    Checkpoint read = Checkpoint.read(file);
    Tensor w = Tensor.zeros(3, 17);
    assertEquals(
        file + ", tensor w.momentum: expected F32 [17, 3], found F32 [3, 17]",
        refusal(read, Map.of("w", w, "w.momentum", Tensor.zeros(17, 3))));
    assertEquals(
        file + ": expected tensor v, found none",
        refusal(read, Map.of("w", w, "w.momentum", Tensor.zeros(3, 17), "v", w)));
    assertEquals(
        file + ": expected no other tensors than the run has, found tensor w.momentum",
        refusal(read, Map.of("w", w)));
    InputException shorter =
        assertThrows(
            InputException.class,
            () ->
                read.restore(
                    Map.of("w", w, "w.momentum", Tensor.zeros(3, 17)),
                    Map.of("mask", new long[2])));
    assertEquals(file + ", tensor mask: expected I64 [2], found I64 [3]", shorter.getMessage());
    assertSameBits(Tensor.zeros(3, 17), w, "untouched");
  }

  private static String refusal(Checkpoint checkpoint, Map<String, Tensor> state) {
    return assertThrows(
            InputException.class, () -> checkpoint.restore(state, Map.of("mask", new long[3])))
        .getMessage();
  }

  @Test
  void refusesOtherTypes() {
    Safetensors.write(
        file,
        Map.of(),
        List.of(
            RawTensor.zeros("w", DType.F64, Shape.of(2, 2)),
            RawTensor.zeros("mask", DType.I64, Shape.of(3))));
    assertEquals(
        file + ", tensor w: expected F32 [2, 2], found F64 [2, 2]",
        refusal(Checkpoint.read(file), Map.of("w", Tensor.zeros(2, 2))));
  }

  @Test
  void saysWhichStringIsMissing() {
    assertEquals(
        file + ": expected metadata epoch, found none",
        assertThrows(InputException.class, () -> Checkpoint.read(file).metadata("epoch"))
            .getMessage());
  }
}
