package org.espalier.io;

import static org.espalier.io.SampleModels.assertSame;
import static org.espalier.io.SampleModels.perceptron;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.model.Column;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.model.TableFormat;
import org.espalier.model.Zoo;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("m.safetensors");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, 0.97, 1})
  void everyBitComesBack(double zeros) {
    Model model = perceptron(zeros, 3);
    ModelFile.write(file, model);
    assertSame(model, ModelFile.read(file), "zeros " + zeros);
  }

  @Test
  void theSameModelMakesTheSameFile() throws IOException {
    ModelFile.write(file, perceptron(0.9, 3));
    byte[] first = Files.readAllBytes(file);
    ModelFile.write(file, ModelFile.read(file));
    assertArrayEquals(first, Files.readAllBytes(file));
  }

  @Test
  void columnsComeBack() {
    Graph graph = Zoo.mlp(Shape.of(3), 4, 2);
    var columns =
        new Preprocessing.Columns(
            List.of(
                new Column.Numbers("length, \"mm\"", 0.1f, 1 / 3f),
                new Column.Numbers("Größe", -16_777_217f, 0x1p-60f),
                new Column.Numbers("", 0, Float.MAX_VALUE)));
    Model model = new Model(graph, columns, List.of("a", "b"), Map.of());
    ModelFile.write(file, model);
    assertSame(model, ModelFile.read(file), "columns");
    assertThrows(
        IllegalArgumentException.class,
        () -> new Model(Zoo.mlp(Shape.of(4), 2), columns, List.of("a", "b"), Map.of()));
  }

  @Test
  void columnsOfEveryKindComeBack() {
    var columns =
        new Preprocessing.Columns(
            List.of(
                new Column.Ignored("", "an index"),
                new Column.Numbers("time", 1.7e9 + 0.1, -3.5f, 86_400, 12),
                new Column.Categories("sex", List.of("", "male", "female \"?\"")),
                new Column.Label("kind")),
            new TableFormat(true, ",", ".", List.of("-", "n.d.")));
    Model model = new Model(Zoo.mlp(Shape.of(4), 4, 2), columns, List.of("a", "b"), Map.of());
    ModelFile.write(file, model);
    assertEquals(columns, ModelFile.read(file).preprocessing());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Model(Zoo.mlp(Shape.of(3), 2), columns, List.of("a", "b"), Map.of()));
  }

  @Test
  void columnsThatContradictThemselvesAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new Column.Categories("c", List.of("a", "a")));
    assertThrows(IllegalArgumentException.class, () -> new Column.Categories("c", List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> new Column.Numbers("n", Double.NaN, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Column.Numbers("n", 0, 0, 1, -1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Preprocessing.Columns(List.of(new Column.Label("a"), new Column.Label("b"))));
    assertThrows(IllegalArgumentException.class, () -> new TableFormat(true, ".", ".", List.of()));
  }

  @Test
  void channelsComeBack() {
    Graph graph = Zoo.mlp(Shape.of(3, 2, 2), 4, 2);
    var pixels =
        new Preprocessing.Pixels(
            List.of(
                new Preprocessing.Channel(0.4914f, 0.2470f),
                new Preprocessing.Channel(-16_777_217f, 0x1p-60f),
                new Preprocessing.Channel(0, Float.MAX_VALUE)));
    Model model = new Model(graph, pixels, List.of("a", "b"), Map.of());
    ModelFile.write(file, model);
    assertSame(model, ModelFile.read(file), "channels");
    assertEquals(pixels, ModelFile.read(file).preprocessing());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Model(Zoo.mlp(Shape.of(2, 2, 2), 2), pixels, List.of("a", "b"), Map.of()));
  }

  @Test
  void preprocessingComesBackWhateverItsDigits() {
    for (float f : new float[] {0.1f, 1 / 3f, Float.MIN_NORMAL, Float.MAX_VALUE, 16_777_217f}) {
      Model m = perceptron(0, 1);
      Model model =
          new Model(m.graph(), new Preprocessing.Pixels(-f, f), m.classes(), m.provenance());
      ModelFile.write(file, model);
      assertEquals(model.preprocessing(), ModelFile.read(file).preprocessing());
    }
  }

  @Test
  void theFileShrinksAsWeightsBecomeZero() throws IOException {
    Graph graph =
        Graph.input(Shape.of(1, 28, 28)).flatten().linear("fc1", 300).linear("out", 10).build();
    long before = Long.MAX_VALUE;
    int[] percents = {0, 10, 50, 90, 95, 99};
    long[] most = {960_000, 888_000, 518_000, 138_000, 85_000, 29_000};
    for (int p = 0; p < percents.length; p++) {
      Tensor w = graph.parameter("fc1.weight").value();
      for (int i = 0; i < w.size(); i++) {
        w.set(i / 784, i % 784, i % 100 < percents[p] ? 0 : i + 1);
      }
      ModelFile.write(
          file,
          new Model(
              graph,
              new Preprocessing.Pixels(0, 1),
              List.of("0 1 2 3 4 5 6 7 8 9".split(" ")),
              Map.of()));
      assertTrue(Files.size(file) < before, "at " + percents[p] + " %");
      assertTrue(Files.size(file) < most[p], Files.size(file) + " at " + percents[p] + " %");
      before = Files.size(file);
    }
  }

  @Test
  void tellsHowParametersLieInTheFile() {
    ModelFile.write(file, perceptron(0.97, 3));
    List<StoredTensor> stored = ModelFile.stored(file);
    Model model = perceptron(0.97, 3);
    assertEquals(
        List.of("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "logits.weight", "logits.bias"),
        stored.stream().map(StoredTensor::name).toList());
    assertEquals(
        List.of("csr", "dense", "bitmask", "dense", "dense", "dense"),
        stored.stream().map(StoredTensor::storage).toList());
    StoredTensor first = stored.getFirst();
    int nnz = 0;
    for (int bits : SampleModels.bits(model.graph().parameter("fc1.weight").value())) {
      nnz += bits != 0 ? 1 : 0;
    }
    assertEquals(
        new StoredTensor(
            "fc1.weight", Shape.of(100, 24), "csr", Precision.FP32, nnz, 5L * nnz + 101),
        first);
    assertEquals(
        new StoredTensor("fc2.bias", Shape.of(8), "dense", Precision.FP32, 0, 32), stored.get(3));
  }

  @Test
  void othersReadThePartsByName() throws IOException {
    Model model = perceptron(0.97, 3);
    ModelFile.write(file, model);
    PublishedFormat read = new PublishedFormat(Files.readAllBytes(file));
    assertEquals("espalier-1", read.metadata.get("format"));
    assertEquals(
        "{\"input\":[1,4,6],\"nodes\":["
            + "{\"name\":\"flatten1\",\"input\":\"input\",\"operator\":\"flatten\"},"
            + "{\"name\":\"fc1\",\"input\":\"flatten1\",\"operator\":\"linear\",\"inputs\":24,"
            + "\"outputs\":100},"
            + "{\"name\":\"relu1\",\"input\":\"fc1\",\"operator\":\"relu\"},"
            + "{\"name\":\"fc2\",\"input\":\"relu1\",\"operator\":\"linear\",\"inputs\":100,"
            + "\"outputs\":8},"
            + "{\"name\":\"relu2\",\"input\":\"fc2\",\"operator\":\"relu\"},"
            + "{\"name\":\"logits\",\"input\":\"relu2\",\"operator\":\"linear\",\"inputs\":8,"
            + "\"outputs\":3}]}",
        read.metadata.get("graph"));
    assertEquals("[\"shirt \\\"T\\\"\",\"Hose\\n\",\"靴 👢\"]", read.metadata.get("classes"));
    assertEquals(
        "{\"mean\":0.28604060411453247,\"deviation\":0.3530242443084717}",
        read.metadata.get("preprocessing"));
    assertEquals(
        "{\"empty\":\"\",\"recipe\":\"{\\\"epochs\\\": 3}\",\"seed\":\"7\"}",
        read.metadata.get("provenance"));
    assertEquals(List.of(3L, 8L), read.tensors.get("logits.weight").shape());
    assertArrayEquals(
        SampleModels.bits(model.graph().parameter("logits.weight").value()),
        PublishedFormat.bits(read.tensors.get("logits.weight")));
  }

  @Test
  void anyChangedByteIsRefusedOrChangesNothing() throws IOException {
    Model model = perceptron(0.97, 3);
    ModelFile.write(file, model);
    byte[] bytes = Files.readAllBytes(file);
    int refused = 0;
    for (int i = 0; i < bytes.length; i++) {
      byte right = bytes[i];
      bytes[i] ^= (byte) (1 << i % 8);
      try {
        assertSame(model, ModelFile.model(Safetensors.read("f", bytes)), "byte " + i);
      } catch (InputException e) {
        refused++;
      }
      bytes[i] = right;
    }
    // What may change: spaces behind the header into other white space.
    assertTrue(refused >= bytes.length - 64, refused + " of " + bytes.length);
  }

  @Test
  void saysThatTheContentIsDamaged() throws IOException {
    ModelFile.write(file, perceptron(0.97, 3));
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    String message =
        assertThrows(InputException.class, () -> Safetensors.read("f", bytes)).getMessage();
    assertTrue(
        message.matches("f: expected content with digest \\p{XDigit}{64}, found .*damaged.*"),
        message);
  }

  /** Writes a sound file with other metadata or tensors and returns why it is refused. */
  private String refusal(Consumer<Map<String, String>> metadata, Consumer<List<RawTensor>> data) {
    ModelFile.write(file, perceptron(0.97, 3));
    Safetensors content = Safetensors.read(file);
    Map<String, String> strings = new HashMap<>(content.metadata());
    metadata.accept(strings);
    List<RawTensor> tensors = new ArrayList<>(content.tensors().values());
    data.accept(tensors);
    Safetensors.write(file, strings, tensors);
    String message = assertThrows(InputException.class, () -> ModelFile.read(file)).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    return message.substring(file.toString().length());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          format | espalier-1 | espalier-2 | : is a safetensors file without a network inside, which can be inspected but not run; expected a model file of Espalier (metadata format: espalier-1), found format: espalier-2
          graph | "relu" | "gelu" | , metadata graph, nodes 2, operator: expected one of [linear, conv2d, batch_norm, relu, add, shortcut, max_pool, average_pool, global_average_pool, flatten, activation, binary,
          graph | "inputs":24 | "inputs":25 | , metadata graph, node fc1: linear takes a vector of 25, got [24] (flatten it first?)
          graph | "outputs":3 | "outputs":4 | , tensor logits.weight: expected one of [F32, F16, I8] [4, 8], found F32 [3, 8]
          graph | "inputs":24 | "inputs":0 | , metadata graph, nodes 1, inputs: expected a whole number from 1 to 2^31-1, found 0
          graph | "inputs":24 | "inputs":2147483647 | , metadata graph, node fc1: shape [100, 2147483647] has more than 2^31-1 elements
          graph | "inputs":24 | "inputs":24,"bias":1 | , metadata graph, nodes 1, bias: expected true or false, found 1
          graph | "inputs":24 | "inputs":24,"groups":1 | , metadata graph, nodes 1: expected no other field than [name, input, operator, inputs, outputs, bias], found groups
          graph | "input":"relu1" | "input":"relu2" | , metadata graph, node fc2: no node relu2; there are [flatten1, fc1, relu1]
          graph | "name":"relu2" | "name":"relu1" | , metadata graph, node relu1: node name 'relu1' is blank, reserved or taken
          graph | [1,4,6] | [1,5,6] | , metadata graph, node fc1: linear takes a vector of 24, got [30] (flatten it first?)
          graph | [1,4,6] | [65536,65536] | , metadata graph: shape [65536, 65536] has more than 2^31-1 elements
          graph | ]} | ] | , metadata graph: no valid JSON:
          preprocessing | 0.353 | -0.353 | , metadata preprocessing: preprocessing needs a finite mean and a deviation above 0
          preprocessing | 0.3530242443084717 | 1e-44 | , metadata preprocessing: preprocessing divides by a deviation that leaves finite numbers, not by 9.8E-45 with mean 0.2860406
          preprocessing | 0.28604060411453247 | 1e39 | , metadata preprocessing: preprocessing needs a finite mean and a deviation above 0, got Infinity, 0.35302424
          preprocessing | 0.28604060411453247 | 2e38 | , metadata preprocessing: preprocessing divides by a deviation that leaves finite numbers, not by 0.35302424 with mean 2.0E38
          graph | [1,4,6] | [] | , metadata graph, input: expected a size or more, found none
          graph | [1,4,6] | [1,4,0] | , metadata graph, input: expected a whole number from 1 to 2^31-1, found 0
          graph | {"input" | {"input":[24],"input" | , metadata graph: no valid JSON: Duplicate Object property "input"
          graph | "nodes":[ | "nodes":[[[[[[[[[[[[[[[[[[[[[[[ | , metadata graph: no valid JSON: Document nesting depth (
          graph | "inputs":24 | "inputs":1e400 | , metadata graph, nodes 1, inputs: expected a whole number from 1 to 2^31-1, found Infinity
          graph | "inputs":24 | "inputs":99999999999999999999 | , metadata graph: no valid JSON: Numeric value (99999999999999999999) out of range of
          preprocessing | "mean" | "meaning" | , metadata preprocessing: expected no other field than [mean, deviation], found meaning
          classes | "Hose\\n", | `` | , metadata: 2 class names for 3 outputs
          classes | "Hose\\n" | 5 | , metadata classes: expected a string, found 5
          provenance | "7" | 7 | , metadata provenance, seed: expected a string, found 7
          """)
  void refusesMetadataThatDontFit(String key, String from, String to, String message) {
    String found =
        refusal(
            strings -> {
              assertTrue(strings.get(key).contains(from), strings.get(key));
              strings.put(key, strings.get(key).replace(from, to));
            },
            data -> {});
    assertTrue(found.startsWith(message), found);
  }

  @Test
  void refusesTensorsThatDontFit() {
    assertEquals(
        ": expected only the tensors of the graph, found [fc3.weight]",
        refusal(m -> {}, t -> t.add(RawTensor.zeros("fc3.weight", DType.F32, Shape.of(1)))));
    assertEquals(
        ": expected tensor logits.bias [3] (or a sparse form of it), found none",
        refusal(m -> {}, t -> t.removeIf(raw -> raw.name().equals("logits.bias"))));
    assertEquals(
        ": expected metadata classes, found none", refusal(m -> m.remove("classes"), t -> {}));
  }

  @Test
  void refusesFilesOfOthers() {
    Checkpoint.write(file, Map.of("w", Tensor.zeros(2, 2)), Map.of(), Map.of());
    assertEquals(
        file
            + ": is a safetensors file without a network inside, which can be inspected but not"
            + " run; expected a model file of Espalier (metadata format: espalier-1), found format:"
            + " none",
        assertThrows(InputException.class, () -> ModelFile.read(file)).getMessage());
  }

  @Test
  void nothingIsLeftWhereNothingCouldBeWritten() throws IOException {
    Path missing = folder.resolve("none/m.safetensors");
    assertThrows(InputException.class, () -> ModelFile.write(missing, perceptron(0, 1)));
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void narrowWeightsAreReadAsTheyWereRounded(Precision precision, @TempDir Path folder)
      throws IOException {
    Model model = SampleModels.rounded(perceptron(0.9, 3), precision);
    Path file = folder.resolve("m");
    ModelFile.write(file, model, precision);
    SampleModels.assertSame(model, ModelFile.read(file), "read");
    assertEquals(precision, ModelFile.precision(file));
    Path again = folder.resolve("again");
    ModelFile.write(again, ModelFile.read(file), precision);
    assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again));
    for (StoredTensor t : ModelFile.stored(file)) {
      boolean isWeight = t.name().endsWith(".weight");
      assertEquals(isWeight ? precision : Precision.FP32, t.precision(), t.name());
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void writesNoWeightsThatAreNoNumbers(Precision precision, @TempDir Path folder) {
    Model model = SampleModels.rounded(perceptron(0.9, 3), Precision.FP32);
    model.graph().parameter("fc2.weight").value().set(1, 2, Float.NaN);
    Path file = folder.resolve("m");
    String message =
        assertThrows(InputException.class, () -> ModelFile.write(file, model, precision))
            .getMessage();
    assertEquals(
        file + ", tensor fc2.weight: expected finite values, found NaN at [1, 2]", message);
    assertFalse(Files.exists(file));
  }
}
