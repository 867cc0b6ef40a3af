package org.espalier.io.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Parameter;
import org.espalier.model.Zoo;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {
  @TempDir Path folder;

  /** As {@code state_dict()} of both collections says. */
  @ParameterizedTest
  @CsvSource({
    "TORCHVISION, resnet18, conv1.weight, conv1.weight",
    "TORCHVISION, resnet18, bn1.running_var, bn1.running_var",
    "TORCHVISION, resnet18, bn2_1_2.running_mean, layer1.0.bn2.running_mean",
    "TORCHVISION, resnet18, shortcut3_1.weight, layer2.0.downsample.0.weight",
    "TORCHVISION, resnet18, bnshortcut5_1.bias, layer4.0.downsample.1.bias",
    "TIMM, resnet50, conv4_6_3.weight, layer3.5.conv3.weight",
    "TIMM, resnet50, logits.bias, fc.bias",
    "TORCHVISION, resnet20, conv2_3_1.weight, layer1.2.conv1.weight",
    "TORCHVISION, vgg16, conv1_1.weight, features.0.weight",
    "TORCHVISION, vgg16, conv3_3.bias, features.14.bias",
    "TORCHVISION, vgg16, conv5_3.weight, features.28.weight",
    "TORCHVISION, vgg16, fc2.weight, classifier.3.weight",
    "TIMM, vgg16, fc1.weight, pre_logits.fc1.weight",
    "TIMM, vgg16, logits.weight, head.fc.weight",
  })
  void layersAreCalledAsThere(TorchNames names, String network, String ours, String theirs) {
    assertEquals(Optional.of(theirs), names.of(network).orElseThrow().theirs(ours));
  }

  /** ResNets of torchvision have so many tensors, those that count batches taken away. */
  @ParameterizedTest
  @CsvSource({"resnet18, 102", "resnet34, 182", "resnet50, 267", "vgg16, 32"})
  void everyParameterHasANameOfItsOwn(String network, int tensors) {
    Graph graph = Zoo.named(network, Shape.of(3, 64, 64), 2).orElseThrow();
    for (TorchNames collection : TorchNames.values()) {
      NameTable names = collection.of(network).orElseThrow();
      Set<String> theirs =
          graph.parameters().stream()
              .map(Parameter::name)
              .flatMap(ours -> names.theirs(ours).stream())
              .collect(Collectors.toSet());
      assertEquals(tensors, theirs.size());
    }
  }

  @Test
  void otherNetworksAreNotThere() {
    assertTrue(TorchNames.TIMM.of("resnet32-paper").isEmpty());
    assertTrue(TorchNames.TORCHVISION.of("lenet-5").isEmpty());
  }

  private NameFile file(String text) throws IOException {
    return NameFile.read(Files.writeString(folder.resolve("names"), text));
  }

  @Test
  void aFileNamesLayersAndParameters() throws IOException {
    NameFile names = file("# theirs ours\n\n  stem.0   fc1\r\nhead.w\tlogits.weight # tied\n");
    assertEquals(Optional.of("stem.0.bias"), names.theirs("fc1.bias"));
    assertEquals(Optional.of("head.w"), names.theirs("logits.weight"));
    assertEquals(Optional.of("logits.bias"), names.theirs("logits.bias"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a fc1\\nb | line 2: expected two names, theirs and ours, found 'b'
          a b c | line 1: expected two names, theirs and ours, found 'a b c'
          a fc1\\nb fc1 | line 2: expected each name once, found 'b fc1', one of which has been named before
          a fc1\\na fc2 | line 2: expected each name once, found 'a fc2', one of which has been named before
          a fc1\\nb fc9 | line 2: expected the name of a layer or parameter (fc1?), found fc9
          a relu1 | line 1: expected the name of a layer or parameter, found relu1
          """)
  void wrongLinesAreRefused(String text, String message) {
    Graph network = Zoo.mlp(Shape.of(2), 3, 4, 5);
    InputException refused =
        assertThrows(InputException.class, () -> file(text.replace("\\n", "\n")).check(network));
    assertEquals(folder.resolve("names") + ", " + message, refused.getMessage());
  }

  @Test
  void otherBytesAndLongFilesAreRefused() throws IOException {
    Path names = folder.resolve("names");
    Files.write(names, new byte[] {'a', ' ', (byte) 0xff});
    assertThrows(InputException.class, () -> NameFile.read(names));
    Files.writeString(names, "#".repeat((1 << 20) + 1));
    String message = assertThrows(InputException.class, () -> NameFile.read(names)).getMessage();
    assertTrue(message.endsWith("expected at most 1048576 bytes of names, found more"), message);
  }
}
