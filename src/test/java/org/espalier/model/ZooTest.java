package org.espalier.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZooTest {
  private static final Shape CIFAR = Shape.of(3, 32, 32);
  private static final Shape IMAGENET = Shape.of(3, 224, 224);

  /**
   * Published numbers of trained parameters: He et al. 2016, table 6, in millions with two digits;
   * the targeted dropout paper; Zagoruyko and Komodakis 2016; and for ImageNet those of PyTorch's
   * model zoo.
   */
  @ParameterizedTest
  @CsvSource({
    "resnet20, 10, 0.27e6, 0.005e6",
    "resnet32, 10, 0.46e6, 0.005e6",
    "resnet56, 10, 0.85e6, 0.005e6",
    "resnet32-paper, 10, 1.857e6, 0.01e6",
    "wide-resnet, 10, 36.5e6, 0.05e6",
    "wide-resnet-40-4, 10, 8.9e6, 0.06e6",
  })
  void hasAsManyParametersAsPublishedForCifar(
      String name, int classes, double published, double off) {
    assertEquals(published, Zoo.named(name, CIFAR, classes).orElseThrow().parameterCount(), off);
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, 11689512",
    "resnet34, 21797672",
    "resnet50, 25557032",
    "resnet101, 44549160",
    "resnet152, 60192808",
    "vgg16, 138357544",
  })
  void hasAsManyParametersAsPublishedForImageNet(String name, long published) {
    assertEquals(published, Zoo.named(name, IMAGENET, 1000).orElseThrow().parameterCount());
  }

  /** LeCun et al. 1998 with whole connections: the well-known 61,706. */
  @Test
  void lenet5HasItsParameters() {
    Graph lenet = Zoo.named("lenet-5", Shape.of(1, 28, 28), 10).orElseThrow();
    assertEquals(61_706, lenet.parameterCount());
  }

  /** He et al. 2016: ResNet-50 takes 3.8 billion multiply-adds; stride in the 3 x 3 takes 4.1. */
  @Test
  void countsMultiplyAdds() {
    Graph resnet50 = Zoo.named("resnet50", IMAGENET, 1000).orElseThrow();
    assertEquals(4.1e9, resnet50.multiplyAdds(), 0.05e9);
    Graph resnet20 = Zoo.named("resnet20", CIFAR, 10).orElseThrow();
    assertEquals(40.8e6, resnet20.multiplyAdds(), 0.5e6);
  }

  @Test
  void everyNameGivesANetworkWithSoManyClasses() {
    for (String name : Zoo.names()) {
      Shape input = name.equals("lenet-5") ? Shape.of(1, 28, 28) : CIFAR;
      assertEquals(7, Zoo.named(name, input, 7).orElseThrow().outputShape().size(), name);
    }
    assertTrue(Zoo.named("resnet21", CIFAR, 10).isEmpty());
  }

  @Test
  void refusesDepthsThatDontExist() {
    assertThrows(IllegalArgumentException.class, () -> ResNet.cifar(CIFAR, 21, 10));
    assertThrows(IllegalArgumentException.class, () -> ResNet.wide(CIFAR, 27, 2, 10));
  }
}
