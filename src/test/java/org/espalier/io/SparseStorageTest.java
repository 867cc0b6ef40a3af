package org.espalier.io;

import static org.espalier.io.SampleModels.assertSameBits;
import static org.espalier.io.SampleModels.matrix;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.InputException;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SparseStorageTest {
  private static Map<String, RawTensor> encoded(SparseStorage way, Tensor t) {
    return encoded(way, t, Precision.FP32);
  }

  private static Map<String, RawTensor> encoded(SparseStorage way, Tensor t, Precision precision) {
    Map<String, RawTensor> tensors = new LinkedHashMap<>();
    way.encode("w", t, precision).forEach(raw -> tensors.put(raw.name(), raw));
    return tensors;
  }

  private static Tensor decoded(Map<String, RawTensor> tensors, Shape shape) {
    Tensor t = Tensor.zeros(shape);
    t.fill(7); // must not show through
    SparseStorage.Stored.find("f", tensors, "w", shape).decode(t);
    return t;
  }

  @ParameterizedTest
  @EnumSource(SparseStorage.class)
  void everyBitComesBack(SparseStorage way) {
    int[][] sizes = {{1, 1}, {1, 8}, {3, 3}, {7, 9}, {16, 16}, {300, 5}, {5, 300}, {2, 70_000}};
    for (int[] size : sizes) {
      for (double zeros : new double[] {0, 0.5, 0.95, 1}) {
        Tensor t = matrix(size[0], size[1], zeros, size[0] + size[1]);
        if (zeros == 1 && size[1] > 10_000 && way == SparseStorage.CSR) {
          continue; // see aSmallFileCantClaimALargeMatrix
        }
        assertSameBits(t, decoded(encoded(way, t), t.shape()), way + " " + t.shape() + " " + zeros);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SparseStorage.class)
  void takesTheBytesThatItSays(SparseStorage way) {
    for (int nnz : new int[] {0, 1, 255, 256, 65_535, 65_536, 70_000}) {
      for (int cols : new int[] {256, 257, 70_000}) {
        Tensor t = Tensor.zeros(Shape.of(300, cols));
        for (int i = 0; i < nnz; i++) {
          t.set(i / cols, i % cols, 1);
        }
        long bytes =
            way.encode("w", t, Precision.FP32).stream().mapToLong(raw -> raw.bytes().length).sum();
        assertEquals(
            way.dataBytes(300, cols, nnz, Precision.FP32),
            bytes,
            way + " " + nnz + " of 300x" + cols);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SparseStorage.class)
  void narrowValuesComeBackAsTheyWereRounded(SparseStorage way) {
    for (Precision precision : new Precision[] {Precision.FP16, Precision.INT8}) {
      for (int[] size : new int[][] {{1, 1}, {3, 3}, {7, 9}, {300, 5}, {5, 300}}) {
        Tensor t = Tensor.zeros(Shape.of(size[0], size[1]));
        SplittableRandom random = new SplittableRandom(size[0]);
        for (int i = 0; i < t.size(); i++) {
          float value = random.nextInt(2) == 0 ? 0 : (float) random.nextDouble(-3, 3);
          t.set(i / t.cols(), i % t.cols(), value);
        }
        Tensor rounded = precision.round("w", t);
        Map<String, RawTensor> tensors = encoded(way, rounded, precision);
        assertSameBits(rounded, decoded(tensors, t.shape()), way + " " + precision);
        long bytes = tensors.values().stream().mapToLong(raw -> raw.bytes().length).sum();
        long nnz = SparseStorage.countNonZeros(rounded);
        assertEquals(way.dataBytes(size[0], size[1], nnz, precision), bytes);
      }
    }
  }

  @Test
  void refusesScalesThatAreNone() {
    Tensor t = Tensor.of(Shape.of(2, 5), 0, 127, 0, 0, -2, 0, 0, 0, 0, 3);
    Tensor rounded = Precision.INT8.round("w", t);
    for (SparseStorage way : SparseStorage.values()) {
      Map<String, RawTensor> tensors = encoded(way, rounded, Precision.INT8);
      for (float scale : new float[] {Float.NaN, -1, Float.POSITIVE_INFINITY, 3e37f}) {
        tensors.get("w.scales").setFloat(1, scale);
        assertEquals(
            "f, tensor w.scales: expected scales from 0 to 2.6793887E36, found "
                + scale
                + " for row 1",
            refusal(tensors, t.shape()));
      }
      tensors.put("w.scales", RawTensor.zeros("w.scales", DType.F32, Shape.of(3)));
      assertEquals(
          "f, tensor w.scales: expected F32 [2], found F32 [3]", refusal(tensors, t.shape()));
      tensors.remove("w.scales");
      assertEquals("f: expected tensor w.scales, found none", refusal(tensors, t.shape()));
    }
  }

  @Test
  void refusesBytesThatNoRoundingGives() {
    Tensor t = Tensor.of(Shape.of(2, 5), 0, 127, 0, 0, -2, 0, 0, 0, 0, 3);
    for (SparseStorage way : SparseStorage.values()) {
      String values = way == SparseStorage.DENSE ? "w" : "w.values";
      Map<String, RawTensor> bytes = encoded(way, t, Precision.INT8);
      bytes.get(values).bytes()[1] = Byte.MIN_VALUE;
      assertEquals(
          "f, tensor " + values + ": expected whole numbers from -127 to 127, found -128",
          refusal(bytes, t.shape()));
    }
  }

  @Test
  void sizesAreThoseOfTheFormats() {
    assertEquals(4 * 235_200, SparseStorage.DENSE.dataBytes(300, 784, 100, Precision.FP32));
    assertEquals(
        4 * 100 + 235_200 / 8, SparseStorage.BITMASK.dataBytes(300, 784, 100, Precision.FP32));
    // 100 values and 2-byte columns (783 > 255), 301 1-byte starts (100 <= 255)
    assertEquals(6 * 100 + 301, SparseStorage.CSR.dataBytes(300, 784, 100, Precision.FP32));
    assertEquals(6 * 300 + 2 * 301, SparseStorage.CSR.dataBytes(300, 784, 300, Precision.FP32));
    assertEquals(
        5 * 70_000 + 4 * 3001, SparseStorage.CSR.dataBytes(3000, 256, 70_000, Precision.FP32));
    assertEquals(8 * 10 + 2, SparseStorage.CSR.dataBytes(1, 65_537, 10, Precision.FP32));
  }

  @Test
  void theSmallestWayWins() {
    // 300x784: bitmask from 3.2 % zeros on; CSR where 2·nnz + 602 < 29,400 bytes of mask.
    assertEquals(
        SparseStorage.DENSE, SparseStorage.smallest(withZeros(300, 784, 0.03), Precision.FP32));
    assertEquals(
        SparseStorage.BITMASK, SparseStorage.smallest(withZeros(300, 784, 0.035), Precision.FP32));
    assertEquals(
        SparseStorage.BITMASK, SparseStorage.smallest(withZeros(300, 784, 0.93), Precision.FP32));
    assertEquals(
        SparseStorage.CSR, SparseStorage.smallest(withZeros(300, 784, 0.945), Precision.FP32));
    // Entries in the header count: for 24 bytes fewer of data no second tensor is worth it.
    assertEquals(
        SparseStorage.DENSE, SparseStorage.smallest(withZeros(4, 8, 0.25), Precision.FP32));
  }

  @Test
  void ofEqualSizesTheSimplestWins() {
    // 32 columns: dense 4·32·r + 96; bitmask 4·nnz + 4·r + 192; equal with 31·r − 24 non-zeros.
    Tensor t = Tensor.zeros(Shape.of(10, 32));
    t.fill(1);
    for (int i = 0; i < 10 + 24; i++) {
      t.set(i / 32, i % 32, 0);
    }
    assertEquals(286, SparseStorage.countNonZeros(t));
    assertEquals(SparseStorage.DENSE, SparseStorage.smallest(t, Precision.FP32));
    t.set(9, 31, 0);
    assertEquals(SparseStorage.BITMASK, SparseStorage.smallest(t, Precision.FP32));
  }

  @Test
  void onlyPlusZeroIsLeftOut() {
    Tensor t = Tensor.of(Shape.of(1, 4), 0f, -0f, Float.NaN, 1f);
    assertEquals(3, SparseStorage.countNonZeros(t));
    assertEquals(3, encoded(SparseStorage.CSR, t).get("w.values").shape().size());
  }

  @Test
  void othersCanReadTheLayout(@TempDir Path folder) throws Exception {
    Tensor t = Tensor.of(Shape.of(2, 5), 0, 1.5f, 0, 0, -2, 0, 0, 0, 0, 3);
    List<RawTensor> tensors = new ArrayList<>(SparseStorage.BITMASK.encode("m", t, Precision.FP32));
    tensors.addAll(SparseStorage.CSR.encode("c", t, Precision.FP32));
    Path file = folder.resolve("f");
    Safetensors.write(file, Map.of(), tensors);
    PublishedFormat read = new PublishedFormat(java.nio.file.Files.readAllBytes(file));
    int[] values =
        Arrays.stream(new double[] {1.5, -2, 3})
            .mapToInt(v -> Float.floatToRawIntBits((float) v))
            .toArray();
    assertArrayEquals(values, PublishedFormat.bits(read.tensors.get("m.values")));
    assertArrayEquals(values, PublishedFormat.bits(read.tensors.get("c.values")));
    assertArrayEquals(
        new int[] {0b10010, 0b10}, PublishedFormat.indices(read.tensors.get("m.bitmask")));
    assertArrayEquals(
        new int[] {0, 2, 3}, PublishedFormat.indices(read.tensors.get("c.crow_indices")));
    assertArrayEquals(
        new int[] {1, 4, 4}, PublishedFormat.indices(read.tensors.get("c.col_indices")));
    assertEquals("U8", read.tensors.get("c.col_indices").dtype());
  }

  @Test
  void refusesIndicesThatLead() {
    Tensor t = Tensor.of(Shape.of(2, 5), 0, 1.5f, 0, 0, -2, 0, 0, 0, 0, 3);
    assertEquals(
        "f, tensor w.bitmask: expected 3 bits set, as there are values, none behind 10, found 5",
        refusal(SparseStorage.BITMASK, t, "w.bitmask", 0, 0b1110010));
    assertEquals(
        "f, tensor w.bitmask: expected 3 bits set, as there are values, none behind 10, found 3",
        refusal(SparseStorage.BITMASK, t, "w.bitmask", 1, 0b1000000));
    assertEquals(
        "f, tensor w.crow_indices: expected 0 to 3, found 1 to 3",
        refusal(SparseStorage.CSR, t, "w.crow_indices", 0, 1));
    assertEquals(
        "f, tensor w.crow_indices: expected 0 to 3, found 0 to 200",
        refusal(SparseStorage.CSR, t, "w.crow_indices", 2, 200));
    assertEquals(
        "f, tensor w.crow_indices: expected row 0 to end from 0 on, found 4",
        refusal(SparseStorage.CSR, t, "w.crow_indices", 1, 4));
    // 0, 2, 1, 3: row 1 would end before it starts, though all lie between the first and the last
    Tensor three = Tensor.of(Shape.of(3, 2), 1, 2, 0, 0, 0, 3);
    assertEquals(
        "f, tensor w.crow_indices: expected row 1 to end from 2 on, found 1",
        refusal(SparseStorage.CSR, three, "w.crow_indices", 2, 1));
    assertEquals(
        "f, tensor w.col_indices: expected ascending columns below 5 in row 0, found 1",
        refusal(SparseStorage.CSR, t, "w.col_indices", 1, 1));
    assertEquals(
        "f, tensor w.col_indices: expected ascending columns below 5 in row 1, found 5",
        refusal(SparseStorage.CSR, t, "w.col_indices", 2, 5));
  }

  private static String refusal(SparseStorage way, Tensor t, String name, int at, int value) {
    Map<String, RawTensor> tensors = encoded(way, t);
    tensors.get(name).bytes()[at] = (byte) value;
    return refusal(tensors, t.shape());
  }

  private static String refusal(Map<String, RawTensor> tensors, Shape shape) {
    return assertThrows(InputException.class, () -> decoded(tensors, shape)).getMessage();
  }

  @Test
  void refusesOtherTypesAndShapes() {
    Tensor t = Tensor.of(Shape.of(2, 5), 0, 1.5f, 0, 0, -2, 0, 0, 0, 0, 3);
    assertEquals(
        "f, tensor w: expected one of [F32, F16, I8] [5, 2], found F32 [2, 5]",
        refusal(encoded(SparseStorage.DENSE, t), Shape.of(5, 2)));
    assertEquals(
        "f, tensor w.bitmask: expected U8 [3], found U8 [2]",
        refusal(encoded(SparseStorage.BITMASK, t), Shape.of(4, 5)));
    assertEquals(
        "f, tensor w.crow_indices: expected one of [U8, U16, I32] [5], found U8 [3]",
        refusal(encoded(SparseStorage.CSR, t), Shape.of(4, 5)));
    assertEquals(
        "f, tensor w.values: expected at most 2 values, found 3",
        refusal(encoded(SparseStorage.CSR, t), Shape.of(2, 1)));
    Map<String, RawTensor> halves = encoded(SparseStorage.BITMASK, t);
    halves.put("w.values", RawTensor.zeros("w.values", DType.F64, Shape.of(3)));
    assertEquals(
        "f, tensor w.values: expected one of [F32, F16, I8] [3], found F64 [3]",
        refusal(halves, t.shape()));
    halves.remove("w.bitmask");
    assertEquals(
        "f: expected tensor w [2, 5] (or a sparse form of it), found none",
        refusal(halves, t.shape()));
  }

  @Test
  void aSmallFileCantClaimALargeMatrix() {
    Tensor empty = Tensor.zeros(Shape.of(1, 70_000));
    assertEquals(SparseStorage.BITMASK, SparseStorage.smallest(empty, Precision.FP32));
    assertEquals(
        "f, tensor w: expected at most 4096 times the 2 bytes stored, found [1, 70000]",
        refusal(encoded(SparseStorage.CSR, empty), empty.shape()));
    assertEquals(
        SparseStorage.CSR,
        SparseStorage.smallest(Tensor.zeros(Shape.of(300, 784)), Precision.FP32));
  }

  private static Tensor withZeros(int rows, int cols, double share) {
    Tensor t = Tensor.zeros(Shape.of(rows, cols));
    t.fill(1);
    for (int i = 0; i < Math.round(share * rows * cols); i++) {
      t.set(i / cols, i % cols, 0);
    }
    return t;
  }
}
