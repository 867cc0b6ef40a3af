package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Parameter;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose digest fits, made to do harm. */
class HostileModelTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("m.safetensors");
  }

  /** Writes a file of a graph's description with the tensors given. */
  private void write(String graph, List<RawTensor> tensors) {
    Safetensors.write(
        file,
        Map.of(
            "format", "espalier-1",
            "graph", graph,
            "preprocessing", "{\"mean\":0.5,\"deviation\":0.25}",
            "classes", "[\"a\"]",
            "provenance", "{}"),
        tensors);
  }

  private String refusal() {
    String message =
        assertThrows(
                InputException.class,
                () -> Plan.compile(ModelFile.read(file).graph(), PlanOptions.defaults()))
            .getMessage();
    return message.replace(file.toString(), "M");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void onlyFilesAreOpened() throws Exception {
    assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
    assertEquals("M: expected a file, found a pipe, socket or device", refusal());
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/dev/zero"));
    assertEquals("M: expected a file, found a pipe, socket or device", refusal());
    Files.delete(file);
    Files.createDirectory(file);
    assertEquals("M: expected a file, found a folder", refusal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [1,4,4] | "operator":"max_pool","kernel":2,"stride":2,"padding":2147483647 | a window of 2 x 2, stride 2 x 2, padding 2147483647 2147483647 2147483647 2147483647, dilation 1 x 1; at most 32768 each way
          [1,4,4] | "operator":"average_pool","kernel":65536,"stride":1,"padding":32768 | a window of 65536 x 65536, stride 1 x 1, padding 32768 32768 32768 32768, dilation 1 x 1; at most 32768 each way
          [1,4,4] | "operator":"max_pool","kernel":2147483647,"stride":1,"padding":1073741823 | a window of 2147483647 x 2147483647, stride 1 x 1, padding 1073741823 1073741823 1073741823 1073741823, dilation 1 x 1; at most 32768 each way
          [1,4,4] | "operator":"max_pool","kernel":2,"stride":2147483647,"padding":0 | a window of 2 x 2, stride 2147483647 x 2147483647, padding 0 0 0 0, dilation 1 x 1; at most 32768 each way
          [1,4,4] | "operator":"shortcut","outputs":2147483647,"stride":1 | shape [2147483647, 4, 4] has more than 2^31-1 elements
          [1,4,4] | "operator":"shortcut","outputs":1,"stride":65536 | shortcut with a stride of 65536; at most 32768
          [1,4,4] | "operator":"flatten","kernel":1 | expected no other field than [name, input, operator], found kernel
          """)
  void windowsThatOverflowAreRefused(String input, String operator, String reason) {
    write(
        "{\"input\":"
            + input
            + ",\"nodes\":[{\"name\":\"n\",\"input\":\"input\","
            + operator
            + "}]}",
        List.of());
    assertTrue(refusal().endsWith(": " + reason), refusal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          65536 | 65536 | 0 | a window of 65536 x 65536, stride 1 x 1, padding 0 0 0 0, dilation 1 x 1; at most 32768 each way
          32768 | 32768 | 32767 | conv2d over 2 channels, 32768 x 32768, has more than 2^31-1 weights for an output
          3 | 3 | 2147483647 | a window of 3 x 3, stride 1 x 1, padding 2147483647 2147483647 2147483647 2147483647, dilation 1 x 1; at most 32768 each way
          """)
  void convolutionsThatOverflowAreRefused(int height, int width, int padding, String reason) {
    write(
        "{\"input\":[2,4,4],\"nodes\":[{\"name\":\"n\",\"input\":\"input\",\"operator\":\"conv2d\","
            + "\"inputs\":2,\"outputs\":2,\"kernelHeight\":"
            + height
            + ",\"kernelWidth\":"
            + width
            + ",\"stride\":1,\"padding\":"
            + padding
            + ",\"groups\":1,\"bias\":false}]}",
        List.of(
            RawTensor.zeros("n.weight", DType.F32, height > 3 ? Shape.of(2, 0) : Shape.of(2, 18))));
    assertTrue(refusal().endsWith(": " + reason), refusal());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1,40000,40000]", "[1,32768,65535]"})
  void whatDoesNotFitIntoMemoryIsRefusedBeforeItIsAllocated(String input) {
    write(
        "{\"input\":"
            + input
            + ",\"nodes\":[{\"name\":\"p\",\"input\":\"input\",\"operator\":\"global_average_pool\"},"
            + "{\"name\":\"f\",\"input\":\"p\",\"operator\":\"flatten\"}]}",
        List.of());
    String message = refusal();
    assertTrue(
        message.matches(
            "the network: needs at least [\\d,.]+ MiB of memory \\(.*feature maps for 64 examples"
                + " [\\d,.]+ MiB\\); the JVM takes at most [\\d,.]+ MiB .*"),
        message);
  }

  @ParameterizedTest
  @EnumSource(SparseStorage.class)
  void numbersThatAreNoneAreRefusedWithTheirPlace(SparseStorage way) {
    Graph graph = Graph.input(Shape.of(3)).linear("fc", 2).build();
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (Precision precision : List.of(Precision.FP32, Precision.FP16)) {
        for (String tensor : List.of("fc.weight", "fc.bias")) {
          Tensor weight = Tensor.of(Shape.of(2, 3), 0, 1, 0, 0, 0, 2);
          Tensor bias = Tensor.of(Shape.of(2), 1, 2);
          (tensor.equals("fc.weight") ? weight : bias)
              .set(tensor.equals("fc.weight") ? 1 : 0, 1, bad);
          List<RawTensor> tensors = new ArrayList<>(way.encode("fc.weight", weight, precision));
          tensors.add(RawTensor.of("fc.bias", bias));
          write(GraphJson.write(graph), tensors);
          String place = tensor.equals("fc.weight") ? "[1, 1]" : "[1]";
          assertEquals(
              "M, tensor " + tensor + ": expected finite values, found " + bad + " at " + place,
              refusal());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-0.5, 1e-5, 'expected variances from 0, found -0.5 at [1]'",
    "0, 1e-300, 'expected a variance that with epsilon 1.0E-300 normalises, found 0.0 at [1]'"
  })
  void variancesThatCannotNormaliseAreRefused(float variance, double epsilon, String reason) {
    Graph graph = Graph.input(Shape.of(2, 1, 1)).batchNorm("bn", 0.9, epsilon).flatten().build();
    List<RawTensor> tensors = new ArrayList<>();
    for (Parameter p : graph.parameters()) {
      if (p.kind() == Parameter.Kind.VARIANCE) {
        p.value().fill(0.5f);
        p.value().set(0, 1, variance);
      }
      tensors.add(RawTensor.of(p.name(), p.value()));
    }
    write(GraphJson.write(graph), tensors);
    assertEquals("M, tensor bn.running_var: " + reason, refusal());
  }

  /** At that size whatever takes time with the square of it doesn't end. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void manyNodesAreReadCompiledAndRunInLinearTime(int rank) {
    int pairs = 15_000;
    Graph.Builder builder = Graph.input(rank == 1 ? Shape.of(1) : Shape.of(1, 1, 1));
    for (int i = 0; i < pairs; i++) {
      builder.relu().plus(Graph.INPUT);
    }
    Graph graph = builder.flatten().build();
    ModelFile.write(
        file, new Model(graph, new Preprocessing.Pixels(0, 1), List.of("sum"), Map.of()));
    float[] y = new float[2];
    Plan.compile(ModelFile.read(file).graph(), PlanOptions.defaults())
        .session()
        .run(2, new float[] {1, -1}, y);
    assertEquals(pairs + 1f, y[0]); // each adds 1
    assertEquals(-1f, y[1]); // each begins anew
  }

  /** What is asked first is whether a header follows: its length may begin like anything. */
  @Test
  void aModelIsNotTakenForWhatItsFirstBytesLookLike() {
    Graph graph = Graph.input(Shape.of(1)).relu().build();
    for (int more = 0; more < 1300; more += 64) {
      Map<String, String> provenance = Map.of("more", "x".repeat(more));
      ModelFile.write(
          file, new Model(graph, new Preprocessing.Pixels(0, 1), List.of("a"), provenance));
      assertEquals(provenance, ModelFile.read(file).provenance());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0808120770797463683a | an ONNX file
          504b03041400000008 | a zip archive
          80027d7100285805000000 | a Python pickle (PyTorch or scikit-learn?)
          894844460d0a1a0a00000000 | an HDF5 file (Keras?)
          1c00000054464c3314002000 | a TensorFlow Lite file
          76657273696f6e2068747470733a2f2f6769742d6c66732e6769746875622e636f6d2f737065632f76310a | a Git LFS pointer, whose content has yet to be fetched (git lfs pull)
          1f8b0808000000000003 | a gzip file, which has to be unpacked first
          0a3c21444f43545950452068746d6c3e3c68746d6c3e | an HTML page (of a download that went wrong?)
          934e554d50590100 | a NumPy file
          47475546030000000000000000 | a GGUF file
          89504e470d0a1a0a0000000d | an image
          '' | empty
          """)
  void filesOfOthersAreCalledWhatTheyAre(String bytes, String kind) throws IOException {
    Files.write(file, HexFormat.of().parseHex(bytes));
    String expected = "M: is " + kind + "; expected a model file of Espalier (safetensors)";
    assertEquals(expected, refusal());
    Files.write(file, Arrays.copyOf(HexFormat.of().parseHex(bytes), Math.max(600, bytes.length())));
    assertEquals(bytes.isEmpty() ? 1 : 0, refusal().equals(expected) ? 0 : 1);
  }

  /** A zip as torch.save writes it, and what it wrote before PyTorch 1.6. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "504b0304000008080000000000000000000000000000000000001000617263686976652f646174612e706b6c",
        "80028a0a6cfc9c46f9206aa850192e80024de9032e"
      })
  void checkpointsOfPyTorchComeWithTheLinesThatConvertThem(String bytes) throws IOException {
    Path checkpoint = file.resolveSibling("net.v2.pt");
    Files.write(checkpoint, HexFormat.of().parseHex(bytes));
    String message =
        assertThrows(InputException.class, () -> ModelFile.read(checkpoint)).getMessage();
    String path = checkpoint.toString();
    assertEquals(
        path
            + ": is a PyTorch checkpoint; expected a model file of Espalier (safetensors); convert"
            + " it: python -c \"import torch, safetensors.torch;"
            + " safetensors.torch.save_file(torch.load('"
            + path
            + "', map_location='cpu', weights_only=True), '"
            + path.replace(".pt", ".safetensors")
            + "')\"",
        message);
    Path quoted = file.resolveSibling("it's.pt");
    Files.write(quoted, HexFormat.of().parseHex(bytes));
    String other = assertThrows(InputException.class, () -> ModelFile.read(quoted)).getMessage();
    assertTrue(other.contains("torch.load('FILE.pt',"), other);
  }

  @Test
  void tensorsOfOthersAreListed() {
    Map<String, RawTensor> made = new HashMap<>();
    for (DType type : DType.values()) {
      RawTensor t = RawTensor.zeros("t." + type, type, Shape.of(2, 2));
      t.bytes()[0] = 1; // an element whose last byte is 0
      t.bytes()[2 * type.bytes() - 1] = (byte) 0x80; // −0, or a whole number that isn't 0
      made.put(t.name(), t);
    }
    Safetensors.write(file, Map.of("format", "pt"), List.copyOf(made.values()));
    TensorFile read = TensorFile.read(file).orElseThrow();
    assertEquals("pt", read.metadata().get("format"));
    assertEquals(DType.values().length, read.tensors().size());
    for (TensorFile.Entry entry : read.tensors()) {
      boolean isFloat = entry.type().name().matches("B?F\\d.*");
      assertEquals("t." + entry.type(), entry.name());
      assertEquals(isFloat ? 1 : 2, entry.nonZeros(), entry.name());
      assertEquals(4L * entry.type().bytes(), entry.bytes());
    }
    assertTrue(
        refusal().startsWith("M: is a safetensors file without a network inside"), refusal());
  }
}
